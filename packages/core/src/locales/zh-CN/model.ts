import type { MessageId } from '../../model/message.ts'
import type { MessageWords } from '../shape.ts'
import { times } from './phrases.ts'

export const modelMessages = {
  'model.recorded': {
    subject: [['模型调用：{provider} {model}', '模型调用：{model}', '模型调用'], '{durationMs}', ['{costUsd}', '{priceUnknown, select, other {价格未知}}']],
    lines: [],
    short: [['已调用 {provider} {model}', '已调用 {model}', '已调用模型'], ['{costUsd}', '{priceUnknown, select, other {价格未知}}'], '{who}'],
  },
  'model.failed': {
    subject: [
      ['模型调用失败：{provider} {model}', '模型调用失败：{model}', '模型调用失败：{provider}', '模型调用失败'],
      ['{errorClass}（{statusCode}）', '{errorClass}', '状态码 {statusCode}'],
      '{who}',
      times,
    ],
    lines: [[['{failure}。'], '{retries, plural, =0 {} other {客户端库又重试 # 次，均未成功。}}']],
    short: [
      ['{provider} {model} 调用失败', '{model} 调用失败', '{provider} 调用失败', '模型调用失败'],
      ['{errorClass}（{statusCode}）', '{errorClass}', '状态码 {statusCode}'],
      '{who}',
      times,
    ],
  },
  'model.slow': {
    subject: [['模型调用缓慢：{provider} {model}', '模型调用缓慢：{model}', '模型调用缓慢'], ['{durationMs}（上限 {limitMs}）', '{durationMs}'], '{who}', times],
    lines: [[['一次调用耗时 {durationMs}，上限为 {limitMs}。', '一次调用耗时 {durationMs}。', '一次调用耗时超过上限。']]],
    short: [['{provider} {model} 调用耗时 {durationMs}', '{model} 调用耗时 {durationMs}', '模型调用缓慢'], '{who}', times],
  },
  'model.hanging': {
    subject: [['模型调用无响应：{provider} {model}', '模型调用无响应：{model}', '模型调用无响应'], '已等待 {durationMs}', '{who}'],
    lines: [[['一次调用已 {durationMs} 未返回。', '一次调用尚未返回。'], '智能体正在等待。']],
    short: [['{provider} {model} 调用无响应', '{model} 调用无响应', '模型调用无响应'], '已等待 {durationMs}', '{who}'],
  },
  'model.empty': {
    subject: [['空回答：{provider} {model}', '空回答：{model}', '空回答'], '{who}', times],
    lines: [['模型的回答为空：没有文字，也没有要求调用工具。']],
    short: [['{provider} {model} 回答为空', '{model} 回答为空', '空回答'], '{who}', times],
  },
  'model.cut': {
    subject: [['回答被截断：{provider} {model}', '回答被截断：{model}', '回答被截断'], '{outputTokens, plural, other {# 个 token}}', '{who}', times],
    lines: [[['回答达到长度上限 {outputTokens, plural, other {# 个 token}}，就此中断。', '回答达到长度上限，就此中断。'], '其后的内容缺失。']],
    short: [['{provider} {model} 回答被截断', '{model} 回答被截断', '回答被截断'], '{who}', times],
  },
  'model.refused': {
    subject: [['模型拒绝回答：{provider} {model}', '模型拒绝回答：{model}', '模型拒绝回答'], '{who}', times],
    lines: [['模型拒绝回答，或回答被过滤；此为提供商的标注。']],
    short: [['{provider} {model} 拒绝回答', '{model} 拒绝回答', '模型拒绝回答'], '{who}', times],
  },
  'model.malformed': {
    subject: [['回答无法解析：{provider} {model}', '回答无法解析：{model}', '回答无法解析'], '{who}', times],
    lines: [['{form, select, call {模型要求调用工具，但参数不是有效的 JSON。} other {回答应为 JSON，但无法解析。}}']],
    short: [['{provider} {model} 的回答无法解析', '{model} 的回答无法解析', '回答无法解析'], '{form, select, call {工具参数} other {JSON}}', '{who}', times],
  },
  'model.repeating': {
    subject: [['回答陷入重复：{provider} {model}', '回答陷入重复：{model}', '回答陷入重复'], '{outputTokens, plural, other {# 个 token}}', '{who}', times],
    lines: [['回答末尾不断重复同样的内容。']],
    short: [['{provider} {model} 回答陷入重复', '{model} 回答陷入重复', '回答陷入重复'], '{who}', times],
  },
  'model.fallback': {
    subject: [['由其他模型作答：{provider} {model}', '由其他模型作答：{model}', '由其他模型作答'], '代替 {requestedModel}', '{who}', times],
    lines: [[['程序请求的是 {requestedModel}，作答的是 {model}。', '作答的模型不是所请求的模型。']]],
    short: [['{model} 代替 {requestedModel} 作答', '由其他模型作答'], '{who}', times],
  },
  'model.deprecated': {
    subject: [['正在使用已弃用的模型：{provider} {model}', '正在使用已弃用的模型：{model}', '正在使用已弃用的模型'], '{who}'],
    lines: [['该模型已被其厂商弃用，随时可能停止服务。']],
    short: [['已弃用的模型 {provider} {model}', '已弃用的模型 {model}', '正在使用已弃用的模型'], '{who}'],
  },
  'model.outage': {
    subject: [
      ['模型服务中断：{provider} {model}', '模型服务中断：{provider}', '模型服务中断：{model}', '模型服务中断'],
      '{errorClass}',
      ['{calls, number} 次调用中 {failedCalls, number} 次失败', '{failedCalls, number} 次调用失败'],
      '{sessions, plural, =0 {} other {# 个会话}}',
    ],
    lines: [
      [['{percent} 的调用失败：{calls, number} 次中有 {failedCalls, number} 次。', '{failedCalls, number} 次调用失败。'], '首次与末次失败相隔 {durationMs}。'],
      ['{victims, select, other {因此失败或受影响的会话：}}'],
      ['{victims}'],
      ['{moreVictims, plural, =0 {} other {另有 # 个}}'],
    ],
    short: [
      ['{provider} {model} 服务中断', '{provider} 服务中断', '{model} 服务中断', '模型服务中断'],
      '{errorClass}',
      ['{calls, number} 次调用中 {failedCalls, number} 次失败', '{failedCalls, number} 次调用失败'],
      '{sessions, plural, =0 {} other {# 个会话}}',
    ],
  },
  'model.expensive': {
    subject: [
      ['模型调用费用过高：{provider} {model}', '模型调用费用过高：{model}', '模型调用费用过高'],
      ['{costUsd}（上限 {limitUsd}）', '{costUsd}', '上限 {limitUsd}'],
      '{who}',
      times,
    ],
    lines: [[['单次调用花费 {costUsd}，上限为 {limitUsd}。', '单次调用花费 {costUsd}。', '单次调用花费超过 {limitUsd}。', '单次调用花费超过上限。']]],
    short: [['{provider} {model} 单次调用花费 {costUsd}', '{model} 单次调用花费 {costUsd}', '模型调用费用过高：{provider} {model}', '模型调用费用过高：{model}', '模型调用费用过高'], '上限 {limitUsd}', '{who}', times],
  },
} satisfies Partial<Record<MessageId, MessageWords>>
