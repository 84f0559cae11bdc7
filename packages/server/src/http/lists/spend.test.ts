import { afterAll, beforeAll, expect, test } from 'vitest'
import { serverWorld, type ServerWorld } from '../../testing/server-world.ts'
import { invited, ownerOf, type Visitor } from '../../testing/visitor.ts'

const hourMs = 3_600_000
let world: ServerWorld
let read: string
let viewer: Visitor
let developer: Visitor
beforeAll(async () => {
  world = await serverWorld({
    project: 'bots',
    budgets: { team: { amountUsd: 10, period: 'month', thresholds: [0.1, 0.5, 1] }, users: { amountUsd: 5, period: 'day', groupBy: ['user'] }, agents: { amountUsd: 5, period: 'month', groupBy: ['agent'] }, window: { amountUsd: 5, rolling: '24h' } },
  })
  read = await world.makeKey('read')
  const owner = await ownerOf(world)
  viewer = await invited(world, owner, { name: 'vera', role: 'viewer', project: 'bots' })
  developer = await invited(world, owner, { name: 'lee', role: 'developer', project: 'bots' })
  const call = (id: string, agent: string, costUsd?: number) => ({ type: 'llm.call', id, atMs: Date.now() - 1_000, status: 'ok', agent, user: `u-${agent}`, llm: { provider: 'openai', model: costUsd === undefined ? 'nobody-knows' : 'gpt-5', ...(costUsd !== undefined && { costNanoUsd: costUsd * 1e9, costSource: 'reported' }) } })
  const sent = await world.call('POST', '/api/v1/events', { key: world.ingestKey, body: { events: [call('a', 'refund', 1.5), call('b', 'support', 0.5), call('c', 'support')] } })
  expect([sent.status, sent.text]).toEqual([200, expect.any(String)])
})
afterAll(() => world.dispose())

const get = async (path: string): Promise<unknown> => {
  const { status, json, text } = await world.call('GET', path, { key: read })
  if (status !== 200) throw new Error(`${status} ${text}`)
  return json
}

test('what was spent is there by hours with the accepted calls, and by days in any zone', async () => {
  const hours = (await get('/api/v1/spend/series?step=hour&groupBy=agent&timezone=UTC')) as { readonly buckets: readonly { readonly nanoUsd: number; readonly calls: number; readonly unpriced: number; readonly untilMs: number }[]; readonly groups: unknown }
  expect(hours).toMatchObject({ step: 'hour', timezone: 'UTC', forecast: [], firstMs: expect.any(Number) as number })
  expect(hours.buckets.reduce((sum, { nanoUsd, calls, unpriced }) => ({ nanoUsd: sum.nanoUsd + nanoUsd, calls: sum.calls + calls, unpriced: sum.unpriced + unpriced }), { nanoUsd: 0, calls: 0, unpriced: 0 })).toEqual({ nanoUsd: 2e9, calls: 3, unpriced: 1 })
  expect(hours.groups).toMatchObject([{ name: 'refund', nanoUsd: 1.5e9, calls: 1 }, { name: 'support', nanoUsd: 0.5e9, calls: 2, unpriced: 1 }])
  const days = (await get('/api/v1/spend/series?step=day&timezone=Asia/Kathmandu&model=gpt-5')) as { readonly buckets: readonly { readonly nanoUsd: number }[] }
  expect([days.buckets.length >= 30, days.buckets.at(-1)?.nanoUsd]).toEqual([true, 2e9])
  for (const query of ['since=1', 'step=day&since=1', `since=${Date.now()}&until=${Date.now() - hourMs}`, 'timezone=Mars/Olympus', 'step=year']) expect([query, (await world.call('GET', `/api/v1/spend/series?${query}`, { key: read })).status]).toEqual([query, 422])
})

test('the burn-down of a budget says what was spent, what was crossed and when, and what the even pace would be', async () => {
  const team = (await get('/api/v1/budgets/team/series')) as { readonly courses: readonly { readonly buckets: readonly { readonly totalNanoUsd: number }[] }[]; readonly evenNanoUsd: number }
  expect(team).toMatchObject({
    name: 'team', period: 'month', amountNanoUsd: 10e9, spentNanoUsd: 2e9, unpriced: 1, groupsTotal: 1,
    courses: [{ spentNanoUsd: 2e9, thresholds: [{ share: 0.1, nanoUsd: 1e9, crossedAtMs: expect.any(Number) as number }, { share: 0.5, nanoUsd: 5e9 }, { share: 1 }] }],
  })
  expect([team.courses[0]?.buckets.at(-1)?.totalNanoUsd, team.evenNanoUsd > 0 && team.evenNanoUsd < 10e9]).toEqual([2e9, true])
  expect(team).not.toHaveProperty('last')
  expect(await get('/api/v1/budgets/window/series')).toMatchObject({ rollingMs: 24 * hourMs, spentNanoUsd: 2e9, courses: [{ buckets: expect.arrayContaining([expect.objectContaining({ totalNanoUsd: 2e9 })]) as unknown }] })
  expect((await world.call('GET', '/api/v1/budgets/none/series', { key: read })).status).toBe(404)
})

test('groups come with the one that spent most first, and name nobody to those who may not see it', async () => {
  expect(await get('/api/v1/budgets/agents/series?groups=1')).toMatchObject({ groupsTotal: 2, spentNanoUsd: 2e9, courses: [{ group: 'refund', spentNanoUsd: 1.5e9 }] })
  const { status, text } = await developer.call('GET', '/api/v1/budgets/users/series')
  expect([status, text.includes('u-refund'), text.includes('1500000000')]).toEqual([200, false, true])
  const manage = await world.makeKey('manage')
  expect((await world.call('GET', '/api/v1/budgets/users/series', { key: manage })).text).toContain('u-refund')
})

test('who may not see what things cost is refused, and without a past nothing is suggested', async () => {
  for (const path of ['/api/v1/spend/series', '/api/v1/spend/suggestion', '/api/v1/budgets/team/series']) expect((await viewer.call('GET', path)).status).toBe(403)
  expect(await get('/api/v1/spend/suggestion')).toEqual({ period: 'month' })
})
