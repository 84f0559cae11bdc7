import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { seededChance } from '../model/chance.ts'
import { systemClock } from '../model/clock.ts'
import type { Event } from '../model/event.ts'
import type { Store } from '../model/store.ts'
import { postgresWorld, testDatabaseUrl, type PostgresWorld } from '../testing/postgres-store.ts'
import { lee, sampleAlert, sampleEvent, sampleItem, sampleMs, sampleNotification, sampleSession, sampleSpend } from '../testing/store-suite/samples.ts'

let database: PostgresWorld
let otherPool: pg.Pool
beforeAll(async () => {
  database = await postgresWorld()
  otherPool = new pg.Pool({ connectionString: await testDatabaseUrl(), max: 6 })
}, 60_000)
afterAll(async () => {
  await otherPool.end()
  await database.dispose()
})

/** Two nodes: each has a store and a pool of its own on one database. */
let nodes: readonly Store[]
beforeEach(async () => {
  const first = await database.openStore({ clock: systemClock })
  await database.empty()
  nodes = [first, await database.openStore({ clock: systemClock, pool: otherPool })]
})
afterEach(async () => {
  for (const node of nodes) await node.close()
})

const eventsEach = 600
const batch = 40

/** The same events for every node in an order of its own, and three in ten of them twice. */
function shuffled(project: string, seed: number): readonly Event[] {
  const chance = seededChance(seed)
  const events = Array.from({ length: eventsEach }, (_, index) => sampleEvent({ project, id: `event ${index}`, atMs: sampleMs + (index % 97), sessionId: `session ${index % 7}` }))
  const sent = [...events, ...events.filter(() => chance.next() < 0.3)]
  return sent.map((event) => ({ event, place: chance.next() })).toSorted((one, other) => one.place - other.place).map(({ event }) => event)
}

function batchesOf(events: readonly Event[]): readonly (readonly Event[])[] {
  return Array.from({ length: Math.ceil(events.length / batch) }, (_, index) => events.slice(index * batch, (index + 1) * batch))
}

/** What an intake does with a batch, in one transaction: what is new is counted, and told of. */
async function takeIn(node: Store, project: string, events: readonly Event[]): Promise<void> {
  await node.transaction(async (tx) => {
    const isNew = await tx.insertEvents(events)
    const fresh = events.filter((_event, index) => isNew[index] === true)
    if (fresh.length === 0) return
    await tx.applySessions(fresh.map(({ sessionId = '', atMs }) => sampleSession({ project, sessionId, firstAtMs: atMs, lastAtMs: atMs })))
    await tx.addSpend([sampleSpend({ project, nanoUsd: fresh.length })])
    const key = { project, rule: 'model-failed', key: 'support|gpt' }
    const [open] = await tx.findAlerts([key], sampleMs)
    if (open === undefined) {
      const [alert = 0] = await tx.insertAlerts([sampleAlert({ ...key, count: fresh.length })])
      await tx.enqueue([sampleNotification(alert, { project }), sampleNotification(alert, { project, recipient: lee })])
    } else {
      await tx.updateAlerts([{ id: open.id, addCount: fresh.length, updatedAtMs: sampleMs }])
    }
    const news = await tx.insertAlerts(fresh.map(({ id }) => sampleAlert({ project, key: id, ends: 'at-once' })))
    await tx.enqueueInBatch(news.map((alert) => sampleItem(alert, { project, batchMax: 1_000 })))
    await tx.putRates(new Map([['shared rate', fresh.length], [`rate of ${project}`, 1]]))
    await tx.putTimers([{ project, kind: 'quiet', key: 'one', dueMs: sampleMs }])
    await tx.recordDecisions(news.map((alert) => ({ alert, person: 'dana', channel: 'mail', reason: 'held.digest', params: {}, atMs: sampleMs, count: 1 })))
  }, { project })
}

/** Every event counted once, whoever took it in. */
async function expectExact(project: string): Promise<void> {
  const [node] = nodes
  if (node === undefined) throw new Error('expected two nodes')
  const sessions = await node.transaction((tx) => tx.sessions(Array.from({ length: 7 }, (_, index) => ({ project, sessionId: `session ${index}` }))), { project })
  expect(sessions.reduce((sum, session) => sum + (session?.calls ?? 0), 0)).toBe(eventsEach)
  expect(await node.transaction((tx) => tx.addSpend([sampleSpend({ project, nanoUsd: 0 })]), { project })).toMatchObject([{ spentNanoUsd: eventsEach }])
  const [alert] = await node.transaction((tx) => tx.findAlerts([{ project, rule: 'model-failed', key: 'support|gpt' }], sampleMs), { project })
  expect(alert?.count).toBe(eventsEach)
  const deliveries = (await node.read.deliveriesOf(alert?.id ?? 0)).filter(({ alerts }) => alerts.length === 1)
  expect(deliveries.map(({ person }) => person)).toEqual(['dana', 'lee'])
  const [collected, ...others] = await node.transaction((tx) => tx.due({ project, channel: 'mail', priority: 3, nowMs: sampleMs + 60_000, limit: 10 }), { project })
  const { alerts = [], moreAlerts = 0 } = collected?.notification ?? {}
  expect([alerts.length + moreAlerts, others]).toEqual([eventsEach, []])
}

describe('two nodes that commit at the same time', () => {
  test('count every event of one project once, with duplicates and in any order', async () => {
    await Promise.all(nodes.map(async (node, index) => {
      for (const events of batchesOf(shuffled('bots', index + 1))) await takeIn(node, 'bots', events)
    }))
    expect((await nodes[1]?.read.counts())?.events).toBe(eventsEach)
    await expectExact('bots')
  })

  test('never wait for each other in a circle where each works on several projects', async () => {
    const projects = ['bots', 'agents', 'crew']
    await Promise.all(nodes.flatMap((node, index) =>
      // Each node begins with another project, and a node works on all of them at once.
      [...projects.slice(index), ...projects.slice(0, index)].map(async (project, place) => {
        for (const events of batchesOf(shuffled(project, index * 10 + place))) await takeIn(node, project, events)
      })))
    expect((await nodes[0]?.read.counts())?.events).toBe(eventsEach * projects.length)
    for (const project of projects) await expectExact(project)
  })

  test('draw on one rate of a person who is told of several projects, and on none that was drawn on meanwhile', async () => {
    const times = 25
    await Promise.all(nodes.map(async (node, index) => {
      for (let time = 0; time < times; time += 1) {
        await node.transaction(async (tx) => {
          const keys = [`channel:project ${index}`, 'attention:person|dana', 'attention:person|lee']
          const rates = await tx.rates(index === 0 ? keys : keys.toReversed())
          await tx.putRates(new Map(keys.map((key) => [key, (rates.get(key) ?? 0) + 1])))
        }, { project: `project ${index}` })
      }
    }))
    const keys = ['attention:person|dana', 'attention:person|lee', 'channel:project 0', 'channel:project 1']
    const kept = await nodes[0]?.transaction((tx) => tx.rates(keys))
    expect(keys.map((key) => kept?.get(key))).toEqual([2 * times, 2 * times, times, times])
  })

  test('never take the same delivery, also where nothing keeps their transactions apart', async () => {
    const [first, second] = nodes
    if (first === undefined || second === undefined) throw new Error('expected two nodes')
    await first.transaction(async (tx) => {
      const alerts = await tx.insertAlerts(Array.from({ length: 20 }, (_, index) => sampleAlert({ key: `key ${index}` })))
      await tx.enqueue(alerts.map((alert) => sampleNotification(alert)))
    }, { project: 'bots' })
    const due = (node: Store, name: string, meanwhile: () => Promise<void>) =>
      // Under another name there is no lock in common: the rows themselves have to say that they are taken.
      node.transaction(async (tx) => {
        const found = await tx.due({ project: 'bots', channel: 'mail', priority: 1, nowMs: sampleMs, limit: 12 })
        await meanwhile()
        return found.map(({ id }) => id)
      }, { project: name })
    let later: readonly number[] = []
    const earlier = await due(first, 'one', async () => {
      later = await due(second, 'other', async () => undefined)
    })
    expect([earlier.length, later.length]).toEqual([12, 8])
    expect(new Set([...earlier, ...later]).size).toBe(20)
  })
})
