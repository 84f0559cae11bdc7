import { sql } from 'kysely'
import type { Clock } from '../../model/clock.ts'
import type { OutcomeKind } from '../../model/outcome.ts'
import type { Settlement, Transaction } from '../../model/store.ts'
import { given, query } from './statement.ts'
import type { Prepare } from './statement.ts'
import { whole } from './whole.ts'

/** Ids given as one JSON array: one statement for a whole claim. */
const theseIds = sql<number>`(select value from json_each(${given<string>()}))`

/**
 * waiting  `claimed_at` is null
 * claimed  `claimed_at` is set and `due_at` is the end of the lease: a lease that runs out makes it due by itself,
 *          nobody sweeps. The attempt that was open then is in doubt, and is recorded when it is leased again or ended
 * done     `done_at` is set
 */
export function settler(prepare: Prepare, clock: Clock): Pick<Transaction, 'lease' | 'settle' | 'finish' | 'postpone'> {
  // Numbers over the whole store only grow, so that whoever held an earlier lease can settle nothing any more; and all of
  // one claim get the same number, which is one statement where a number for each would be one for each.
  const nextFence = prepare(query.updateTable('fences').set({ last: sql<number>`last + 1` }).where('id', '=', sql.lit(1)).returning('last'))
  const lease = prepare(
    query
      .updateTable('deliveries')
      .set({
        due_at: given<number>(),
        doubt_at: sql<number | null>`coalesce(doubt_at, claimed_at)`,
        claimed_at: given<number>(),
        fence: given<number>(),
        attempts: sql<number>`attempts + 1`,
        batch_key: sql.lit(null),
      })
      .where('id', 'in', theseIds)
      .where('done_at', 'is', null),
  )
  const lost = query
    .selectFrom('deliveries')
    .select([
      'id',
      'attempts',
      sql<number>`claimed_at`.as('at'),
      sql<number>`max(0, due_at - claimed_at)`.as('ms'),
      sql.lit<OutcomeKind>('in-doubt').as('outcome'),
      sql.lit('lease-lost').as('code'),
      sql.lit('The lease ran out before the attempt was settled.').as('detail'),
    ])
    .where('id', 'in', theseIds)
    .where('done_at', 'is', null)
    .where('claimed_at', 'is not', null)
  const attemptsFrom = query.insertInto('attempts').orReplace().columns(['delivery', 'n', 'at', 'ms', 'outcome', 'code', 'detail'])
  const recordLost = prepare(attemptsFrom.expression(lost))
  const recordExpired = prepare(attemptsFrom.expression(lost.where('due_at', '<=', given<number>())))
  const insertAttempt = prepare(
    query
      .insertInto('attempts')
      .orReplace()
      .values({ delivery: given(), n: given(), at: given(), ms: given(), outcome: given(), code: given(), detail: given() }),
  )

  const settleDone = prepare(
    query
      .updateTable('deliveries')
      .set({ result: given(), done_at: given<number>(), claimed_at: sql.lit(null) })
      .where('id', '=', given<number>())
      .where('fence', '=', given<number>())
      .where('claimed_at', 'is not', null)
      .where('done_at', 'is', null),
  )
  const settleLater = prepare(
    query
      .updateTable('deliveries')
      .set({
        due_at: given<number>(),
        claimed_at: sql.lit(null),
        attempts: sql<number>`attempts - ${given<number>()}`,
        // The first doubt stays: whatever is answered later, that attempt may still have arrived.
        doubt_at: sql<number | null>`coalesce(doubt_at, ${given<number | null>()})`,
        doubts: sql<number>`doubts + ${given<number>()}`,
        cost: sql<number>`coalesce(${given<number | null>()}, cost)`,
      })
      .where('id', '=', given<number>())
      .where('fence', '=', given<number>())
      .where('claimed_at', 'is not', null)
      .where('done_at', 'is', null),
  )
  const free = query
    .updateTable('deliveries')
    .where('id', 'in', theseIds)
    .where('done_at', 'is', null)
    .where((eb) => eb.or([eb('claimed_at', 'is', null), eb('due_at', '<=', given<number>())]))
  const end = prepare(free.set({ result: given(), done_at: given<number>(), claimed_at: sql.lit(null), batch_key: sql.lit(null) }))
  const putOff = prepare(free.set({ due_at: given<number>() }))

  const settleOne = (one: Settlement): boolean => {
    const { changes } =
      one.kind === 'done'
        ? settleDone.run(one.result, whole(one.atMs), one.id, one.fence)
        : settleLater.run(
            whole(one.dueMs), one.uncounted === true ? 1 : 0,
            one.attempt?.outcome === 'in-doubt' ? whole(one.attempt.atMs) : null,
            one.attempt?.outcome === 'in-doubt' ? 1 : 0, one.cost ?? null, one.id, one.fence,
          )
    if (changes === 0) return false
    if (one.attempt !== undefined) {
      const { number, atMs, tookMs, outcome, code, detail } = one.attempt
      insertAttempt.run(one.id, number, whole(atMs), whole(tookMs), outcome, code ?? null, detail)
    }
    return true
  }

  return {
    async lease(ids, leaseUntilMs) {
      if (ids.length === 0) return []
      const fence = nextFence.get()?.last ?? 0
      const these = JSON.stringify(ids)
      recordLost.run(these)
      const { changes } = lease.run(whole(leaseUntilMs), whole(clock.nowMs()), fence, these)
      if (changes !== ids.length) throw new Error(`expected ${ids.length} deliveries on record that are not done, found ${changes}`)
      return ids.map(() => fence)
    },
    settle: async (settlements) => settlements.map(settleOne),
    async finish(ids, result, atMs) {
      const these = JSON.stringify(ids)
      recordExpired.run(these, whole(atMs))
      end.run(result, whole(atMs), these, whole(atMs))
    },
    async postpone(ids, dueMs) {
      putOff.run(whole(dueMs), JSON.stringify(ids), whole(clock.nowMs()))
    },
  }
}
