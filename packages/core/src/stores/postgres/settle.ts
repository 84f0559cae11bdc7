import type { Attempt } from '../../model/delivery.ts'
import type { Settlement, Transaction } from '../../model/store.ts'
import { lastOf } from '../rows/attempts.ts'
import { tables } from '../rows/tables.ts'
import { whole } from '../rows/whole.ts'
import type { Context } from './context.ts'
import { change, query, select } from './statement.ts'

/** An attempt left open when its lease ran out, on record as in doubt. Read as it was before the statement that it is part of. */
const lost = `insert into @attempts(delivery, n, at, ms, outcome, code, detail)
  select id, attempts, claimed_at, greatest(0, due_at - claimed_at), 'in-doubt', 'lease-lost', 'The lease ran out before the attempt was settled.'
  from @deliveries where id = any($1::bigint[]) and done_at is null and claimed_at is not null`
const replaced = `on conflict(delivery, n) do update set at = excluded.at, ms = excluded.ms, outcome = excluded.outcome, code = excluded.code, detail = excluded.detail, provider_id = excluded.provider_id`

// Numbers over the whole store only grow, so that whoever held an earlier lease can settle nothing any more; all of one claim get the same.
const recordLost = change(`${lost} ${replaced}`)
const lease = query<Lease>(
  `with number as materialized (select nextval('@fences') as fence)
   update @deliveries as deliveries set due_at = $2, doubt_at = coalesce(doubt_at, claimed_at), claimed_at = $3, fence = number.fence, attempts = attempts + 1, batch_key = null
   from number where id = any($1::bigint[]) and done_at is null returning id, deliveries.fence`,
)

// Looked up one by one by their key, behind a fence: where nothing was claimed when the database last counted, it expects to find nothing, and
// would compare everything that waits with everything that is given.
const held = `lateral (select held.id from @deliveries as held where held.id = given.id and held.fence = given.fence and held.claimed_at is not null and held.done_at is null offset 0) as held`
// Most of what is settled was sent: what is the same for all of them is given once, and no column is written of which a trigger hears. Each value that is
// given in a list takes as long as a tenth of the write.
// The row of `due` goes with it.
const settleSent = (provider: { readonly set: string; readonly list: string; readonly name: string }) => query<Lease>(
  `with ended as (
     update @deliveries as deliveries set result = 'sent', done_at = $5, claimed_at = null, last_n = $6, last_at = given.at, last_ms = given.ms${provider.set}
     from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[]${provider.list}) as given(id, fence, at, ms${provider.name}), lateral (
       select held.ctid from @deliveries as held where held.id = given.id and held.fence = given.fence and held.claimed_at is not null and held.done_at is null offset 0) as held
     where deliveries.ctid = held.ctid returning deliveries.id, deliveries.fence),
   gone as (delete from @due where id = any(array(select id from ended)))
   select id, fence from ended`,
)
const settleSentOnly = settleSent({ set: '', list: '', name: '' })
const settleSentAs = settleSent({ set: ', last_provider_id = given.provider_id', list: ', $7::text[]', name: ', provider_id' })
const settleDone = query<Lease>(
  `update @deliveries as deliveries set result = given.result, done_at = given.at, claimed_at = null, last_n = given.last_n, last_at = given.last_at, last_ms = given.last_ms,
     last_outcome = given.last_outcome, last_code = given.last_code, last_detail = given.last_detail, last_provider_id = given.last_provider_id
   from unnest($1::bigint[], $2::bigint[], $3::text[], $4::bigint[], $5::integer[], $6::bigint[], $7::bigint[], $8::text[], $9::text[], $10::text[], $11::text[])
     as given(id, fence, result, at, last_n, last_at, last_ms, last_outcome, last_code, last_detail, last_provider_id), ${held}
   where deliveries.id = held.id returning deliveries.id, deliveries.fence`,
)
// The first doubt stays: whatever is answered later, that attempt may still have arrived.
const settleLater = query<Lease>(
  `with given as materialized (
     select * from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::integer[], $5::bigint[], $6::integer[], $7::bigint[], $8::bigint[], $9::text[], $10::text[], $11::text[], $12::text[])
       as given(id, fence, due_at, cost, at, n, ms, uncounted, outcome, code, detail, provider_id)),
   kept as (
     update @deliveries as deliveries set due_at = given.due_at, claimed_at = null, attempts = attempts - given.uncounted,
       doubt_at = coalesce(doubt_at, case when given.outcome = 'in-doubt' then given.at end), doubts = doubts + case when given.outcome = 'in-doubt' then 1 else 0 end,
       cost = coalesce(given.cost, deliveries.cost)
     from given, ${held} where deliveries.id = held.id returning deliveries.id, deliveries.fence),
   told as (
     insert into @attempts(delivery, n, at, ms, outcome, code, detail, provider_id)
     select id, n, at, ms, outcome, code, detail, provider_id from given where n is not null and id in (select id from kept) order by id ${replaced})
   select id, fence from kept`,
)
const insertAttempt = change(`insert into @attempts(delivery, n, at, ms, outcome, code, detail, provider_id) values ($1, $2, $3, $4, $5, $6, $7, $8) ${replaced}`)
const findSent = select(tables.deliveries, ['attempts', 'last_n', 'last_provider_id'], "where id = $1 and result = 'sent' for update")
// The key was null before: the trigger that hears of it sees to the rest.
const setResult = change('update @deliveries set result = $1, done_at = greatest(done_at, $2), batch_key = null where id = $3')
const mark = change('update @deliveries set fallback_asked = 1 where id = $1')
const findMarked = select(tables.deliveries, ['id'], 'where id = any($1::bigint[]) and fallback_asked <> 0')
const free = 'id = any($1::bigint[]) and done_at is null and (claimed_at is null or due_at <= $2)'
const end = change(
  `with lost as (${lost} and due_at <= $2 ${replaced})
   update @deliveries set result = $3, done_at = $2, claimed_at = null, batch_key = null where ${free}`,
)
const putOff = change(`update @deliveries set due_at = $3 where ${free}`)

/**
 * waiting  `claimed_at` is null
 * claimed  `claimed_at` is set and `due_at` is the end of the lease: a lease that runs out makes it due by itself,
 *          nobody sweeps. The attempt that was open then is in doubt, and is recorded when it is leased again or ended
 * done     `done_at` is set
 */
export function settler({ sql, unclaimed }: Pick<Context, 'sql' | 'unclaimed'>): Pick<Transaction, 'lease' | 'settle' | 'markFallbackAsked' | 'fallbackAsked' | 'finish' | 'postpone' | 'learn'> {
  /** Those that were sent and of which nothing else is to be said, in one statement for each number of an attempt. */
  const sent = async (some: readonly Sent[]): Promise<readonly Lease[]> => {
    const ended: Lease[] = []
    for (const [number, sameNumber] of Map.groupBy(some, ({ attempt }) => attempt.number)) {
      for (const [atMs, together] of Map.groupBy(sameNumber, (one) => one.atMs)) {
        const values = [
          together.map(({ id }) => id), together.map(({ fence }) => fence), together.map(({ attempt }) => whole(attempt.atMs)), together.map(({ attempt }) => whole(attempt.tookMs)), whole(atMs), number,
        ] as const
        const hasProviderIds = together.some(({ attempt }) => attempt.providerId !== undefined)
        ended.push(...(hasProviderIds ? await sql.all(settleSentAs, ...values, together.map(({ attempt }) => attempt.providerId ?? null)) : await sql.all(settleSentOnly, ...values)))
      }
    }
    return ended
  }
  const done = async (some: readonly Settled<'done'>[]): Promise<readonly Lease[]> => {
    if (some.length === 0) return []
    const last = some.map(({ attempt }) => lastOf(attempt))
    return sql.all(
      settleDone, some.map(({ id }) => id), some.map(({ fence }) => fence), some.map(({ result }) => result), some.map(({ atMs }) => whole(atMs)),
      last.map(([n]) => n), last.map(([, at]) => at), last.map(([, , ms]) => ms), last.map(([, , , outcome]) => outcome), last.map(([, , , , code]) => code),
      last.map(([, , , , , detail]) => detail), last.map(([, , , , , , provider]) => provider),
    )
  }
  const later = async (some: readonly Settled<'later'>[]): Promise<readonly Lease[]> => {
    if (some.length === 0) return []
    return sql.all(
      settleLater, some.map(({ id }) => id), some.map(({ fence }) => fence), some.map(({ dueMs }) => whole(dueMs)), some.map(({ cost }) => cost ?? null),
      some.map(({ attempt }) => (attempt === undefined ? null : whole(attempt.atMs))), some.map(({ attempt }) => attempt?.number ?? null),
      some.map(({ attempt }) => (attempt === undefined ? null : whole(attempt.tookMs))), some.map(({ uncounted }) => (uncounted === true ? 1 : 0)),
      some.map(({ attempt }) => attempt?.outcome ?? null), some.map(({ attempt }) => attempt?.code ?? null), some.map(({ attempt }) => attempt?.detail ?? null),
      some.map(({ attempt }) => attempt?.providerId ?? null),
    )
  }

  return {
    async lease(ids, leaseUntilMs, nowMs) {
      if (ids.length === 0) return []
      const mayBeLost = ids.filter((id) => !unclaimed.has(id))
      if (mayBeLost.length > 0) await sql.run(recordLost, mayBeLost)
      for (const id of ids) unclaimed.delete(id)
      const rows = await sql.all(lease, ids, whole(leaseUntilMs), whole(nowMs))
      if (rows.length !== ids.length) throw new Error(`expected ${ids.length} deliveries on record that are not done, found ${rows.length}`)
      const fence = rows[0]?.fence ?? 0
      return ids.map(() => fence)
    },
    async settle(settlements) {
      // Whoever settles the same lease again holds it no more. What was first stays first.
      const ordered = settlements.toSorted((one, other) => one.id - other.id || one.fence - other.fence)
      const all = ordered.filter((one, place) => place === 0 || !isSameLease(one, ordered[place - 1]))
      const ended = [
        ...(await sent(all.filter(isSent))),
        ...(await done(all.filter((one): one is Settled<'done'> => one.kind === 'done' && !isSent(one)))),
        ...(await later(all.filter((one) => one.kind === 'later'))),
      ]
      const fenceOf = new Map(ended.map(({ id, fence }) => [id, fence]))
      const first = new Set(all)
      return settlements.map((one) => first.delete(one) && fenceOf.get(one.id) === one.fence)
    },
    async learn(delivery, { atMs, tookMs, outcome, code, detail, providerId }, result) {
      const known = await sql.get(findSent, delivery)
      if (known === undefined || (known.last_provider_id !== null && known.last_provider_id !== providerId)) return false
      await sql.run(insertAttempt, delivery, (known.last_n ?? known.attempts) + 1, whole(atMs), whole(tookMs), outcome, code ?? null, detail, providerId ?? null)
      if (result !== undefined) await sql.run(setResult, result, whole(atMs), delivery)
      return true
    },
    async markFallbackAsked(id) {
      await sql.run(mark, id)
    },
    async fallbackAsked(ids) {
      const marked = new Set((await sql.all(findMarked, ids)).map(({ id }) => id))
      return ids.map((id) => marked.has(id))
    },
    async finish(ids, result, atMs) {
      if (ids.length > 0) await sql.run(end, ids, whole(atMs), result)
    },
    async postpone(ids, dueMs, nowMs) {
      if (ids.length > 0) await sql.run(putOff, ids, whole(nowMs), whole(dueMs))
    },
  }
}

type Settled<Kind extends Settlement['kind']> = Extract<Settlement, { readonly kind: Kind }>

type Sent = Settled<'done'> & { readonly attempt: Attempt }

function isSent(one: Settlement): one is Sent {
  return one.kind === 'done' && one.result === 'sent' && one.attempt?.outcome === 'sent' && one.attempt.code === undefined && one.attempt.detail === ''
}

/** A delivery under one lease. */
interface Lease {
  readonly id: number
  readonly fence: number
}

function isSameLease(one: Lease, other: Lease | undefined): boolean {
  return one.id === other?.id && one.fence === other.fence
}
