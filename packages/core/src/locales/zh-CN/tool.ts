import type { MessageId } from '../../model/message.ts'
import type { MessageWords } from '../shape.ts'
import { times } from './phrases.ts'

const soFar = '该会话目前已花费 {costUsd}。'

export const toolMessages = {
  'tool.failed': {
    subject: [['工具失败：{tool}', '工具失败'], ['{errorClass}（{statusCode}）', '{errorClass}'], '{who}', times],
    lines: [['{failure}。']],
    short: [['工具 {tool} 失败', '工具失败'], ['{errorClass}（{statusCode}）', '{errorClass}'], '{who}', times],
  },
  'tool.failing': {
    subject: [['工具持续失败：{tool}', '工具持续失败'], '{failures, plural, =0 {} other {连续 # 次}}', ['{errorClass}（{statusCode}）', '{errorClass}'], '{who}'],
    lines: [[['自 {sinceAt} 起，最近 {failures} 次调用全部失败。', '最近 {failures} 次调用全部失败。', '最近的调用全部失败。'], '最后一次：{failure}。']],
    short: [['工具 {tool} 持续失败', '工具持续失败'], '{failures, plural, =0 {} other {连续 # 次}}', ['{errorClass}（{statusCode}）', '{errorClass}'], '{who}'],
  },
  'tool.repeated': {
    subject: [['反复发起同一调用：{tool}', '反复发起同一工具调用'], '{repeatedTimes, plural, =0 {} other {连续 # 次}}', '目前 {costUsd}', '{who}'],
    lines: [[['工具 {tool} 以相同参数连续调用了 {repeatedTimes} 次。', '工具 {tool} 以相同参数反复调用。', '某个工具以相同参数反复调用。'], soFar]],
    short: [['工具 {tool} 反复调用', '工具反复调用'], '{repeatedTimes, plural, =0 {} other {# 次}}', '目前 {costUsd}', '{who}'],
  },
  'session.run-away': {
    subject: [['会话失控：{who}', '会话失控'], '{calls, plural, =0 {} other {# 次调用}}', '{durationMs}', '目前 {costUsd}'],
    lines: [
      [
        [
          '它以相同参数轮流调用 {turnTools}，目前共 {turnTimes} 次。',
          '智能体嵌套已达 {depth} 层，上限为 {depthMax} 层。',
          '它已发起 {calls} 次调用，上限为 {callsMax} 次。',
          '它发起的调用超过了上限。',
        ],
        soFar,
      ],
    ],
    short: [['{who} 失控', '会话失控'], '{calls, plural, =0 {} other {# 次调用}}', '{durationMs}', '目前 {costUsd}'],
  },
  'session.ping-pong': {
    subject: [['智能体来回移交：{relayAgents}', '智能体来回移交'], '{relayTimes, plural, =0 {} other {# 次}}', '目前 {costUsd}'],
    lines: [[['{relayAgents} 互相移交了 {relayTimes} 次，谁也没有完成。', '两个智能体反复互相移交。'], soFar]],
    short: [['{relayAgents} 来回移交', '智能体来回移交'], '{relayTimes, plural, =0 {} other {# 次}}', '目前 {costUsd}'],
  },
  'approval.waiting': {
    subject: [['需要审批：{what}', '需要审批'], '{who}'],
    lines: [[['{who} 正在等待批准 {what}。', '{who} 正在等待审批。', '某个会话正在等待批准 {what}。', '某个会话正在等待审批。']]],
    short: [['需要审批：{what}', '需要审批'], '{who}'],
  },
  'guardrail.tripped': {
    subject: [['触发护栏：{guardrail}', '触发护栏'], '{who}', times],
    lines: [[['护栏 {guardrail} 拦下了 {who}。', '护栏 {guardrail} 拦下了智能体。', '护栏拦下了 {who}。', '护栏拦下了智能体。']]],
    short: [['护栏 {guardrail} 被触发', '护栏被触发'], '{who}', times],
  },
} satisfies Partial<Record<MessageId, MessageWords>>
