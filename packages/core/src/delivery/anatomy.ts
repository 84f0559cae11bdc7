import type { FactName } from '../locales/shape.ts'
import type { MessageId, ParamName } from '../model/message.ts'

/** What stands in each message besides its sentences, in this order, the same in every language. */
export interface Anatomy {
  readonly facts: readonly FactName[]
  /** What somebody else said, shown as quotations. */
  readonly quotes: readonly ParamName[]
}

export const anatomies: Readonly<Record<MessageId, Anatomy>> = {
  'session.started': { facts: ['agent', 'name', 'session', 'environment', 'at', 'node', 'gitCommit', 'host', 'packages'], quotes: [] },
  'session.ended': { facts: ['agent', 'name', 'session', 'environment', 'ended', 'duration', 'endState', 'calls', 'cost'], quotes: [] },
  'session.failed': { facts: ['agent', 'name', 'session', 'environment', 'started', 'ended', 'duration', 'firstFailure', 'calls', 'cost'], quotes: ['causeMessage'] },
  'session.lost': { facts: ['agent', 'name', 'session', 'environment', 'host', 'started', 'at', 'calls', 'cost'], quotes: [] },
  'session.hung': { facts: ['agent', 'name', 'session', 'environment', 'started', 'at', 'calls', 'cost'], quotes: [] },
  'session.long': { facts: ['agent', 'name', 'session', 'environment', 'started', 'duration', 'calls', 'cost'], quotes: [] },
  'session.expensive': { facts: ['agent', 'name', 'session', 'environment', 'at', 'calls', 'cost', 'limit'], quotes: [] },
  'model.recorded': { facts: ['agent', 'session', 'model', 'at', 'duration', 'tokens', 'cost'], quotes: [] },
  'model.failed': { facts: ['agent', 'session', 'environment', 'model', 'at', 'retries', 'times'], quotes: ['errorMessage'] },
  'model.outage': { facts: ['model', 'models', 'since', 'duration', 'agents', 'sessions'], quotes: [] },
  'model.slow': { facts: ['agent', 'session', 'environment', 'model', 'at', 'duration', 'times'], quotes: [] },
  'model.hanging': { facts: ['agent', 'session', 'environment', 'model', 'at', 'duration'], quotes: [] },
  'model.empty': { facts: ['agent', 'session', 'environment', 'model', 'at', 'tokens', 'times'], quotes: [] },
  'model.cut': { facts: ['agent', 'session', 'environment', 'model', 'at', 'tokens', 'times'], quotes: ['excerpt'] },
  'model.refused': { facts: ['agent', 'session', 'environment', 'model', 'at', 'times'], quotes: ['excerpt'] },
  'model.malformed': { facts: ['agent', 'session', 'environment', 'model', 'at', 'times'], quotes: ['excerpt'] },
  'model.repeating': { facts: ['agent', 'session', 'environment', 'model', 'at', 'tokens', 'times'], quotes: ['excerpt'] },
  'model.fallback': { facts: ['agent', 'session', 'environment', 'model', 'at', 'times'], quotes: [] },
  'model.deprecated': { facts: ['agent', 'session', 'environment', 'model', 'at', 'times'], quotes: [] },
  'model.expensive': { facts: ['agent', 'session', 'model', 'at', 'tokens', 'cost', 'limit', 'times'], quotes: [] },
  'model.price-unknown': { facts: ['agent', 'session', 'model', 'at'], quotes: [] },
  'model.cache-collapsed': { facts: ['agent', 'model', 'at'], quotes: [] },
  'tool.failed': { facts: ['agent', 'session', 'environment', 'tool', 'at', 'times'], quotes: ['errorMessage'] },
  'tool.failing': { facts: ['agent', 'environment', 'tool', 'since', 'at'], quotes: ['errorMessage'] },
  'tool.repeated': { facts: ['agent', 'name', 'session', 'environment', 'tool', 'at', 'calls', 'cost'], quotes: [] },
  'session.run-away': { facts: ['agent', 'name', 'session', 'environment', 'started', 'at', 'duration', 'calls', 'cost'], quotes: [] },
  'session.ping-pong': { facts: ['agent', 'name', 'session', 'environment', 'at', 'calls', 'cost'], quotes: [] },
  'approval.waiting': { facts: ['agent', 'name', 'session', 'environment', 'at'], quotes: ['excerpt'] },
  'guardrail.tripped': { facts: ['agent', 'session', 'environment', 'at', 'times'], quotes: ['excerpt'] },
  'budget.crossed': { facts: ['spent', 'period', 'at'], quotes: [] },
  'budget.forecast': { facts: ['spent', 'period', 'at'], quotes: [] },
  'spend.velocity': { facts: ['spent', 'period', 'at'], quotes: [] },
  'cost.anomaly': { facts: ['rule', 'agent', 'model', 'tool', 'group', 'measure', 'measured', 'expected', 'window', 'since', 'at'], quotes: [] },
  'rule.matched': { facts: ['rule', 'agent', 'session', 'model', 'tool', 'type', 'status', 'at', 'cost', 'times'], quotes: ['errorMessage', 'excerpt'] },
  'rule.threshold': { facts: ['rule', 'agent', 'model', 'tool', 'group', 'type', 'measure', 'measured', 'bound', 'window', 'samples', 'since', 'at'], quotes: [] },
  'rule.no-data': { facts: ['rule', 'agent', 'model', 'tool', 'group', 'type', 'measure', 'window', 'samples', 'at'], quotes: [] },
  'rule.anomaly': { facts: ['rule', 'agent', 'model', 'tool', 'group', 'measure', 'measured', 'expected', 'window', 'since', 'at'], quotes: [] },
  'rule.absent': { facts: ['rule', 'agent', 'model', 'tool', 'group', 'type', 'since', 'at'], quotes: [] },
  'report.day': { facts: [], quotes: [] },
  'report.week': { facts: [], quotes: [] },
  custom: { facts: ['agent', 'session', 'at'], quotes: [] },
  'system.channel-paused': { facts: ['channel', 'at', 'until', 'waiting'], quotes: ['cause'] },
  'system.address-bad': { facts: ['person', 'channel', 'address', 'code', 'at'], quotes: [] },
  'system.events-dropped': { facts: ['reason', 'host', 'at'], quotes: [] },
  'system.rule-failed': { facts: ['rule', 'at'], quotes: ['cause'] },
  'system.groups-limited': { facts: ['rule', 'at'], quotes: [] },
  'system.render-failed': { facts: ['channel', 'at'], quotes: ['cause'] },
  'system.limit-reached': { facts: ['channel', 'since', 'at'], quotes: [] },
  'system.store-replaced': { facts: ['file', 'at'], quotes: [] },
  'system.config-broken': { facts: ['file', 'at'], quotes: ['cause'] },
  'system.heartbeat-failed': { facts: ['host', 'at'], quotes: ['cause'] },
  'system.self-test': { facts: ['channel', 'at'], quotes: [] },
}
