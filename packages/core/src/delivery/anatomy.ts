import type { FactName } from '../locales/shape.ts'
import type { MessageId, ParamName } from '../model/message.ts'

/** What stands in each message besides its sentences, in this order, the same in every language. */
export interface Anatomy {
  readonly facts: readonly FactName[]
  /** What somebody else said, shown as a quotation. */
  readonly quote?: ParamName
}

export const anatomies: Readonly<Record<MessageId, Anatomy>> = {
  'session.started': { facts: ['agent', 'name', 'session', 'environment', 'at', 'node', 'gitCommit', 'host', 'packages'] },
  'session.ended': { facts: ['agent', 'name', 'session', 'environment', 'ended', 'duration', 'endState', 'calls', 'cost'] },
  'session.failed': { facts: ['agent', 'name', 'session', 'environment', 'started', 'ended', 'duration', 'firstFailure', 'calls', 'cost'], quote: 'causeMessage' },
  'session.expensive': { facts: ['agent', 'name', 'session', 'environment', 'at', 'calls', 'cost', 'limit'] },
  'model.recorded': { facts: ['agent', 'session', 'model', 'at', 'duration', 'tokens', 'cost'] },
  'model.failed': { facts: ['agent', 'session', 'environment', 'model', 'at', 'retries', 'times'], quote: 'errorMessage' },
  'model.expensive': { facts: ['agent', 'session', 'model', 'at', 'tokens', 'cost', 'limit', 'times'] },
  'budget.crossed': { facts: ['spent', 'period', 'at'] },
  'rule.matched': { facts: ['rule', 'agent', 'session', 'model', 'tool', 'type', 'status', 'at', 'cost', 'times'], quote: 'excerpt' },
  custom: { facts: ['agent', 'session', 'at'] },
  'system.channel-paused': { facts: ['channel', 'at', 'until', 'waiting'], quote: 'cause' },
  'system.address-bad': { facts: ['person', 'channel', 'address', 'code', 'at'] },
  'system.events-dropped': { facts: ['reason', 'host', 'at'] },
  'system.rule-failed': { facts: ['rule', 'at'], quote: 'cause' },
  'system.render-failed': { facts: ['channel', 'at'], quote: 'cause' },
  'system.limit-reached': { facts: ['channel', 'since', 'at'] },
  'system.store-replaced': { facts: ['file', 'at'] },
}
