import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { serverWorld, type ServerWorld } from '../../packages/server/src/testing/server-world.ts'
import { invited, ownerOf, type Visitor } from '../../packages/server/src/testing/visitor.ts'
import { contextOf, openBrowser, watch } from './browser.ts'

let world: ServerWorld
let browser: Browser
let owner: Visitor
let viewer: Visitor
beforeAll(async () => {
  world = await serverWorld({ project: 'bots', rules: { grave: { on: 'custom', when: "event.tags.weight == 'grave'", severity: 'critical' }, slight: { on: 'custom', when: "event.tags.weight == 'slight'", severity: 'info', groupBy: ['tags.place'] } }, budgets: { 'team-day': { amountUsd: 2, period: 'day' }, 'early-day': { amountUsd: 0.0002, period: 'day', thresholds: [0.6, 1] }, 'late-day': { amountUsd: 0.0002, period: 'day', thresholds: [0.9, 1] } } })
  owner = await ownerOf(world)
  viewer = await invited(world, owner, { name: 'vera', role: 'viewer', project: 'bots' })
  browser = await openBrowser()
}, 60_000)
afterAll(async () => {
  await browser.close()
  await world.dispose()
})

const session = (id: string, isGood: boolean): readonly object[] => {
  const atMs = Date.now() - 60_000
  const about = { sessionId: id, agent: 'refund-bot' }
  return [
    { ...about, type: 'session.start', id: `${id}-start`, atMs },
    { ...about, type: 'llm.call', id: `${id}-call`, atMs: atMs + 1_000, durationMs: 900, status: isGood ? 'ok' : 'error', llm: { provider: 'openai', model: 'gpt-5', inputTokens: 10, outputTokens: 5, costUsd: 0.8 }, ...(!isGood && { error: { class: 'rate-limit', message: 'quota' } }) },
    { ...about, type: 'session.end', id: `${id}-end`, atMs: atMs + 2_000, endState: isGood ? 'success' : 'fail' },
  ]
}

test('an empty project is quiet and says so; what then happens is there by itself', async () => {
  const context = await contextOf(browser, world, owner)
  const page = await context.newPage()
  const faults = watch(page)
  await page.goto('/p/bots')
  await page.getByText(/^Quiet\. No event yet; \d+ rules watching\.$/).waitFor()
  await page.getByText('No session today.').waitFor()
  const sent = await world.call('POST', '/api/v1/events', { key: world.ingestKey, body: { events: [...session('s_1', true), ...session('s_2', false)] } })
  expect(sent.json).toEqual({ accepted: 6, duplicates: 0, refused: [] })
  await page.getByRole('link', { name: /refund-bot/ }).first().waitFor()
  await page.getByText('rate limit · gpt-5').waitFor()
  // Of both as much is used: one tells of it, the other not yet.
  const level = (name: string): Promise<string | null> => page.getByRole('listitem').filter({ hasText: name }).locator('[data-level]').getAttribute('data-level')
  await expect.poll(() => level('early-day'), { timeout: 8_000 }).toBe('told')
  expect(await page.getByRole('listitem').filter({ hasText: 'late-day' }).innerText()).toContain('$0.00013 of $0.0002')
  expect(await level('late-day')).toBe('below')
  // What is counted of today leads to the sessions of today.
  await page.getByRole('link', { name: 'failed', exact: true }).click()
  await page.waitForURL(/\/sessions\?state=fail&since=\d+/)
  await page.getByRole('button', { name: 'Clear 2 filters' }).waitFor()
  await page.getByRole('table').getByRole('link').first().waitFor()
  await page.goto(`/p/bots/sessions?since=${Date.now() + 60_000}`)
  await page.getByText('No match.').waitFor()
  expect(faults).toEqual([])
  await context.close()
})

test('when all that fired is over it is quiet again, and says when it heard something last', async () => {
  const { items } = (await owner.call('GET', '/api/v1/alerts?state=firing')).json as { readonly items: readonly { readonly id: string }[] }
  expect(items.length).toBeGreaterThan(0)
  for (const { id } of items) await owner.call('POST', `/api/v1/alerts/${id}/resolve`, { body: {} })
  const context = await contextOf(browser, world, owner)
  const page = await context.newPage()
  const faults = watch(page)
  await page.goto('/p/bots')
  await page.getByText(/^Quiet\. Last event .+ ago; \d+ rules watching\.$/).waitFor()
  expect(faults).toEqual([])
  await context.close()
})

test('a viewer sees no cost, and is told that it is their role', async () => {
  const context = await contextOf(browser, world, viewer, { locale: 'zh-CN', theme: 'dark' })
  const page = await context.newPage()
  const faults = watch(page)
  await page.goto('/p/bots')
  await page.getByText('你的角色看不到费用。').waitFor()
  expect(await page.getByText('$').count()).toBe(0)
  expect(faults).toEqual([])
  await context.close()
})

test('what is grave stands before what is new and slight', async () => {
  const happens = async (weight: string, place: string): Promise<void> => void (await world.call('POST', '/api/v1/events', { key: world.ingestKey, body: { events: [{ type: 'custom', agent: `${weight}-bot`, tags: { weight, place } }] } }))
  await happens('grave', 'here')
  for (let index = 0; index < 6; index += 1) await happens('slight', `place-${index}`)
  const context = await contextOf(browser, world, owner)
  const page = await context.newPage()
  await page.goto('/p/bots')
  await page.getByRole('link', { name: /slight-bot/ }).first().waitFor()
  const shown = await page.getByRole('listitem').filter({ hasText: /-bot/ }).allInnerTexts()
  expect(shown).toHaveLength(5)
  expect(shown[0]).toContain('grave-bot')
  await context.close()
})
