import type { Settlement, Transaction } from '../../model/store.ts'
import { lastOf } from '../rows/attempts.ts'
import { tables } from '../rows/tables.ts'
import type { Prepare } from './statement.ts'
import { whole } from '../rows/whole.ts'

/** Ids given as one JSON array: one statement for a whole claim. */
const theseIds = '(select value from json_each(?))'

/**
 * waiting  `claimed_at` is null
 * claimed  `claimed_at` is set and `due_at` is the end of the lease: a lease that runs out makes it due by itself,
 *          nobody sweeps. The attempt that was open then is in doubt, and is recorded when it is leased again or ended
 * done     `done_at` is set
 */
export function settler(prepare: Prepare): Pick<Transaction, 'lease' | 'settle' | 'markFallbackAsked' | 'fallbackAsked' | 'finish' | 'postpone' | 'learn'> {
  // Numbers over the whole store only grow, so that whoever held an earlier lease can settle nothing any more; and all of
  // one claim get the same number, which is one statement where a number for each would be one for each.
  const raiseFence = prepare.change('update fences set last = last + 1 where id = 1')
  const lastFence = prepare.select(tables.fences, ['last'], 'where id = 1')
  const lease = prepare.change(
    `update deliveries set due_at = ?, doubt_at = coalesce(doubt_at, claimed_at), claimed_at = ?, fence = ?,
       attempts = attempts + 1, batch_key = null
     where id in ${theseIds} and done_at is null`,
  )
  const lost = `insert or replace into attempts(delivery, n, at, ms, outcome, code, detail)
    select id, attempts, claimed_at, max(0, due_at - claimed_at), 'in-doubt', 'lease-lost', 'The lease ran out before the attempt was settled.'
    from deliveries where id in ${theseIds} and done_at is null and claimed_at is not null`
  const recordLost = prepare.change(lost)
  const recordExpired = prepare.change(`${lost} and due_at <= ?`)
  const insertAttempt = prepare.put(tables.attempts, ['delivery', 'n', 'at', 'ms', 'outcome', 'code', 'detail', 'provider_id'])

  const held = 'id = ? and fence = ? and claimed_at is not null and done_at is null'
  const settleDone = prepare.change(
    `update deliveries set result = ?, done_at = ?, claimed_at = null,
       last_n = ?, last_at = ?, last_ms = ?, last_outcome = ?, last_code = ?, last_detail = ?, last_provider_id = ?
     where ${held}`,
  )
  // The first doubt stays: whatever is answered later, that attempt may still have arrived.
  const settleLater = prepare.change(
    `update deliveries set due_at = ?, claimed_at = null, attempts = attempts - ?, doubt_at = coalesce(doubt_at, ?),
       doubts = doubts + ?, cost = coalesce(?, cost)
     where ${held}`,
  )
  const findSent = prepare.select(tables.deliveries, ['attempts', 'last_n', 'last_provider_id'], "where id = ? and result = 'sent'")
  const setResult = prepare.change('update deliveries set result = ?, done_at = max(done_at, ?) where id = ?')
  const mark = prepare.change('update deliveries set fallback_asked = 1 where id = ?')
  const findMarked = prepare.select(tables.deliveries, ['id'], `where id in ${theseIds} and fallback_asked <> 0`)
  const free = `id in ${theseIds} and done_at is null and (claimed_at is null or due_at <= ?)`
  const end = prepare.change(`update deliveries set result = ?, done_at = ?, claimed_at = null, batch_key = null where ${free}`)
  const putOff = prepare.change(`update deliveries set due_at = ? where ${free}`)

  const settleOne = (one: Settlement): boolean => {
    if (one.kind === 'done') return settleDone.run(one.result, whole(one.atMs), ...lastOf(one.attempt), one.id, one.fence).changes > 0
    const { changes } = settleLater.run(
      whole(one.dueMs), one.uncounted === true ? 1 : 0,
      one.attempt?.outcome === 'in-doubt' ? whole(one.attempt.atMs) : null,
      one.attempt?.outcome === 'in-doubt' ? 1 : 0, one.cost ?? null, one.id, one.fence,
    )
    if (changes === 0) return false
    if (one.attempt !== undefined) {
      const { number, atMs, tookMs, outcome, code, detail, providerId } = one.attempt
      insertAttempt.run(one.id, number, whole(atMs), whole(tookMs), outcome, code ?? null, detail, providerId ?? null)
    }
    return true
  }

  return {
    async lease(ids, leaseUntilMs, nowMs) {
      if (ids.length === 0) return []
      raiseFence.run()
      const fence = lastFence.get()?.last ?? 0
      const these = JSON.stringify(ids)
      recordLost.run(these)
      const { changes } = lease.run(whole(leaseUntilMs), whole(nowMs), fence, these)
      if (changes !== ids.length) throw new Error(`expected ${ids.length} deliveries on record that are not done, found ${changes}`)
      return ids.map(() => fence)
    },
    settle: async (settlements) => settlements.map(settleOne),
    async learn(delivery, { atMs, tookMs, outcome, code, detail, providerId }, result) {
      const sent = findSent.get(delivery)
      if (sent === undefined || (sent.last_provider_id !== null && sent.last_provider_id !== providerId)) return false
      insertAttempt.run(delivery, (sent.last_n ?? sent.attempts) + 1, whole(atMs), whole(tookMs), outcome, code ?? null, detail, providerId ?? null)
      if (result !== undefined) setResult.run(result, whole(atMs), delivery)
      return true
    },
    async markFallbackAsked(id) {
      mark.run(id)
    },
    async fallbackAsked(ids) {
      const marked = new Set(findMarked.all(JSON.stringify(ids)).map(({ id }) => id))
      return ids.map((id) => marked.has(id))
    },
    async finish(ids, result, atMs) {
      const these = JSON.stringify(ids)
      recordExpired.run(these, whole(atMs))
      end.run(result, whole(atMs), these, whole(atMs))
    },
    async postpone(ids, dueMs, nowMs) {
      putOff.run(whole(dueMs), JSON.stringify(ids), whole(nowMs))
    },
  }
}
