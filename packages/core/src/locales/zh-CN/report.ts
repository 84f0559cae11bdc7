import type { MessageId } from '../../model/message.ts'
import type { MessageWords, ReportWordName } from '../shape.ts'
import type { Phrase } from '../phrase.ts'
import { unpriced } from './phrases.ts'

const failed = '{failedSessions, plural, =0 {} other {{sessions, plural, other {# 个会话}}中 # 个失败}}'
const told = '{told, plural, =0 {} other {发给你 # 条消息}}'
const spent = ['{costUsd}（{changePercent}）', '{costUsd}'] as const
const quiet = '{isQuiet, select, other {平静}}'
const body = [
  ['{isQuiet, select, other {平静：没有发生任何事。}}', '{watchedRules, plural, =0 {} other {# 条规则在监视。}}', '{watchedBudgets, plural, =0 {} other {# 个预算在监视。}}', '{watchedChannels, plural, =0 {} other {# 个渠道待命。}}'],
  [['花费：{costUsd}，与上期相比 {changeUsd}（{changePercent}）。', '花费：{costUsd}，与上期相比 {changeUsd}。', '花费：{costUsd}。'], unpriced],
  ['{sessions, plural, =0 {没有会话。} other {# 个会话，其中 {failedSessions, number} 个失败。}}', '{failedCalls, plural, =0 {没有失败的调用。} other {# 次调用失败。}}'],
  ['调用自 {sinceAt} 起计：此前的记录已不再保留。'],
  ['{told, plural, =0 {没有发给你消息。} other {发给你 # 条消息。}}'],
] as const

export const reportMessages = {
  'report.day': { subject: [['{fromDay}报告', '日报'], quiet, spent, failed], lines: body, short: [['{fromDay}报告', '日报'], quiet, spent, failed, told] },
  'report.week': { subject: [['{fromDay} 至 {lastDay}报告', '周报'], quiet, spent, failed], lines: body, short: [['{fromDay} 至 {lastDay}报告', '周报'], quiet, spent, failed, told] },
} satisfies Partial<Record<MessageId, MessageWords>>

export const reportWords: Readonly<Record<ReportWordName, Phrase>> = {
  agents: '按智能体的花费',
  models: '按模型的花费',
  budgets: '预算',
  sessions: '会话',
  failures: '按原因的失败',
  told: '消息',
  rules: '通知最多的规则',
  channels: '渠道',
  agent: '智能体',
  model: '模型',
  budget: '预算',
  outcome: '结果',
  cause: '原因',
  rule: '规则',
  channel: '渠道',
  what: '结果',
  calls: '调用',
  spent: '花费',
  amount: '金额',
  used: '已用',
  share: '占比',
  count: '次数',
  alerts: '告警',
  messages: '消息',
  you: '你',
  everybody: '全部',
  state: '状态',
  noAgent: '（无智能体）',
  noModel: '（无模型）',
  rest: '{names, plural, other {其余 # 个}}',
  restCauses: '其他原因',
  running: '仍在运行',
  success: '成功',
  fail: '失败',
  indeterminate: '无声结束',
  perPeriod: '{name}，每{period}',
  highestOf: '{name}，每{period}，{groups, plural, other {# 组}}中最高',
  causeOf: ['{provider} {name}：{class}', '{name}：{class}', '{provider}：{class}', '{class}'],
  first: '{count, plural, other {# 个失败的会话始于{cause}。}}',
  sent: '已发送',
  held: '暂缓',
  merged: '与其他合并',
  limited: '超出上限，已汇总',
  silenced: '已静默',
  refused: '未通知',
  lost: '失败',
  paused: ['自 {since} 起暂停', '已暂停'],
  failing: ['自 {since} 起失败', '失败中'],
  failed: '{messages, plural, other {# 条消息未送达}}',
  mostly: ['{rule}：{alerts, number} 条告警中 {count, number} 条关于 {key}。', '{rule}：{alerts, number} 条告警中 {count, number} 条关于同一事物。'],
  ofRule: '{rule}：{count, plural, other {# 条告警。}}',
  suggestCount: ['如要减少，请调高 {setting}，现为 {now}。', '如要减少，请调高 {setting}。'],
  suggestAfter: ['如要减少，请调高 {setting}，现为 {now}。', '如要减少，请调高 {setting}。'],
  suggestQuiet: ['反复结束又触发：请调高 {setting}，现为 {now}。', '反复结束又触发：请调高 {setting}。'],
  suggestGroup: '如要合并通知，请设置 {setting}，例如 [agent]。',
  suggestDigest: '如要每天汇总一次，请设置 {setting}，例如 daily: "09:00"。',
  suggestOff: '仅供参考：{setting}: false 可将其关闭。',
}
