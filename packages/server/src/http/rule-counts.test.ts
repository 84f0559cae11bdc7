import { afterAll, beforeAll, expect, test } from 'vitest'
import { serverWorld, type ServerWorld } from '../testing/server-world.ts'
import { invited, ownerOf } from '../testing/visitor.ts'

let world: ServerWorld
beforeAll(async () => {
  world = await serverWorld({
    project: 'bots', channels: { wall: { type: 'inbox' } }, people: { dana: { role: 'admin', email: 'dana@example.com' } }, routes: [{ to: ['dana'], via: ['wall'], groupBy: ['key'], groupWait: '0s' }],
    rules: { 'model-expensive': false, 'slow-tool': { on: 'tool.call', when: 'event.durationMs > 1000', groupBy: ['id'], severity: 'high' }, dear: { on: 'llm.call', when: 'event.costUsd > 1', groupBy: ['id'], kind: 'cost' } },
  })
})
afterAll(() => world.dispose())

test('rules are counted by what they opened and what was told, the noisiest first; a role sees what it is told about', async () => {
  const owner = await ownerOf(world)
  const billing = await invited(world, owner, { name: 'bill', role: 'billing', project: 'bots' })
  const atMs = Date.now() - 60_000
  const slow = [1, 2, 3].map((number) => ({ type: 'tool.call', id: `t_${number}`, atMs: atMs + number, durationMs: 5_000, tool: { name: `tool-${number}` } }))
  const dear = { type: 'llm.call', id: 'c_1', atMs, durationMs: 10, llm: { provider: 'openai', model: 'gpt-5', costNanoUsd: 2_000_000_000, costSource: 'reported' } }
  expect((await world.call('POST', '/api/v1/events', { key: world.ingestKey, body: { events: [...slow, dear] } })).json).toMatchObject({ accepted: 4 })
  await expect.poll(async () => (await owner.call('GET', '/api/v1/inbox')).json, { timeout: 10_000 }).toMatchObject({ items: { length: 4 } })
  // Nobody has asked before: nothing older is kept.
  const all = (await owner.call('GET', '/api/v1/rule-counts')).json as { readonly items: readonly { readonly rule: string }[]; readonly isCut: boolean }
  expect(all.items.filter(({ rule }) => rule === 'slow-tool' || rule === 'dear')).toEqual([{ rule: 'slow-tool', opened: 3, told: 3 }, { rule: 'dear', opened: 1, told: 1 }])
  expect(all.isCut).toBe(false)
  const costs = (await billing.call('GET', '/api/v1/rule-counts')).json as { readonly items: readonly { readonly rule: string }[] }
  expect(costs.items).toEqual([{ rule: 'dear', opened: 1, told: 1 }])
})
