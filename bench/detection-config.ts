import { configurationFrom } from '../packages/core/src/configuration.ts'
import type { Config, ConfigInput } from '../packages/core/src/model/config.ts'

type Rules = NonNullable<ConfigInput['rules']>

/** Looks at one event each; nearly all of them find nothing, as rules do most of the time. */
const matchRules: Rules = {
  'big-call': { on: 'llm.call', when: 'event.costUsd > 0.5', severity: 'high', groupBy: ['agent', 'model'] },
  'big-call-of-support': { on: 'llm.call', when: "event.costUsd > 0.25 && event.tags.team == 'support'", groupBy: ['agent'] },
  'long-prompt': { on: 'llm.call', when: 'event.inputTokens > 100000', groupBy: ['agent', 'model'] },
  'long-answer': { on: 'llm.call', when: 'event.outputTokens > 20000', groupBy: ['agent'] },
  'dear-model': { on: 'llm.call', when: "event.model == 'gpt-4.5-preview'", groupBy: ['agent'] },
  'dear-models': { on: 'llm.call', when: "event.model in ['o1-pro', 'o3-pro', 'claude-opus-4-1']", groupBy: ['agent'] },
  'wrong-provider': { on: 'llm.call', when: "event.provider != 'openai' && event.provider != 'anthropic'", severity: 'high' },
  'wrong-region': { on: 'llm.call', when: "event.tags.region == 'us' && event.tags.data == 'eu-only'", severity: 'critical' },
  'slow-answer': { on: 'llm.call', when: 'event.durationMs > 60000.0', groupBy: ['model'] },
  'slow-first-token': { on: 'llm.call', when: 'event.timeToFirstTokenMs > 10000', groupBy: ['model'] },
  'slow-of-gold': { on: 'llm.call', when: "event.tags.tier == 'gold' && event.durationMs > 30000", severity: 'high', groupBy: ['user'] },
  'tried-often': { on: 'llm.call', when: 'event.retries > 3', groupBy: ['provider'] },
  'denied': { on: 'llm.call', when: "event.errorClass == 'auth'", severity: 'critical', groupBy: ['provider'] },
  'quota-of-team': { on: 'llm.call', when: "event.status == 'error' && event.errorClass == 'quota'", severity: 'high', groupBy: ['tags.team'] },
  'overlong': { on: 'llm.call', when: "event.errorClass == 'context-length' || event.finishReason == 'length'", groupBy: ['agent'] },
  'server-trouble': { on: 'llm.call', when: 'event.statusCode >= 520', groupBy: ['provider'] },
  'staging-spends': { on: 'llm.call', when: "event.environment == 'staging' && event.costUsd > 0.01", groupBy: ['agent'] },
  'no-team': { on: 'llm.call', when: "!('team' in event.tags)", groupBy: ['agent'] },
  'thinks-long': { on: 'llm.call', when: 'event.reasoningTokens > 30000', groupBy: ['agent'] },
  'preview-model': { on: 'llm.call', when: "event.model.endsWith('-preview')", groupBy: ['model'] },
  'payment-failed': { on: 'tool.call', when: "event.tool == 'charge_card' && event.status == 'error'", severity: 'critical', groupBy: ['id'] },
  'deletes': { on: 'tool.call', when: "event.tool.startsWith('delete_')", severity: 'high', groupBy: ['agent'] },
  'shell': { on: 'tool.call', when: "event.tool in ['bash', 'powershell'] && event.environment == 'production'", severity: 'high', groupBy: ['agent'] },
  'slow-tool': { on: 'tool.call', when: 'event.durationMs > 120000', groupBy: ['tool'] },
  'tool-timeout': { on: 'tool.call', when: "event.errorClass == 'timeout'", groupBy: ['tool'] },
  'tool-message': { on: 'tool.call', when: "event.status == 'error' && event.errorMessage.contains('permission denied')", groupBy: ['tool'] },
  'gave-up': { on: 'session.end', when: "event.endState == 'fail' && event.endReason.contains('gave up')", groupBy: ['agent'] },
  'short-session': { on: 'session.end', when: 'event.durationMs < 5.0 && event.durationMs > 1.0', groupBy: ['agent'] },
  'gold-failed': { on: 'session.end', when: "event.endState == 'fail' && event.tags.tier == 'platinum'", severity: 'critical', groupBy: ['id'] },
  'night-run': { on: 'session.start', when: "event.tags.job == 'nightly'", severity: 'info', groupBy: ['id'] },
}

/** Of every measure; by groups of a few values, and by user. */
const thresholdRules: Rules = {
  'calls': { on: 'llm.call', measure: 'count', above: 1_000_000, groupBy: ['model'] },
  'calls-of-user': { on: 'llm.call', measure: 'count', above: 1_000_000, groupBy: ['user'], groupsMax: 10_000 },
  'rate': { on: 'llm.call', measure: 'rate', above: 10_000_000, groupBy: ['provider'], window: '10m' },
  'failing-share': { on: 'llm.call', measure: "share(event.status == 'error')", above: 0.5, groupBy: ['provider', 'model'] },
  'failing-share-of-user': { on: 'llm.call', measure: "share(event.status == 'error')", above: 0.9, least: 50, groupBy: ['user'], groupsMax: 10_000 },
  'spend': { on: 'llm.call', measure: 'sum(costUsd)', above: 100_000, window: '1h', groupBy: ['agent'] },
  'spend-of-user': { on: 'llm.call', measure: 'sum(costUsd)', above: 100_000, window: '1h', groupBy: ['user'], groupsMax: 10_000 },
  'tokens': { on: 'llm.call', measure: 'sum(inputTokens)', above: 10_000_000_000, window: '1h', groupBy: ['tags.team'] },
  'answers': { on: 'llm.call', measure: 'avg(outputTokens)', above: 50_000, groupBy: ['model'] },
  'shortest': { on: 'llm.call', measure: 'min(durationMs)', above: 60_000, groupBy: ['model'], for: '5m' },
  'longest': { on: 'tool.call', measure: 'max(durationMs)', above: 600_000, groupBy: ['tool'] },
  'median': { on: 'llm.call', measure: 'p50(durationMs)', above: 60_000, window: '15m', groupBy: ['model'], for: '5m' },
  'slow-p95': { on: 'llm.call', measure: 'p95(durationMs)', above: 60_000, window: '15m', groupBy: ['agent', 'model'], for: '5m' },
  'slow-p99-of-user': { on: 'llm.call', when: "event.tags.tier == 'gold'", measure: 'p99(durationMs)', above: 120_000, groupBy: ['user'], groupsMax: 10_000 },
  'failing-tools': { on: 'tool.call', measure: "share(event.status == 'error')", above: 0.8, groupBy: ['tool'] },
}

const absenceRules: Rules = {
  'agent-silent': { on: 'llm.call', absent: '1h', groupBy: ['agent'] },
  'tool-silent': { on: 'tool.call', absent: '2h', groupBy: ['tool'] },
  'never-ended': { on: 'session.end', since: 'session.start', absent: '6h', groupBy: ['sessionId'] },
}

const anomalyRules: Rules = {
  'spend-of-agent': { on: 'llm.call', anomaly: 'sum(costUsd)', groupBy: ['agent'], impact: 5 },
  'tool-calls': { on: 'tool.call', anomaly: 'count', groupBy: ['tool'] },
}

/** The pack as it comes, 50 rules of one's own (30 match, 15 thresholds, 3 absences, 2 anomalies), and a budget so that the pack's rules about budgets have one. */
export function detectionConfig(): Config {
  const rules = { ...matchRules, ...thresholdRules, ...absenceRules, ...anomalyRules }
  if (Object.keys(rules).length !== ownRules) throw new Error(`expected ${ownRules} rules, found ${Object.keys(rules).length}`)
  return configurationFrom({ project: 'bench', rules, budgets: { 'support-month': { amountUsd: 900_000, period: 'month', where: "event.tags.team == 'support'" } } })
}

const ownRules = 50
