import { messages, type MessageId, type MessageParams } from '../../model/message.ts'

/** When what the samples tell of happened, before the instant at which they are looked at, milliseconds. */
const agoMs: Readonly<Record<string, number>> = { at: 0, startedAt: 191_000, causeAt: 40_000, sinceAt: 540_000, periodStart: 20 * 86_400_000, crossesAt: -4 * 86_400_000, periodEnd: -7 * 86_400_000, until: -300_000, fromDay: 86_400_000, lastDay: 86_400_000 }

/** What stands in samples that people look at: as an agent's own would be. */
const values: MessageParams = {
  agent: 'refund-bot', agents: 'support-bot, refund-bot', name: 'Refund for order 4711', session: 's_8f2c', environment: 'production', node: 'v24.4.0', gitCommit: '4c1e9d2', host: 'agents-1',
  provider: 'openai', model: 'gpt-5', models: 'gpt-5', requestedModel: 'gpt-5', tool: 'search', rule: 'slow-p95', budget: 'team-month', measure: 'p95(durationMs)', type: 'llm.call', status: 'error', unit: 'ms', form: 'json',
  causeStep: 7, causeKind: 'llm.call', causeName: 'gpt-5', causeProvider: 'openai', causeClass: 'quota', causeStatus: 429, causeMessage: 'You exceeded your current quota, please check your plan.', failedTimes: 4,
  errorClass: 'quota', statusCode: 429, errorMessage: 'You exceeded your current quota, please check your plan.', retries: 3, endState: 'fail', excerpt: 'I am sorry, but I cannot help with that.',
  calls: 14, errors: 4, costUsd: 0.42, limitUsd: 0.4, inputTokens: 12_400, outputTokens: 1_310, durationMs: 191_000, limitMs: 8_000, silentMs: 900_000, windowMs: 900_000, count: 3,
  spentUsd: 402.1, amountUsd: 500, remainingUsd: 97.9, percent: 80, usualPercent: 80, projectedUsd: 582, period: 'month', extraUsd: 12.5, perMinuteUsd: 1.2, usualPerMinuteUsd: 0.1, toCapMs: 4_200_000,
  valueUsd: 41.2, expectedUsd: 12, lowUsd: 8, highUsd: 16, value: 9_400, limit: 8_000, expected: 3_000, low: 2_000, high: 4_000, samples: 128, least: 10, failedCalls: 184, sessions: 20, failures: 5,
  repeatedTimes: 12, relayAgents: 'planner, writer', relayTimes: 6, depth: 9, depthMax: 8, callsMax: 100, what: 'Refund 1,200 USD to order 4711?', guardrail: 'no-pii', after: '2h', packages: 'openai 6.1.0',
  channel: 'ops-mail', person: 'dana', address: 'd…@example.com', code: '550', reason: 'buffer-full', cause: 'connection refused', file: 'tocsin.yaml', message: 'session.failed', waiting: 12,
  title: 'Deployment finished', body: 'Version 4c1e9d2 answers.', report: 'daily', role: 'admin', changeUsd: 3.1, changePercent: 8, failedSessions: 2, told: 5, watchedRules: 31, watchedBudgets: 2, watchedChannels: 3,
}

/** A message as one would be, for people who look at how it is written. What says something of a special case is left out. */
export function likelyParams(id: MessageId, nowMs: number): MessageParams {
  return Object.fromEntries(messages[id].flatMap((name) => {
    const ago = agoMs[name]
    const value = ago === undefined ? values[name] : nowMs - ago
    return value === undefined ? [] : [[name, value] as const]
  }))
}
