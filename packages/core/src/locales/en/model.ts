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
  'model.slow': {
    subject: [['Slow model call: {provider} {model}', 'Slow model call: {model}', 'Slow model call'], ['{durationMs} (limit {limitMs})', '{durationMs}'], '{who}', times],
    lines: [[['A call took {durationMs}; the limit is {limitMs}.', 'A call took {durationMs}.', 'A call took longer than it may.']]],
    short: [['{provider} {model} took {durationMs}', '{model} took {durationMs}', 'Slow model call'], '{who}', times],
  },
  'model.hanging': {
    subject: [['Model call hangs: {provider} {model}', 'Model call hangs: {model}', 'Model call hangs'], '{durationMs} so far', '{who}'],
    lines: [[['A call has not come back for {durationMs}.', 'A call has not come back.'], 'The agent waits for it.']],
    short: [['{provider} {model} call hangs', '{model} call hangs', 'Model call hangs'], '{durationMs} so far', '{who}'],
  },
  'model.empty': {
    subject: [['Empty answer: {provider} {model}', 'Empty answer: {model}', 'Empty answer'], '{who}', times],
    lines: [['The model answered with nothing: no text, and no tool asked for.']],
    short: [['Empty answer from {provider} {model}', 'Empty answer from {model}', 'Empty answer'], '{who}', times],
  },
  'model.cut': {
    subject: [['Answer cut off: {provider} {model}', 'Answer cut off: {model}', 'Answer cut off'], '{outputTokens, plural, one {# token} other {# tokens}}', '{who}', times],
    lines: [[['The answer ended at its largest length, {outputTokens, plural, one {# token} other {# tokens}}.', 'The answer ended at its largest length.'], 'What follows is missing.']],
    short: [['{provider} {model} answer cut off', '{model} answer cut off', 'Answer cut off'], '{who}', times],
  },
  'model.refused': {
    subject: [['Answer refused: {provider} {model}', 'Answer refused: {model}', 'Answer refused'], '{who}', times],
    lines: [['The model refused, or its answer was filtered; the provider says so.']],
    short: [['{provider} {model} refused', '{model} refused', 'Answer refused'], '{who}', times],
  },
  'model.malformed': {
    subject: [['Unreadable answer: {provider} {model}', 'Unreadable answer: {model}', 'Unreadable answer'], '{who}', times],
    lines: [['{form, select, call {The model asked for a tool with arguments that are no JSON.} other {The answer was to be JSON and is not.}}']],
    short: [['Unreadable answer from {provider} {model}', 'Unreadable answer from {model}', 'Unreadable answer'], '{form, select, call {tool arguments} other {JSON}}', '{who}', times],
  },
  'model.repeating': {
    subject: [['Answer goes in circles: {provider} {model}', 'Answer goes in circles: {model}', 'Answer goes in circles'], '{outputTokens, plural, one {# token} other {# tokens}}', '{who}', times],
    lines: [['The answer says the same words over and over at its end.']],
    short: [['{provider} {model} answer goes in circles', '{model} answer goes in circles', 'Answer goes in circles'], '{who}', times],
  },
  'model.fallback': {
    subject: [['Another model answered: {provider} {model}', 'Another model answered: {model}', 'Another model answered'], 'for {requestedModel}', '{who}', times],
    lines: [[['The program asked for {requestedModel}, and {model} answered.', 'Another model answered than the one that was asked for.']]],
    short: [['{model} answered for {requestedModel}', 'Another model answered'], '{who}', times],
  },
  'model.deprecated': {
    subject: [['Deprecated model in use: {provider} {model}', 'Deprecated model in use: {model}', 'Deprecated model in use'], '{who}'],
    lines: [['Its maker has given it up and may switch it off.']],
    short: [['Deprecated model {provider} {model}', 'Deprecated model {model}', 'Deprecated model in use'], '{who}'],
  },
  'model.outage': {
    subject: [
      ['Outage of {provider} {model}', 'Outage of {provider}', 'Outage of {model}', 'Outage of a model provider'],
      '{errorClass}',
      ['{failedCalls, number} of {calls, number} calls failed', '{failedCalls, plural, one {# call} other {# calls}} failed'],
      '{sessions, plural, =0 {} one {# session} other {# sessions}}',
    ],
    lines: [
      [['{percent} of the calls failed: {failedCalls, number} of {calls, number}.', '{failedCalls, plural, one {# call} other {# calls}} failed.'], 'The first and the last failure are {durationMs} apart.'],
      ['{victims, select, other {Sessions that failed of it, or met it:}}'],
      ['{victims}'],
      ['{moreVictims, plural, =0 {} other {and # more}}'],
    ],
    short: [
      ['outage of {provider} {model}', 'outage of {provider}', 'outage of {model}', 'outage of a model provider'],
      '{errorClass}',
      ['{failedCalls, number} of {calls, number} calls failed', '{failedCalls, plural, one {# call} other {# calls}} failed'],
      '{sessions, plural, =0 {} one {# session} other {# sessions}}',
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
