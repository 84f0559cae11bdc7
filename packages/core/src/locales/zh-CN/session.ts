import type { MessageId } from '../../model/message.ts'
import type { MessageWords } from '../shape.ts'
import { who } from './phrases.ts'

export const sessionMessages = {
  'session.started': {
    subject: [who('会话开始'), '{environment}', 'Node {node}', '提交 {gitCommit}', '主机 {host}'],
    lines: [],
    short: [['{who} 已开始', '会话已开始'], 'Node {node}', '提交 {gitCommit}', '主机 {host}'],
  },
  'session.ended': {
    subject: [who('会话结束'), '{endState}', '{durationMs}', '{costUsd}'],
    lines: [['给出的原因：{endReason}']],
    short: [['{who} 已结束', '会话已结束'], '{endState}', '{durationMs}', '{costUsd}'],
  },
  'session.failed': {
    subject: [
      who('会话失败'),
      ['工具 {causeTool} {causeClass}', '{causeProvider} {causeClass}', '{causeClass}', '{endedShort}'],
      '{costUsd}',
    ],
    lines: [
      [
        ['停在第 {causeStep} 步：{failure}。', '已停止：{failure}。', '{ended}。', '没有记录到失败的调用。'],
        '该调用共失败 {failedTimes} 次。',
        ['此后另有 {spread} 步失败：{spreadNames}。', '此后另有 {spread} 步失败。', '此后另有一步失败：{spreadName}。'],
        '工具 {beforeTool} 以相同参数连续调用了 {beforeTimes} 次。',
      ],
      ['给出的原因：{endReason}'],
    ],
    short: [
      ['{who} 在第 {causeStep} 步失败', '{who} 失败', '会话在第 {causeStep} 步失败', '会话失败'],
      ['工具 {causeTool} {causeClass}（{causeStatus}）', '工具 {causeTool} {causeClass}', '{causeProvider} {causeClass}（{causeStatus}）', '{causeClass}（{causeStatus}）', '{causeProvider} {causeClass}', '{causeClass}', '{endedShort}'],
      '{costUsd}',
    ],
  },
  'session.lost': {
    subject: [who('会话丢失'), ['其在 {host} 上的进程已终止', '其进程已终止'], '{costUsd}'],
    lines: [['运行该会话的进程不再有任何动静，未作收尾，也未留下说明。']],
    short: [['{who} 丢失', '会话丢失'], ['{host} 上的进程已终止', '其进程已终止'], '{costUsd}'],
  },
  'session.hung': {
    subject: [who('会话无响应'), '已静默 {silentMs}', '{costUsd}'],
    lines: [[['已有 {silentMs} 没有任何动静。', '没有任何动静。']]],
    short: [['{who} 无响应', '会话无响应'], '已静默 {silentMs}', '{costUsd}'],
  },
  'session.long': {
    subject: [who('会话过长'), ['已运行 {durationMs}（上限 {limitMs}）', '已运行 {durationMs}'], '{costUsd}'],
    lines: [[['会话已运行 {durationMs}，上限为 {limitMs}。', '会话已运行 {durationMs}。', '会话运行时间超过上限。']]],
    short: [['{who} 已运行 {durationMs}', '{who} 运行过长', '会话过长'], '{costUsd}'],
  },
  'session.expensive': {
    subject: [['会话费用超过 {limitUsd}：{who}', '会话费用超过 {limitUsd}', '会话费用超过上限：{who}', '会话费用超过上限'], '目前 {costUsd}'],
    lines: [[['目前已花费 {costUsd}，上限为 {limitUsd}。', '目前已花费 {costUsd}。']]],
    short: [['{who} 费用超过 {limitUsd}', '{who} 费用超过上限', '会话费用超过 {limitUsd}', '会话费用超过上限'], '目前 {costUsd}'],
  },
} satisfies Partial<Record<MessageId, MessageWords>>
