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
