import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { configurationFrom } from './configuration.ts'
import { createEngine, type Engine } from './engine.ts'
import { systemChance } from './model/chance.ts'
import type { ChannelType, Message } from './model/channel.ts'
import { systemClock, type Clock } from './model/clock.ts'
import type { ConfigInput } from './model/config.ts'
import type { Announcement, EventInput } from './model/event.ts'
import type { Outcome } from './model/outcome.ts'
import type { Store } from './model/store.ts'
import { openSqliteStore } from './stores/sqlite.ts'

/** The wall clock, moved by hand; waiting is real. */
interface MovedClock extends Clock {
  aheadMs: number
}

function movedClock(): MovedClock {
  return {
    aheadMs: 0,
    nowMs() {
      return systemClock.nowMs() + this.aheadMs
    },
    monotonicMs: () => systemClock.monotonicMs(),
    after: (delayMs, task) => systemClock.after(delayMs, task),
  }
}

interface Received extends Message {
  readonly channel: string
}

/** What all channels of one world got, and how they answer. */
class Post {
  readonly messages: Received[] = []
  answer: (message: Received) => Outcome = () => ({ kind: 'sent' })

  get subjects(): readonly string[] {
    return this.messages.map(({ subject }) => subject)
  }

  type(type: string, address: ChannelType['address'] = 'email'): ChannelType {
    return {
      type,
      settings: z.looseObject({}),
      address,
      shape: 'full',
      limits: { bodyCharsMax: 4_000, concurrency: 5 },
      can: { deduplicates: false, resolves: true },
      create: (_settings, channel) => ({
        send: async (message) => {
          const received = { ...message, channel }
          this.messages.push(received)
          return this.answer(received)
        },
      }),
    }
  }
}

interface World {
  readonly engine: Engine
  readonly store: Store
  readonly clock: MovedClock
  readonly file: string
  readonly post: Post
}

const open: World[] = []

function world(config: ConfigInput, from: { readonly file?: string; readonly post?: Post } = {}): World {
  const post = from.post ?? new Post()
  const types = [post.type('mail'), post.type('pager'), post.type('wall', 'none')]
  const clock = movedClock()
  const file = from.file ?? join(mkdtempSync(join(tmpdir(), 'tocsin-faults-')), 'tocsin.db')
  const store = openSqliteStore({ file, clock, durability: 'normal' })
  const parsed = configurationFrom({ channels: { mail: { type: 'mail' } }, people: { dana: { role: 'admin', email: 'dana@example.com' } }, delivery: fast, ...config }, types, {})
  const engine = createEngine({ config: parsed, store, clock, chance: systemChance, notice: () => undefined, channelTypes: types })
  const made = { engine, store, clock, file, post }
  open.push(made)
  return made
}

afterEach(async () => {
  for (const { engine, file } of open.splice(0)) {
    await engine.close()
    rmSync(join(file, '..'), { recursive: true, force: true })
  }
})

const fast: ConfigInput['delivery'] = { retryMs: 20, retryMaxMs: 40, batchMs: 50, pauseMs: 1_000 }

function said(id: string, atMs: number, more: Partial<Announcement> = {}): EventInput {
  return { source: 'native', type: 'custom', id, atMs, announcement: { title: id, severity: 'high', ...more } }
}

function started(sessionId: string, atMs: number): EventInput {
  return { source: 'client', type: 'session.start', sessionId, id: `${sessionId}-start-${atMs}`, atMs }
}

function failed(sessionId: string, atMs: number): EventInput {
  return { source: 'client', type: 'session.end', sessionId, id: `${sessionId}-end-${atMs}`, atMs, status: 'error', endState: 'fail', endReason: 'gave up' }
}

describe('rules and routing', () => {
  test('two announcements with one id and different times are both told, in one batch too', async () => {
    const { engine, clock, post } = world({})
    const atMs = clock.nowMs()
    await engine.accept([said('report', atMs - 10, { title: 'first' }), said('report', atMs, { title: 'second' })])
    await engine.drain('all', 500)
    expect(post.subjects.toSorted()).toEqual(['[High] first', '[High] second'])
  })

  test('a session id used again in one batch tells each failure, as one by one', async () => {
    for (const batches of [1, 3]) {
      const { engine, store, clock, post } = world({ rules: { 'session-started': false, 'session-ended': false } })
      const atMs = clock.nowMs() - 1_000
      const first = [started('s', atMs), failed('s', atMs + 10), started('s', atMs + 11)]
      if (batches === 1) await engine.accept(first)
      else for (const event of first) await engine.accept([event])
      expect(await store.read.session('default', 's')).toMatchObject({ state: 'running' })
      await engine.accept([failed('s', atMs + 500)])
      await engine.accept([started('s', atMs + 600), failed('s', atMs + 610)])
      await engine.drain('all', 500)
      expect(post.subjects).toHaveLength(3)
      expect((await store.read.alerts()).filter(({ rule }) => rule === 'session-failed')).toHaveLength(3)
    }
  })

  test('an announcement to nobody, and a world without people, say why nobody was told', async () => {
    const { engine, store, clock } = world({})
    await engine.accept([said('empty', clock.nowMs(), { to: [] }), said('long', clock.nowMs(), { to: ['x'.repeat(201)] })])
    for (const alert of await store.read.alerts()) expect((await store.read.decisionsOf(alert.id)).map(({ reason }) => reason)).toEqual(['refused.unknown_person'])
    const lonely = world({ people: {} })
    await lonely.engine.accept([failed('s', lonely.clock.nowMs())])
    expect((await lonely.store.read.decisionsOf(1)).map(({ reason }) => reason)).toEqual(['refused.no_route'])
  })

  test('a digest that is open when a person moves does not take newer news to the old address', async () => {
    const routes: ConfigInput['routes'] = [{ to: ['dana'], via: ['mail'], digest: '1h' }]
    const before = world({ routes })
    await before.engine.accept([failed('first', before.clock.nowMs())])
    const after = world({ routes, people: { dana: { role: 'admin', email: 'dana@new.example.com' } } }, before)
    await after.engine.accept([failed('second', after.clock.nowMs())])
    after.clock.aheadMs = 2 * 3_600_000
    await after.engine.drain('all', 500)
    expect(after.post.messages.map(({ to }) => to)).toEqual(['dana@new.example.com'])
  })

  test('an event whose clock runs ahead counts once however often it is sent, and as of now', async () => {
    const { engine, store, clock, post } = world({ rules: { 'session-started': false, 'session-ended': false } })
    const events = [said('early', clock.nowMs() + 600_000), failed('s', clock.nowMs() + 7_200_000)]
    expect(await engine.accept(events)).toMatchObject({ accepted: 2, duplicates: 0 })
    clock.aheadMs = 5
    expect(await engine.accept(events)).toMatchObject({ accepted: 0, duplicates: 2 })
    clock.aheadMs = 3_600_000
    expect(await engine.accept(events)).toMatchObject({ accepted: 0, duplicates: 2 })
    expect((await store.read.session('default', 's'))?.endedAtMs).toBeLessThanOrEqual(clock.nowMs() - 3_599_000)
    await engine.drain('all', 500)
    expect(post.messages).toHaveLength(2)
  })

  test('no secret reaches the file in the ids, names and addresses of an event', async () => {
    const secret = (name: string): string => `sk-proj-${name}x81kfPq02LmVbT7yHsW3nRc64dGjQeUa9XoIt5B`
    const { engine, clock, file } = world({})
    const atMs = clock.nowMs()
    const { refused } = await engine.accept([
      { ...said('x', atMs, { to: ['dana', secret('To')] }), id: secret('Id') },
      { source: 'native', type: 'tool.call', id: 't', atMs, tool: { name: 'n', argumentsHash: secret('Hash') } },
      said('to nobody', atMs, { direct: { channel: 'mail', address: secret('Address') } }),
      said('nowhere', atMs, { direct: { channel: secret('Channel'), address: 'a@example.com' } }),
    ])
    expect(refused.map(({ index }) => index)).toEqual([2])
    await engine.drain('all', 300)
    const bytes = readFileSync(file, 'latin1') + readFileSync(`${file}-wal`, 'latin1')
    for (const name of ['To', 'Id', 'Hash', 'Address', 'Channel']) expect(bytes).not.toContain(secret(name))
  })
})
