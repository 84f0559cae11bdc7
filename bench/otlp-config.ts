import type { ConfigInput } from '../packages/core/src/model/config.ts'
import { pack } from '../packages/core/src/rules/pack.ts'
import { project } from './stored.ts'

/** What is stored lies before the runs, and stays. */
const retention = { content: '90d', bodies: '90d', decisions: '90d' }

/** `rules`: twenty rules of one's own beside those that come with the product, a budget, prices and redaction. `alone`: accept and store, nothing that looks at events. */
export type OtlpWork = 'rules' | 'alone'

const measures = ['count', 'rate', 'p95(durationMs)', 'avg(durationMs)', 'sum(costUsd)'] as const

/** Rules that look at every call and find nothing, as rules do most of the time. */
function ownRules(): NonNullable<ConfigInput['rules']> {
  const rules: NonNullable<ConfigInput['rules']> = {}
  for (let nth = 0; nth < 15; nth++) rules[`big-${nth}`] = { on: 'llm.call', when: `event.costUsd > ${50 + nth}.0 || event.tags.team == 'none-${nth}'`, severity: 'warning', groupBy: ['agent', 'model'] }
  for (const [nth, measure] of measures.entries()) rules[`much-${nth}`] = { on: 'llm.call', measure, above: 1e12, window: '10m', groupBy: ['model'], severity: 'warning' }
  return rules
}

export function otlpConfig(work: OtlpWork): ConfigInput {
  const base: ConfigInput = { project, channels: { inbox: { type: 'inbox' } }, people: { dana: { role: 'admin' } }, retention }
  if (work === 'alone') return { ...base, rules: Object.fromEntries(pack.map(({ name }) => [name, false])) }
  return { ...base, rules: ownRules(), budgets: { month: { amountUsd: 900_000, period: 'month', timezone: 'Asia/Shanghai' } } }
}
