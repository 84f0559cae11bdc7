import { describe, expect, test } from 'vitest'
import type { AlertKind } from '../../model/alert.ts'
import type { AlertListAsk, DeliveryListAsk, SessionListAsk } from '../../model/lists.ts'
import type { NewAlert } from '../../model/store.ts'
import type { StoreUnderTest } from '../store-suite.ts'
import { dana, lee, sampleAlert, sampleEvent, sampleMs, sampleNotification, sampleSession } from './samples.ts'

type Ask<T> = Omit<T, 'project' | 'limit'>

/** All pages of a list; in between something may happen. */
async function everyPage<T, Place>(page: (after: Place | undefined) => Promise<{ readonly items: readonly T[]; readonly next?: Place }>, between: () => Promise<unknown> = async () => undefined): Promise<readonly T[]> {
  const found: T[] = []
  let after: Place | undefined
  for (let pages = 0; pages < 100; pages += 1) {
    const { items, next } = await page(after)
    found.push(...items)
    if (next === undefined) return found
    after = next
    await between()
  }
  throw new Error('expected the list to end within 100 pages')
}

export function listSuite(here: StoreUnderTest): void {
  const alerts = (count: number, change: (index: number) => Partial<NewAlert> = () => ({})) =>
    here.write((tx) => tx.insertAlerts(Array.from({ length: count }, (_, index) => sampleAlert({ key: `k${index}`, openedAtMs: sampleMs + index, ...change(index) }))))
  const listAlerts = async (ask: Ask<AlertListAsk> = {}, limit = 3) => (await everyPage((after: AlertListAsk['after']) => here.store.read.listAlerts({ project: 'bots', limit, ...ask, ...(after !== undefined && { after }) }))).map(({ id }) => id)
  const listDeliveries = async (ask: Ask<DeliveryListAsk> = {}, limit = 3) => (await everyPage((after: number | undefined) => here.store.read.listDeliveries({ project: 'bots', limit, ...ask, ...(after !== undefined && { after }) }))).map(({ id }) => id)
  const listSessions = async (ask: Ask<SessionListAsk> = {}, limit = 2) => (await everyPage((after: SessionListAsk['after']) => here.store.read.listSessions({ project: 'bots', limit, ...ask, ...(after !== undefined && { after }) }))).map(({ sessionId }) => sessionId)

  describe('alerts', () => {
    test('pages go from the newest to the oldest, each alert once, also while new ones open', async () => {
      // Several of one instant: the number decides.
      const ids = await alerts(11, (index) => ({ openedAtMs: sampleMs + Math.floor(index / 4) }))
      let more = 0
      const found = await everyPage(
        (after: AlertListAsk['after']) => here.store.read.listAlerts({ project: 'bots', limit: 3, ...(after !== undefined && { after }) }),
        async () => here.write((tx) => tx.insertAlerts([sampleAlert({ key: `new${(more += 1)}`, openedAtMs: sampleMs + 100 + more })])),
      )
      expect(found.map(({ id }) => id)).toEqual([...ids].reverse())
      expect(more).toBeGreaterThan(2)
    })

    test('each filter passes what it names, and several together what passes all', async () => {
      const kinds: readonly AlertKind[] = ['session', 'model', 'cost']
      const ids = await alerts(9, (index) => ({
        kind: kinds[index % 3] ?? 'tool', severity: index % 2 === 0 ? 'high' : 'warning', rule: `rule${index % 4}`, agent: index < 5 ? 'early' : 'late', sessionId: `s${index % 3}`, ends: index === 8 ? 'at-once' : 'quiet',
      }))
      const where = (passes: (index: number) => boolean) => ids.filter((_, index) => passes(index)).toReversed()
      expect(await listAlerts({ kinds: ['cost', 'model'] })).toEqual(where((index) => index % 3 > 0))
      expect(await listAlerts({ severities: ['high'] })).toEqual(where((index) => index % 2 === 0))
      expect(await listAlerts({ rule: 'rule1' })).toEqual(where((index) => index % 4 === 1))
      expect(await listAlerts({ agent: 'early' })).toEqual(where((index) => index < 5))
      expect(await listAlerts({ sessionId: 's2' })).toEqual(where((index) => index % 3 === 2))
      expect(await listAlerts({ states: ['resolved'] })).toEqual(where((index) => index === 8))
      expect(await listAlerts({ states: ['firing', 'acknowledged'] })).toEqual(where((index) => index !== 8))
      expect(await listAlerts({ sinceMs: sampleMs + 2, untilMs: sampleMs + 6 })).toEqual(where((index) => index >= 2 && index < 6))
      expect(await listAlerts({ kinds: ['session'], agent: 'late', states: ['firing'] })).toEqual(where((index) => index % 3 === 0 && index >= 5))
      expect(await listAlerts({ kinds: [] })).toEqual([])
    })

    test('what is acknowledged or over is found by its state', async () => {
      const [first = 0, second = 0, third = 0] = await alerts(3)
      await here.write((tx) => tx.updateAlerts([
        { id: first, addCount: 0, updatedAtMs: sampleMs, state: 'acknowledged', taken: { by: 'dana', atMs: sampleMs } }, { id: second, addCount: 0, updatedAtMs: sampleMs, state: 'resolved', resolvedAtMs: sampleMs },
      ]))
      expect([await listAlerts({ states: ['acknowledged'] }), await listAlerts({ states: ['resolved'] }), await listAlerts({ states: ['firing'] })]).toEqual([[first], [second], [third]])
    })

    test('what the same rule told of the same key before is found, the last to end first, and nothing else', async () => {
      const over = async (index: number, change: Partial<NewAlert> = {}): Promise<number> => {
        const [id = 0] = await here.write((tx) => tx.insertAlerts([sampleAlert({ key: 'same', openedAtMs: sampleMs + index, ...change })]))
        await here.write((tx) => tx.updateAlerts([{ id, addCount: 0, updatedAtMs: sampleMs + index, state: 'resolved', resolvedAtMs: sampleMs + 100 - index }]))
        return id
      }
      const ids = [await over(1), await over(2), await over(3)]
      await over(4, { key: 'other' })
      await over(5, { rule: 'other' })
      await over(6, { project: 'other' })
      const [open = 0] = await here.write((tx) => tx.insertAlerts([sampleAlert({ key: 'same' })]))
      const before = async (id: number, limit: number): Promise<readonly number[]> => (await here.store.read.alertsBefore({ id, project: 'bots', rule: sampleAlert({ key: 'same' }).rule, key: 'same' }, limit)).map((alert) => alert.id)
      expect([await before(open, 5), await before(open, 2), await before(ids[0] ?? 0, 5)]).toEqual([ids, ids.slice(0, 2), ids.slice(1)])
    })

    test('parts of an alert are listed under it and counted', async () => {
      const [parent = 0, ...parts] = await alerts(5)
      await here.write((tx) => tx.updateAlerts(parts.slice(1).map((id) => ({ id, addCount: 0, updatedAtMs: sampleMs, parent }))))
      expect(await listAlerts({ parent }, 2)).toEqual(parts.slice(1).toReversed())
      expect(await listAlerts({ parent: 'none' }, 1)).toEqual([parts[0], parent])
      expect(await here.store.read.countParts([parent, parts[0] ?? 0])).toEqual([3, 0])
      expect([await here.store.read.countFiring('bots', ['model']), await here.store.read.countFiring('bots', ['cost']), await here.store.read.countFiring('other', ['model'])]).toEqual([2, 0, 0])
    })

    test('an agent that few alerts are about costs several short pages, and all of them are found', async () => {
      const ids = await alerts(6_500, (index) => ({ agent: index % 3_200 === 0 ? 'rare' : 'common' }))
      const first = await here.store.read.listAlerts({ project: 'bots', limit: 50, agent: 'rare' })
      expect(first.items).toHaveLength(1)
      expect(first.next).toBeDefined()
      expect(await listAlerts({ agent: 'rare' }, 50)).toEqual([ids[6_400], ids[3_200], ids[0]])
    })

    test('those of another project are not there, and neither are reports', async () => {
      const [mine = 0, theirs = 0] = await alerts(2, (index) => ({ project: index === 0 ? 'bots' : 'other' }))
      await alerts(1, () => ({ message: 'report.day', key: 'report', kind: 'system', ends: 'at-once' }))
      expect(await listAlerts()).toEqual([mine])
      expect([...(await here.store.read.alertsNumbered('bots', [mine, theirs])).keys()]).toEqual([mine])
      expect(await here.store.read.listAlerts({ project: 'unheard', limit: 5 })).toEqual({ items: [] })
    })
  })

  describe('deliveries', () => {
    let keys = 0
    const enqueue = (changes: readonly Partial<Parameters<typeof sampleNotification>[1]>[]) =>
      here.write(async (tx) => {
        const of = await tx.insertAlerts(changes.map((change) => sampleAlert({ key: `d${(keys += 1)}`, project: change?.project ?? 'bots' })))
        return (await tx.enqueue(changes.map((change, index) => sampleNotification(of[index] ?? 0, change)))).map(({ delivery }, index) => ({ id: delivery, alert: of[index] ?? 0 }))
      })

    test('by person, channel, state, result, alert and time, newest first, and only of the project', async () => {
      const made = await enqueue(Array.from({ length: 12 }, (_, index) => ({ recipient: index % 4 === 0 ? lee : dana, channel: index % 3 === 0 ? 'sms' : 'mail', createdAtMs: sampleMs + index * 60_000 })))
      await enqueue([{ project: 'other' }])
      const ids = made.map(({ id }) => id)
      await here.write(async (tx) => {
        await tx.finish([ids[1] ?? 0, ids[2] ?? 0], 'failed', sampleMs)
        await tx.finish([ids[4] ?? 0], 'superseded', sampleMs)
        await tx.lease([ids[5] ?? 0], sampleMs + 60_000, sampleMs)
      })
      const where = (passes: (index: number) => boolean) => ids.filter((_, index) => passes(index)).toReversed()
      expect(await listDeliveries()).toEqual(where(() => true))
      expect(await listDeliveries({ person: 'lee' }, 2)).toEqual(where((index) => index % 4 === 0))
      expect(await listDeliveries({ channels: ['sms'] }, 2)).toEqual(where((index) => index % 3 === 0))
      expect(await listDeliveries({ person: 'dana', channels: ['sms'] })).toEqual(where((index) => index % 4 !== 0 && index % 3 === 0))
      expect(await listDeliveries({ person: 'lee', results: ['superseded'] })).toEqual([ids[4]])
      expect(await listDeliveries({ results: ['failed'] }, 1)).toEqual([ids[2], ids[1]])
      expect(await listDeliveries({ state: 'claimed' })).toEqual([ids[5]])
      expect(await listDeliveries({ state: 'waiting' })).toEqual(where((index) => ![1, 2, 4, 5].includes(index)))
      expect(await listDeliveries({ state: 'done', channels: ['mail'] })).toEqual([ids[4], ids[2], ids[1]])
      expect(await listDeliveries({ alert: made[7]?.alert ?? 0 })).toEqual([ids[7]])
      expect(await listDeliveries({ sinceMs: sampleMs + 10 * 60_000 })).toEqual([ids[11], ids[10]])
      expect(await listDeliveries({ person: 'nobody' })).toEqual([])
      expect((await here.store.read.deliveriesNumbered('other', ids)).length).toBe(0)
    })

    test('of an alert the messages that were sent and those that wait are counted, and not that it is over', async () => {
      const [told, waiting, failed] = await enqueue([{}, {}, {}])
      const of = [told?.alert ?? 0, waiting?.alert ?? 0, failed?.alert ?? 0]
      await here.write(async (tx) => {
        await tx.finish([told?.id ?? 0], 'sent', sampleMs)
        await tx.finish([failed?.id ?? 0], 'failed', sampleMs)
        await tx.enqueue([sampleNotification(of[0] ?? 0, { news: 'resolved' })])
      })
      expect(await here.store.read.countTold([...of, 999_999])).toEqual([{ sent: 1, waiting: 0 }, { sent: 0, waiting: 1 }, { sent: 0, waiting: 0 }, { sent: 0, waiting: 0 }])
    })

    test('whoever was told once among thousands is found in one page', async () => {
      const [first] = await enqueue([{ recipient: lee }])
      await enqueue(Array.from({ length: 4_000 }, () => ({ recipient: dana })))
      expect(await here.store.read.listDeliveries({ project: 'bots', limit: 10, person: 'lee' })).toMatchObject({ items: [{ id: first?.id }] })
      expect(await listDeliveries({ person: 'dana', sinceMs: sampleMs + 1 }, 50)).toEqual([])
      expect(await listDeliveries({ person: 'dana', state: 'done' }, 50)).toEqual([])
    })
  })

  describe('sessions', () => {
    const begin = (changes: readonly Parameters<typeof sampleSession>[0][]) => here.write((tx) => tx.applySessions(changes.map((change) => sampleSession(change))))

    test('newest first, by state, agent, user, cost and time', async () => {
      await begin(Array.from({ length: 7 }, (_, index) => ({
        sessionId: `s${index}`, firstAtMs: sampleMs + index, lastAtMs: sampleMs + 100, agent: index % 2 === 0 ? 'even' : 'odd', user: `u${index % 3}`, costNanoUsd: (index * 5) % 7, ...(index === 3 && { end: { atMs: sampleMs + 50, state: 'fail' as const } }),
      })))
      await begin([{ project: 'other', sessionId: 'theirs' }])
      expect(await listSessions()).toEqual(['s6', 's5', 's4', 's3', 's2', 's1', 's0'])
      expect(await listSessions({ agent: 'odd' })).toEqual(['s5', 's3', 's1'])
      expect(await listSessions({ states: ['fail'] })).toEqual(['s3'])
      expect(await listSessions({ user: 'u1', minCostNanoUsd: 5 })).toEqual(['s4', 's1'].filter((id) => (Number(id.slice(1)) * 5) % 7 >= 5))
      expect(await listSessions({ sinceMs: sampleMs + 1, untilMs: sampleMs + 3 })).toEqual(['s2', 's1'])
      const dear = await everyPage((after: Awaited<ReturnType<typeof here.store.read.costliestSessions>>['next']) => here.store.read.costliestSessions({ project: 'bots', limit: 3, nowMs: sampleMs + 1_000, ...(after !== undefined && { after }) }))
      expect(await here.store.read.countSessions('bots', sampleMs + 3)).toEqual([{ state: 'fail', count: 1, costNanoUsd: 1 }, { state: 'running', count: 3, costNanoUsd: 12 }])
      expect(dear.map(({ costNanoUsd }) => costNanoUsd)).toEqual([6, 5, 4, 3, 2, 1, 0])
    })
  })

  describe('events', () => {
    test('newest first over all, oldest first in a session, and by type, agent and time', async () => {
      await here.write(async (tx) => {
        await tx.insertEvents(Array.from({ length: 10 }, (_, index) => sampleEvent({ id: `e${index}`, atMs: sampleMs + index, type: index % 2 === 0 ? 'llm.call' : 'tool.call', sessionId: index % 3 === 0 ? 's1' : 's2', agent: index < 5 ? 'a' : 'b' })))
        await tx.applySessions([sampleSession({ firstAtMs: sampleMs, lastAtMs: sampleMs + 9 }), sampleSession({ sessionId: 's2', firstAtMs: sampleMs + 1, lastAtMs: sampleMs + 8 })])
        await tx.insertEvents([sampleEvent({ id: 'theirs', project: 'other', sessionId: 's1' })])
      })
      const list = async (ask: object) => (await everyPage((after: { readonly atMs: number; readonly id: string } | undefined) => here.store.read.listEvents({ project: 'bots', limit: 2, ...ask, ...(after !== undefined && { after }) }))).map(({ id }) => id)
      expect(await list({})).toEqual(['e9', 'e8', 'e7', 'e6', 'e5', 'e4', 'e3', 'e2', 'e1', 'e0'])
      expect(await list({ sessionId: 's1' })).toEqual(['e0', 'e3', 'e6', 'e9'])
      expect(await list({ types: ['tool.call'], agent: 'b' })).toEqual(['e9', 'e7', 'e5'])
      expect(await list({ sinceMs: sampleMs + 3, untilMs: sampleMs + 5 })).toEqual(['e4', 'e3'])
      expect(await list({ status: 'error' })).toEqual([])
      expect(await list({ sessionId: 'unheard' })).toEqual([])
    })

    test('those that failed are found among many, in pages, and counted by why they did since a time', async () => {
      const failed = (index: number) => sampleEvent({
        id: `f${index}`, atMs: sampleMs + index * 100, status: 'error', agent: index < 3 ? 'a' : 'b',
        ...(index % 2 === 0 ? { error: { class: 'timeout', message: 'slow' }, llm: { provider: 'openai', model: 'gpt', operation: 'chat', costSource: 'unknown' } } : { type: 'tool.call', tool: { name: 'crm' }, ...(index < 5 && { error: { class: 'auth', message: 'no' } }) }),
      })
      await here.write((tx) => tx.insertEvents([
        ...Array.from({ length: 700 }, (_, index) => sampleEvent({ id: `fine${index}`, atMs: sampleMs + index })), ...Array.from({ length: 7 }, (_, index) => failed(index)),
        sampleEvent({ id: 'end', atMs: sampleMs + 50, type: 'session.end', status: 'error' }), { ...failed(2), id: 'twice', duplicateOf: 'f2' }, { ...failed(2), project: 'other' },
      ]))
      const list = async (ask: object) => (await everyPage((after: { readonly atMs: number; readonly id: string } | undefined) => here.store.read.listEvents({ project: 'bots', status: 'error', limit: 2, ...ask, ...(after !== undefined && { after }) }))).map(({ id }) => id)
      expect(await list({})).toEqual(['f6', 'f5', 'f4', 'f3', 'twice', 'f2', 'f1', 'end', 'f0'])
      expect(await list({ agent: 'a', types: ['llm.call'], sinceMs: sampleMs + 1 })).toEqual(['twice', 'f2'])
      expect(await here.store.read.failureCauses('bots', sampleMs)).toEqual([
        { class: 'timeout', name: 'gpt', provider: 'openai', count: 4 }, { class: 'auth', name: 'crm', provider: '', count: 2 }, { class: '', name: 'crm', provider: '', count: 1 },
      ])
      expect((await here.store.read.failureCauses('bots', sampleMs + 500)).map(({ count }) => count)).toEqual([1, 1])
      expect(await here.store.read.failureCauses('unheard', 0)).toEqual([])
    })

    test('of failed events the newest 5,000 are looked at for why they failed', async () => {
      const failed = (index: number, name: string) => sampleEvent({ id: `${name}${index}`, atMs: sampleMs + index, type: 'tool.call', status: 'error', tool: { name } })
      await here.write((tx) => tx.insertEvents(Array.from({ length: 10 }, (_, index) => failed(index, 'old'))))
      await here.write((tx) => tx.insertEvents(Array.from({ length: 5_000 }, (_, index) => failed(100 + index, 'new'))))
      const causes = await here.store.read.failureCauses('bots', sampleMs)
      expect(causes.map(({ name }) => name)).toEqual(['new'])
      // Fewer where looking takes long.
      expect(causes[0]?.count).toBeGreaterThanOrEqual(100)
      expect(causes[0]?.count).toBeLessThanOrEqual(5_000)
    })
  })

  describe('decisions', () => {
    test('newest alert first, by person, reason and kind, of the project alone', async () => {
      const ids = await alerts(3, (index) => ({ project: index === 2 ? 'other' : 'bots', kind: index === 0 ? 'cost' : 'model' }))
      const decide = (alert: number, person: string, atMs = sampleMs) => ({ alert, person, channel: 'mail', reason: person === 'lee' ? ('held.digest' as const) : ('sent.now' as const), params: { route: 'all' }, atMs, count: 1 })
      await here.write((tx) => tx.recordDecisions(ids.flatMap((id, index) => [decide(id, 'dana'), decide(id, 'lee', sampleMs + index)])))
      const list = async (ask: object) =>
        (await everyPage((after: NonNullable<Parameters<typeof here.store.read.listDecisions>[0]['after']> | undefined) => here.store.read.listDecisions({ project: 'bots', limit: 1, ...ask, ...(after !== undefined && { after }) }))).map(({ alert, person }) => `${ids.indexOf(alert)} ${person}`)
      expect(await list({})).toEqual(['1 lee', '1 dana', '0 lee', '0 dana'])
      expect(await list({ person: 'lee' })).toEqual(['1 lee', '0 lee'])
      expect(await list({ reasons: ['sent.now'], kinds: ['cost'] })).toEqual(['0 dana'])
      expect(await list({ alert: ids[1] })).toEqual(['1 lee', '1 dana'])
      expect(await list({ sinceMs: sampleMs + 1 })).toEqual(['1 lee'])
      expect(await list({ alert: ids[2] })).toEqual([])
    })
  })

  describe('changes', () => {
    test('what was committed after a place is told once, whatever times it bears, and survives a restart', async () => {
      const [first = 0] = await alerts(1)
      const from = await here.store.read.lastChange('bots')
      const made = await here.write(async (tx) => {
        const [old = 0] = await tx.insertAlerts([sampleAlert({ key: 'older', openedAtMs: sampleMs - 1_000_000 })])
        await tx.applySessions([sampleSession()])
        return { old, delivery: (await tx.enqueue([sampleNotification(old)]))[0]?.delivery ?? 0 }
      })
      const store = await here.reopen()
      const seen = await store.read.changesAfter('bots', from)
      expect(seen).toMatchObject({ alerts: [made.old], deliveries: [made.delivery], sessions: ['s1'], isGap: false })
      expect(await store.read.changesAfter('bots', seen.last)).toEqual({ alerts: [], deliveries: [], sessions: [], last: seen.last, isGap: false })
      await here.write((tx) => tx.updateAlerts([{ id: first, addCount: 1, updatedAtMs: sampleMs }]))
      await here.write((tx) => tx.withdraw(made.old, 'acknowledged', sampleMs))
      expect(await store.read.changesAfter('bots', seen.last)).toMatchObject({ alerts: [first], deliveries: [made.delivery] })
      expect(await store.read.lastChange('bots')).toBe((await store.read.changesAfter('bots', seen.last)).last)
    })

    test('what a transaction that failed had changed is not told, nor that a session goes on', async () => {
      await here.write((tx) => tx.applySessions([sampleSession()]))
      const from = await here.store.read.lastChange('bots')
      await expect(here.write(async (tx) => {
        await tx.insertAlerts([sampleAlert()])
        throw new Error('no')
      })).rejects.toThrow('no')
      await here.write((tx) => tx.applySessions([sampleSession({ costNanoUsd: 5 })]))
      expect(await here.store.read.changesAfter('bots', from)).toMatchObject({ alerts: [], sessions: [], isGap: false })
      await here.write((tx) => tx.applySessions([sampleSession({ end: { atMs: sampleMs + 1, state: 'success' } })]))
      expect(await here.store.read.changesAfter('bots', from)).toMatchObject({ sessions: ['s1'] })
    })

    test('a transaction about one project is told to no other', async () => {
      const from = await here.store.read.lastChange('other')
      await here.store.transaction((tx) => tx.insertAlerts([sampleAlert()]), { project: 'bots' })
      expect(await here.store.read.changesAfter('other', from)).toMatchObject({ alerts: [] })
      expect((await here.store.read.changesAfter('bots', from)).alerts).toHaveLength(1)
    })

    test('more than can be written down of one commit is a gap', async () => {
      const from = await here.store.read.lastChange('bots')
      await alerts(501)
      const { isGap, alerts: told } = await here.store.read.changesAfter('bots', from)
      expect([isGap, told.length]).toEqual([true, 500])
    })

    test('whoever listens hears of a commit that changed something, and of no other', async () => {
      let heard = 0
      const leave = here.store.onChange(() => {
        heard += 1
      })
      await here.write((tx) => tx.putTimers([{ project: 'bots', kind: 'x', key: '1', dueMs: 1 }]))
      expect(heard).toBe(0)
      await alerts(1)
      leave()
      await alerts(1, () => ({ key: 'later' }))
      expect(heard).toBe(1)
    })
  })
}
