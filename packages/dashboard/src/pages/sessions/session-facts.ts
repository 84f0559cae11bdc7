import type { Item } from '../../api/ask'
import type { Amounts } from '../../parts/amounts'
import type { Say } from '../../words/say'

export type Session = Item<'/api/v1/sessions'>

/** What it cost: what has no price is said beside what has, and is never nothing. */
export function costText({ costNanoUsd, unpriced = 0 }: Pick<Session, 'costNanoUsd' | 'unpriced'>, say: Say, { money }: Amounts): string {
  if (costNanoUsd === undefined) return ''
  if (unpriced === 0) return money(costNanoUsd)
  return costNanoUsd === 0 ? say('sessions.cost-unknown') : say('sessions.cost-partly', { cost: money(costNanoUsd) })
}

/** How long it took, or takes. */
export function lengthMs({ startedAtMs, endedAtMs, firstAtMs, lastAtMs }: Session): number {
  return Math.max(0, (endedAtMs ?? lastAtMs) - (startedAtMs ?? firstAtMs))
}

const classes = ['auth', 'rate-limit', 'quota', 'context-length', 'content-filter', 'invalid-request', 'timeout', 'server', 'network', 'cancelled', 'other'] as const
const types = ['session.start', 'session.end', 'llm.call', 'llm.pending', 'llm.usage', 'tool.call', 'agent.step', 'approval.request', 'custom'] as const

/** Why a call failed, in a word; one that a newer server knows as it calls it. */
export function classText(name: string, say: Say): string {
  const known = classes.find((one) => one === name)
  return known === undefined ? name : say(`sessions.class-${known}`)
}

export function typeText(name: string, say: Say): string {
  const known = types.find((one) => one === name)
  return known === undefined ? name : say(`sessions.type-${known}`)
}

export function isOutcome(state: string | undefined): state is 'success' | 'fail' | 'indeterminate' {
  return state === 'success' || state === 'fail' || state === 'indeterminate'
}
