import type { MessageId } from '../../model/message.ts'
import type { MessageWords } from '../shape.ts'
import { unpriced } from './phrases.ts'

export const costMessages = {
  'budget.crossed': {
    subject: [
      ['Budget {budget} ({scope}): {percent} used', 'Budget {budget}: {percent} used', 'Budget {budget} crossed', 'Budget crossed'],
      ['{spentUsd} of {amountUsd}', '{spentUsd}'],
    ],
    lines: [
      [
        ['Spent {spentUsd} of {amountUsd} for this {period}; over by {overUsd}.', 'Spent {spentUsd} of {amountUsd} for this {period}; {leftUsd} left.', 'Spent {spentUsd} of {amountUsd}.', 'Spent {spentUsd}.', '{percent} of this budget is used.'],
      ],
      [unpriced],
      ['{late, select, other {The period was already over when this became known.}}'],
    ],
    short: [['budget {budget} ({scope}) {percent}', 'budget {budget} {percent}', 'budget {budget} crossed', 'budget crossed'], ['{spentUsd} of {amountUsd}', '{spentUsd}']],
  },
} satisfies Partial<Record<MessageId, MessageWords>>
