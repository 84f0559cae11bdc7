import type { Attempt } from '../../model/delivery.ts'
import { present } from './json.ts'
import type { AttemptRow } from './tables.ts'
import { whole } from './whole.ts'

export function attemptOf({ n, at, ms, outcome, code, detail, provider_id }: AttemptRow): Attempt {
  return { number: n, atMs: at, tookMs: ms, outcome, detail, ...present({ code, providerId: provider_id }) }
}

/** The columns of the attempt that ends a delivery. What `every_attempt` takes for granted of most of them is not written. */
export function lastOf(attempt: Attempt | undefined): readonly [n: number | null, at: number | null, ms: number | null, outcome: string | null, code: string | null, detail: string | null, providerId: string | null] {
  if (attempt === undefined) return nothing
  const { number, atMs, tookMs, outcome, code, detail, providerId } = attempt
  return [number, whole(atMs), whole(tookMs), outcome === 'sent' ? null : outcome, code ?? null, detail === '' ? null : detail, providerId ?? null]
}

const nothing = [null, null, null, null, null, null, null] as const
