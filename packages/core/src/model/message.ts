/**
 * Every message the product can say, with the parameters it may use. An alert keeps the id and the parameters, not the
 * text, so that each reader gets their own language and only the parts their role may see. `locales/` holds one
 * catalogue a language with exactly these ids; a test compares them.
 */
export const messages = {
  'session.started': ['agent', 'name', 'session', 'environment', 'at', 'node', 'gitCommit', 'host', 'packages'],
  'session.ended': ['agent', 'name', 'session', 'environment', 'at', 'durationMs', 'endState', 'endReason', 'calls', 'errors', 'costUsd', 'unpriced'],
  'session.failed': [
    'agent', 'name', 'session', 'environment', 'startedAt', 'at', 'durationMs', 'endReason', 'calls', 'errors', 'costUsd', 'unpriced',
    'causeStep', 'causeKind', 'causeName', 'causeProvider', 'causeClass', 'causeStatus', 'causeMessage', 'causeAt',
    'failedTimes', 'recovered', 'spread', 'spreadName', 'spreadNames', 'beforeTool', 'beforeTimes',
    'endedHow', 'repeatedTool', 'repeatedTimes', 'turnTools', 'turnTimes', 'relayAgents', 'relayTimes', 'guardrail', 'answerModel',
  ],
  'session.lost': ['agent', 'name', 'session', 'environment', 'startedAt', 'at', 'calls', 'errors', 'costUsd', 'unpriced', 'host'],
  'session.hung': ['agent', 'name', 'session', 'environment', 'startedAt', 'at', 'calls', 'errors', 'costUsd', 'unpriced', 'silentMs'],
  'session.long': ['agent', 'name', 'session', 'environment', 'startedAt', 'at', 'calls', 'errors', 'costUsd', 'unpriced', 'durationMs', 'limitMs'],
  'session.expensive': ['agent', 'name', 'session', 'environment', 'at', 'costUsd', 'limitUsd', 'calls', 'unpriced'],
  'model.recorded': ['agent', 'session', 'provider', 'model', 'at', 'durationMs', 'inputTokens', 'outputTokens', 'costUsd', 'costSource'],
  'model.failed': ['agent', 'session', 'environment', 'provider', 'model', 'at', 'errorClass', 'statusCode', 'errorMessage', 'retries', 'count'],
  'model.outage': ['provider', 'model', 'models', 'errorClass', 'sinceAt', 'at', 'durationMs', 'failedCalls', 'calls', 'percent', 'sessions', 'agents', 'victims', 'moreVictims'],
  'model.slow': ['agent', 'session', 'environment', 'provider', 'model', 'at', 'durationMs', 'limitMs', 'count'],
  'model.hanging': ['agent', 'session', 'environment', 'provider', 'model', 'at', 'durationMs', 'limitMs'],
  'model.empty': ['agent', 'session', 'environment', 'provider', 'model', 'at', 'outputTokens', 'count'],
  'model.cut': ['agent', 'session', 'environment', 'provider', 'model', 'at', 'outputTokens', 'excerpt', 'count'],
  'model.refused': ['agent', 'session', 'environment', 'provider', 'model', 'at', 'excerpt', 'count'],
  'model.malformed': ['agent', 'session', 'environment', 'provider', 'model', 'at', 'form', 'excerpt', 'count'],
  'model.repeating': ['agent', 'session', 'environment', 'provider', 'model', 'at', 'outputTokens', 'excerpt', 'count'],
  'model.fallback': ['agent', 'session', 'environment', 'provider', 'model', 'at', 'requestedModel', 'count'],
  'model.deprecated': ['agent', 'session', 'environment', 'provider', 'model', 'at', 'count'],
  'model.expensive': ['agent', 'session', 'provider', 'model', 'at', 'inputTokens', 'outputTokens', 'costUsd', 'limitUsd', 'count'],
  'model.price-unknown': ['agent', 'session', 'provider', 'model', 'at', 'noPrice', 'noTokens', 'modelsMax'],
  'model.cache-collapsed': ['agent', 'provider', 'model', 'at', 'percent', 'usualPercent', 'windowMs', 'calls', 'inputTokens', 'extraUsd'],
  'tool.failed': ['agent', 'session', 'environment', 'tool', 'at', 'errorClass', 'statusCode', 'errorMessage', 'count'],
  'tool.failing': ['agent', 'environment', 'tool', 'sinceAt', 'at', 'failures', 'errorClass', 'statusCode', 'errorMessage'],
  'tool.repeated': ['agent', 'name', 'session', 'environment', 'tool', 'at', 'repeatedTimes', 'calls', 'costUsd', 'unpriced'],
  'session.run-away': ['agent', 'name', 'session', 'environment', 'startedAt', 'at', 'durationMs', 'calls', 'callsMax', 'depth', 'depthMax', 'turnTools', 'turnTimes', 'costUsd', 'unpriced'],
  'session.ping-pong': ['agent', 'name', 'session', 'environment', 'at', 'relayAgents', 'relayTimes', 'calls', 'costUsd', 'unpriced'],
  'approval.waiting': ['agent', 'name', 'session', 'environment', 'what', 'excerpt', 'at'],
  'guardrail.tripped': ['agent', 'session', 'environment', 'guardrail', 'at', 'excerpt', 'count'],
  'budget.crossed': [
    'budget', 'scope', 'scopeUser', 'period', 'periodStart', 'periodEnd', 'windowMs', 'at', 'percent', 'spentUsd', 'amountUsd', 'remainingUsd', 'crossesAt', 'projectedUsd', 'unpriced', 'sampled', 'late',
  ],
  'budget.forecast': ['budget', 'scope', 'scopeUser', 'period', 'periodStart', 'periodEnd', 'at', 'spentUsd', 'amountUsd', 'crossesAt', 'projectedUsd', 'unpriced', 'sampled'],
  'spend.velocity': [
    'budget', 'scope', 'scopeUser', 'period', 'periodStart', 'periodEnd', 'windowMs', 'at', 'perMinuteUsd', 'usualPerMinuteUsd', 'limitUsd', 'calls', 'spentUsd', 'amountUsd', 'toCapMs', 'crossesAt', 'unpriced', 'sampled',
  ],
  'cost.anomaly': ['rule', 'group', 'groupUser', 'groupContent', 'agent', 'provider', 'model', 'tool', 'measure', 'valueUsd', 'expectedUsd', 'lowUsd', 'highUsd', 'below', 'windowMs', 'sinceAt', 'at', 'made', 'madeBy', 'madeUser', 'madePercent', 'made2', 'madeBy2', 'madeUser2', 'madePercent2', 'again'],
  'rule.matched': ['rule', 'agent', 'session', 'model', 'tool', 'type', 'at', 'status', 'errorMessage', 'costUsd', 'count', 'excerpt'],
  'rule.threshold': [
    'rule', 'group', 'groupUser', 'groupContent', 'agent', 'provider', 'model', 'tool', 'type', 'measure', 'below', 'again', 'unit', 'value', 'limit',
    'valueUsd', 'limitUsd', 'windowMs', 'samples', 'sinceAt', 'at', 'flaps', 'calmMs',
  ],
  'rule.no-data': ['rule', 'group', 'groupUser', 'groupContent', 'agent', 'provider', 'model', 'tool', 'type', 'measure', 'windowMs', 'samples', 'least', 'at'],
  'rule.anomaly': ['rule', 'group', 'groupUser', 'groupContent', 'agent', 'provider', 'model', 'tool', 'measure', 'unit', 'value', 'expected', 'low', 'high', 'below', 'windowMs', 'sinceAt', 'at', 'again'],
  'rule.absent': ['rule', 'group', 'groupUser', 'groupContent', 'agent', 'provider', 'model', 'tool', 'type', 'after', 'silentMs', 'again', 'sinceAt', 'at'],
  'report.day': ['report', 'person', 'role', 'fromDay', 'lastDay', 'sinceAt', 'costUsd', 'changeUsd', 'changePercent', 'unpriced', 'sessions', 'failedSessions', 'failedCalls', 'told', 'isQuiet', 'watchedRules', 'watchedBudgets', 'watchedChannels'],
  'report.week': ['report', 'person', 'role', 'fromDay', 'lastDay', 'sinceAt', 'costUsd', 'changeUsd', 'changePercent', 'unpriced', 'sessions', 'failedSessions', 'failedCalls', 'told', 'isQuiet', 'watchedRules', 'watchedBudgets', 'watchedChannels'],
  'custom': ['title', 'body', 'agent', 'session', 'at'],
  'system.channel-paused': ['channel', 'cause', 'at', 'until', 'waiting'],
  'system.address-bad': ['person', 'channel', 'address', 'code', 'at'],
  'system.events-dropped': ['count', 'reason', 'at', 'host'],
  'system.rule-failed': ['rule', 'cause', 'at'],
  'system.groups-limited': ['rule', 'count', 'at'],
  'system.render-failed': ['message', 'channel', 'cause', 'at'],
  'system.limit-reached': ['channel', 'count', 'sinceAt', 'at'],
  'system.store-replaced': ['file', 'at'],
  'system.config-broken': ['file', 'cause', 'at'],
  'system.heartbeat-failed': ['host', 'cause', 'count', 'at'],
  'system.self-test': ['channel', 'at'],
} as const

export type MessageId = keyof typeof messages
export type ParamName = (typeof messages)[MessageId][number]

/** Amounts ending in `Usd` are dollars, `At`/`at` are milliseconds since 1970, `Ms` are milliseconds; `value` and `limit` are in `unit`: `ms`, `percent`, `tokens`, `per-minute`, or plain numbers. */
export type MessageParams = Readonly<Partial<Record<ParamName, string | number>>>
