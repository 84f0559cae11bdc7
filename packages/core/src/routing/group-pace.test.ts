import { expect, test } from 'vitest'
import { groupPaceKey } from '../model/batch-key.ts'
import { configSchema } from '../model/config.ts'
import type { Decision } from '../model/decision.ts'
import type { BatchItem, Transaction } from '../model/store.ts'
import type { CollectionTurn } from '../model/turn.ts'
import { createGroupPace } from './group-pace.ts'

const nowMs = Date.UTC(2026, 10, 22, 12)
const recipient = { person: 'dana', role: 'admin', address: 'dana@example.com', locale: 'en', timezone: 'UTC' } as const
const of = [{ name: 'agent', value: 'refund-bot' }]
const group: CollectionTurn = { kind: 'group', of }
const { arrange } = createGroupPace(configSchema.parse({ people: { dana: { role: 'admin', email: 'dana@example.com' } }, channels: { mail: { type: 'email' } }, routes: [{ name: 'by-agent', to: ['dana'], via: ['mail'], groupBy: ['agent'] }] }))

function item(collection: CollectionTurn | undefined, more: Partial<BatchItem> = {}): BatchItem {
  return {
    project: 'bots', channel: 'mail', recipient, route: 'by-agent', news: 'firing', alert: 7, without: [], priority: 1, dueMs: nowMs + 30_000, expiresMs: nowMs + 90_000, fallback: [], createdAtMs: nowMs,
    batchKey: 'key', batchMax: 1_000, ...(collection !== undefined && { turn: collection, collection }), ...more,
  }
}

function decided(reason: Decision['reason'], params: Decision['params']): Decision {
  return { alert: 7, person: 'dana', channel: 'mail', reason, params, atMs: nowMs, count: 1 }
}

/** What the store knows: until when the group has to wait, and when its open collection is due. */
function knowing({ nextMs, openMs }: { readonly nextMs?: number; readonly openMs?: number }): Transaction {
  const known: Pick<Transaction, 'paces' | 'openBatch'> = {
    paces: async (keys) => new Map(nextMs === undefined ? [] : keys.filter((key) => key === groupPaceKey(item(group), of)).map((key) => [key, { sinceMs: 0, atMs: nextMs, count: 1 }])),
    openBatch: async () => (openMs === undefined ? undefined : { delivery: 1, dueMs: openMs }),
  }
  return known as Transaction // nothing else of it is asked here
}

async function arranged(known: Parameters<typeof knowing>[0], batched: readonly BatchItem[], decisions: readonly Decision[] = []): Promise<{ readonly dueMs: readonly number[]; readonly decisions: readonly (readonly [string, unknown])[] }> {
  const plan = await arrange(knowing(known), { notifications: [], batched, decisions, failed: [] }, nowMs)
  return { dueMs: plan.batched.map(({ dueMs }) => dueMs - nowMs), decisions: plan.decisions.map(({ reason, params }) => [reason, params['wait'] ?? params['time']]) }
}

test('what opens a group waits as long as the route says, and for the interval where it was told before', async () => {
  expect(await arranged({}, [item(group)])).toEqual({ dueMs: [30_000], decisions: [['held.group_wait', 30_000]] })
  expect(await arranged({ nextMs: nowMs + 200_000 }, [item(group)])).toEqual({ dueMs: [200_000], decisions: [['held.group_wait', 200_000]] })
  expect(await arranged({ nextMs: nowMs - 1 }, [item(group)])).toMatchObject({ dueMs: [30_000] })
  expect(await arranged({ nextMs: nowMs + 200_000 }, [item(group, { news: 'resolved' })])).toMatchObject({ dueMs: [30_000] })
})

test('what says besides why it is told now waits as its group does', async () => {
  expect(await arranged({ nextMs: nowMs + 200_000 }, [item(group, { turn: { kind: 'silence', name: 'deploy', sinceMs: 0 } })])).toEqual({ dueMs: [200_000], decisions: [['held.group_wait', 200_000]] })
})

test('what joins an open collection is told with it, and the decision says when', async () => {
  expect(await arranged({ openMs: nowMs + 5_000, nextMs: nowMs + 200_000 }, [item(group)])).toEqual({ dueMs: [5_000], decisions: [['held.group_wait', 5_000]] })
  const told = await arranged({ openMs: nowMs + 5_000 }, [item({ kind: 'digest' })], [decided('held.digest', { time: nowMs + 30_000 })])
  expect(told).toEqual({ dueMs: [5_000], decisions: [['held.digest', nowMs + 5_000]] })
})

test('what quiet hours hold waits for their end, and has that one reason', async () => {
  const held = decided('held.quiet_hours', { time: 1 })
  expect(await arranged({ openMs: nowMs + 5_000 }, [item(group, { dueMs: nowMs + 3_600_000 })], [held])).toEqual({ dueMs: [3_600_000], decisions: [['held.quiet_hours', 1]] })
  expect(await arranged({ nextMs: nowMs + 200_000 }, [item(group, { dueMs: nowMs + 100_000 })], [held])).toMatchObject({ dueMs: [200_000] })
})

test('no group waits longer than its interval, whatever a clock that was wrong wrote', async () => {
  expect(await arranged({ nextMs: nowMs + 360_000 }, [item(group)])).toMatchObject({ dueMs: [360_000] })
  expect(await arranged({ nextMs: nowMs + 360_001 }, [item(group)])).toMatchObject({ dueMs: [30_000] })
})

test('several devices of one person wait as one; what only informs is left as it is', async () => {
  const other = item(group, { recipient: { ...recipient, address: 'phone' }, batchKey: 'other' })
  expect((await arranged({}, [item(group), other])).decisions).toHaveLength(1)
  expect(await arranged({ openMs: nowMs + 5_000 }, [item(undefined), item(group)])).toMatchObject({ dueMs: [30_000, 5_000] })
})
