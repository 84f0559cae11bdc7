import type { Pool } from 'pg'
import type { Store } from '../../packages/core/src/model/store.ts'
import { callNanoUsd, type Sent } from './load.ts'
import type { Arrival } from './hook.ts'
import type { Node } from './nodes.ts'

/** One question, and what is wrong where something is. */
export interface Answer {
  readonly says: string
  readonly found: string
  readonly problems: readonly string[]
}

interface Told {
  readonly title: string
  readonly deliveries: number
}

/** What is on record and what arrived, held against what was accepted. */
export async function judge(sent: Sent, arrivals: readonly Arrival[], nodes: readonly Node[], { store, pool, project, thresholds, amountNanoUsd }: { readonly store: Store; readonly pool: Pool; readonly project: string; readonly thresholds: readonly number[]; readonly amountNanoUsd: number }): Promise<readonly Answer[]> {
  const ask = async <Row extends object>(text: string): Promise<readonly Row[]> => (await pool.query<Row>(text)).rows
  const events = await ask<{ id: string; times: number }>(`select id, count(*)::int as times from tocsin.events where type in ('llm.call', 'custom') group by id`)
  const known = new Map(events.map(({ id, times }) => [id, times]))
  const lost = [...sent.events].filter((id) => !known.has(id))
  const twice = events.filter(({ times }) => times > 1).map(({ id }) => id)
  const [alerts] = await ask<{ alerts: number; distinct: number }>(`select count(*)::int as alerts, count(distinct key)::int as distinct from tocsin.alerts where rule = 'custom'`)
  const customs = events.filter(({ id }) => id.startsWith('mark-')).length
  const told = await ask<Told>(`select a.key as title, count(*)::int as deliveries from tocsin.alerts a join tocsin.deliveries d on d.alert = a.id where a.rule = 'custom' group by a.key having count(*) > 1`)
  const arrived = new Map<string, Set<string>>()
  for (const { id, about } of arrivals) for (const mark of about) arrived.set(mark, (arrived.get(mark) ?? new Set()).add(id))
  const marksOnRecord = events.filter(({ id }) => id.startsWith('mark-')).map(({ id }) => id)
  const untold = marksOnRecord.filter((mark) => !arrived.has(mark))
  const toldTwice = marksOnRecord.filter((mark) => (arrived.get(mark)?.size ?? 0) > 1)
  const timesOf = new Map<string, number>()
  for (const { id } of arrivals) timesOf.set(id, (timesOf.get(id) ?? 0) + 1)
  const again = [...timesOf].filter(([, times]) => times > 1)
  const attempts = await attemptsOf(ask)
  const unrecorded = again.filter(([id, times]) => (attempts.get(deliveryOf(id)) ?? 0) < times)
  const calls = events.filter(({ id }) => id.startsWith('call-')).length
  const spent = calls * callNanoUsd
  const crossed = thresholds.filter((threshold) => spent >= threshold * amountNanoUsd)
  const crossings = await ask<{ threshold: string; times: number }>(`select threshold::text, count(*)::int as times from tocsin.crossings group by threshold`)
  const [sums] = await ask<{ spent: string }>(`select coalesce(sum(nano), 0)::text as spent from tocsin.spend where budget = 'month'`)
  const waiting = await store.read.waiting(project)
  const wrongCrossings = [...crossings.filter(({ times }) => times !== 1).map(({ threshold, times }) => `${threshold} told ${times} times`), ...(crossings.length === crossed.length ? [] : [`${crossed.length} thresholds lie below what was spent, ${crossings.length} are on record`])]
  const died = nodes.filter(({ diedByItself }) => diedByItself > 0)
  return [
    { says: 'every event that was accepted is on record', found: `${sent.events.size} accepted, ${events.length} on record`, problems: sent.events.size === 0 ? ['nothing was accepted: there is nothing to say'] : some('lost', lost) },
    { says: 'no event is there twice', found: `${events.length} ids`, problems: some('twice', twice) },
    { says: 'each announcement is one alert', found: `${customs} announcements, ${alerts?.alerts ?? 0} alerts`, problems: alerts?.alerts === customs && alerts.distinct === customs ? [] : [`${alerts?.alerts} alerts of ${alerts?.distinct} announcements`] },
    { says: 'each announcement arrived', found: `${arrived.size} arrived`, problems: some('not told', untold) },
    { says: 'by one delivery each', found: `${told.length} in several`, problems: [...some('two deliveries', toldTwice), ...some('two deliveries', told.map(({ title }) => title))] },
    { says: 'what was sent again is on record as such', found: `${again.length} of ${timesOf.size} arrived again`, problems: some('no second attempt on record', unrecorded.map(([id]) => id)) },
    { says: 'what was spent is counted once', found: `${calls} calls, $${(spent / 1e9).toFixed(3)}, $${(Number(sums?.spent) / 1e9).toFixed(3)} in the budget`, problems: Number(sums?.spent) === spent ? [] : [`the budget holds ${sums?.spent}, expected ${spent}`] },
    { says: 'each threshold was crossed once', found: `${crossings.length} of ${crossed.length}`, problems: wrongCrossings },
    { says: 'nothing waits any more', found: `${waiting.reduce((sum, { count }) => sum + count, 0)} waiting`, problems: waiting.map(({ channel, count }) => `${count} for ${channel}`) },
    { says: 'no node died by itself', found: `${nodes.reduce((sum, { kills }) => sum + kills, 0)} killed`, problems: died.map(({ number, output }) => `node ${number}: ${output.slice(-600)}`) },
    { says: 'no answer was wrong', found: `${sent.requests} requests, ${sent.tries} tried again`, problems: sent.wrong.slice(0, 10) },
  ]
}

async function attemptsOf(ask: (text: string) => Promise<readonly { readonly delivery: number; readonly times: number }[]>): Promise<ReadonlyMap<string, number>> {
  const rows = await ask(`select delivery, count(*)::int as times from tocsin.every_attempt group by delivery`)
  return new Map(rows.map(({ delivery, times }) => [String(delivery), times]))
}

/** `tocsin-PROJECT-NUMBER-TIME`. */
function deliveryOf(messageId: string): string {
  return /-(\d+)-[0-9a-z]+$/.exec(messageId)?.[1] ?? ''
}

function some(what: string, ids: readonly string[]): readonly string[] {
  return ids.length === 0 ? [] : [`${ids.length} ${what}: ${ids.slice(0, 5).join(', ')}${ids.length > 5 ? ', …' : ''}`]
}
