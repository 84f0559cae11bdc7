import type { MessageId } from '../../model/message.ts'
import type { MessageWords } from '../shape.ts'
import { unpriced } from './phrases.ts'

export const costMessages = {
  'budget.crossed': {
    subject: [
      ['预算 {budget}（{scope}）：已用 {percent}', '预算 {budget}：已用 {percent}', '预算 {budget} 已越过阈值', '预算已越过阈值'],
      ['{spentUsd} / {amountUsd}', '{spentUsd}'],
    ],
    lines: [
      [
        ['本{period}已花费 {spentUsd}，预算 {amountUsd}，超出 {overUsd}。', '本{period}已花费 {spentUsd}，预算 {amountUsd}，剩余 {leftUsd}。', '已花费 {spentUsd}，预算 {amountUsd}。', '已花费 {spentUsd}。', '该预算已用 {percent}。'],
      ],
      [unpriced],
      ['{late, select, other {得知此事时该周期已经结束。}}'],
    ],
    short: [['预算 {budget}（{scope}）已用 {percent}', '预算 {budget} 已用 {percent}', '预算 {budget} 已越过阈值', '预算已越过阈值'], ['{spentUsd} / {amountUsd}', '{spentUsd}']],
  },
} satisfies Partial<Record<MessageId, MessageWords>>
