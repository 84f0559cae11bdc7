import type { MessageId } from '../../model/message.ts'
import type { MessageWords } from '../shape.ts'
import { times } from './phrases.ts'

export const modelMessages = {
  'model.recorded': {
    subject: [['Model call: {provider} {model}', 'Model call: {model}', 'Model call'], '{durationMs}', ['{costUsd}', '{priceUnknown, select, other {price unknown}}']],
    lines: [],
    short: [['{provider} {model} called', '{model} called', 'Model called'], ['{costUsd}', '{priceUnknown, select, other {price unknown}}'], '{who}'],
  },
  'model.failed': {
    subject: [
      ['Model call failed: {provider} {model}', 'Model call failed: {model}', 'Model call failed: {provider}', 'Model call failed'],
      ['{errorClass} ({statusCode})', '{errorClass}', 'status {statusCode}'],
      '{who}',
      times,
    ],
    lines: [[['{failure}.'], '{retries, plural, =0 {} one {The client library tried once more, in vain.} other {The client library tried # times more, in vain.}}']],
    short: [
      ['{provider} {model} failed', '{model} failed', '{provider} failed', 'Model call failed'],
      ['{errorClass} ({statusCode})', '{errorClass}', 'status {statusCode}'],
      '{who}',
      times,
    ],
  },
  'model.expensive': {
    subject: [
      ['Expensive model call: {provider} {model}', 'Expensive model call: {model}', 'Expensive model call'],
      ['{costUsd} (limit {limitUsd})', '{costUsd}', 'limit {limitUsd}'],
      '{who}',
      times,
    ],
    lines: [[['One call cost {costUsd}; the limit is {limitUsd}.', 'One call cost {costUsd}.', 'One call cost more than {limitUsd}.', 'One call cost more than its limit.']]],
    short: [['{provider} {model} call cost {costUsd}', '{model} call cost {costUsd}', 'Expensive call: {provider} {model}', 'Expensive call: {model}', 'Expensive model call'], 'limit {limitUsd}', '{who}', times],
  },
} satisfies Partial<Record<MessageId, MessageWords>>
