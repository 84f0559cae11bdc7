import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { serverWorld, type ServerWorld } from '../../packages/server/src/testing/server-world.ts'
import { invited, ownerOf, type Visitor } from '../../packages/server/src/testing/visitor.ts'
import { contextOf, openBrowser, watch } from './browser.ts'

let world: ServerWorld
let browser: Browser
let owner: Visitor
beforeAll(async () => {
  world = await serverWorld({ project: 'bots', prices: { 'gpt-5': { inputUsd: 500_000, outputUsd: 0 } } })
  owner = await ownerOf(world)
  browser = await openBrowser()
  const atMs = Date.now()
  const events = Array.from({ length: 12 }, (_, index) => ({ type: 'llm.call', id: `c_${index}`, atMs: atMs - index * 60_000, agent: 'refund-bot', durationMs: 900, status: 'ok', llm: { provider: 'openai', model: 'gpt-5', inputTokens: 2, outputTokens: 0 } }))
  expect((await world.call('POST', '/api/v1/events', { key: world.ingestKey, body: { events } })).json).toMatchObject({ accepted: 12 })
}, 60_000)
afterAll(async () => {
  await browser.close()
  await world.dispose()
})

test('a budget is made with the keyboard alone, drawn with its thresholds, and deleted and put back', async () => {
  const context = await contextOf(browser, world, owner)
  const page = await context.newPage()
  const faults = watch(page)
  await page.goto('/p/bots/budgets')
  await page.getByText('No budget yet.').waitFor()
  await page.getByRole('button', { name: 'New budget' }).press('Enter')
  await page.getByRole('textbox', { name: 'Name' }).fill('team-day')
  await page.getByLabel('Amount, dollars').fill('20')
  const per = page.getByRole('combobox', { name: 'Per', exact: true })
  await per.press('ArrowDown')
  await page.getByRole('option', { name: 'a day' }).waitFor()
  for (const _ of [1, 2]) await per.press('ArrowUp')
  await per.press('Enter')
  expect(await per.inputValue()).toBe('a day')
  await page.getByLabel('Which calls count').fill('event.agnet == "x"')
  await page.getByText(/agnet/).last().waitFor()
  await page.getByLabel('Which calls count').fill('event.agent == "refund-bot"')
  await page.getByRole('button', { name: 'Save' }).press('Enter')
  await page.waitForURL('**/budgets/team-day')
  const stored = await owner.call('GET', '/api/v1/budgets/team-day?project=bots')
  expect(stored.json).toMatchObject({ value: { amountUsd: 20, period: 'day', where: 'event.agent == "refund-bot"' } })
  await page.getByRole('table', { name: 'Thresholds' }).waitFor()
  await page.getByRole('button', { name: 'As a table' }).first().press('Enter')
  await page.getByRole('columnheader', { name: 'Values' }).waitFor()
  await page.getByRole('button', { name: 'Delete' }).press('Enter')
  await page.getByText('No budget yet.').waitFor()
  await page.getByRole('button', { name: 'Undo' }).press('Enter')
  await page.getByRole('link', { name: 'team-day' }).waitFor()
  expect(faults).toEqual([])
  await context.close()
})

test('thresholds that are typed halfway are discarded with the rest', async () => {
  const context = await contextOf(browser, world, owner)
  const page = await context.newPage()
  const faults = watch(page)
  await page.goto('/p/bots/budgets/team-day')
  const thresholds = page.getByRole('textbox', { name: 'Told at, per cent' })
  const saved = await thresholds.inputValue()
  await thresholds.fill('50')
  await thresholds.fill('50, many')
  await page.getByText('found “many”', { exact: false }).waitFor()
  await page.getByRole('button', { name: 'Discard changes' }).click()
  expect(await thresholds.inputValue()).toBe(saved)
  await thresholds.fill('70, 110, ')
  expect(await thresholds.inputValue()).toBe('70, 110, ')
  expect(faults).toEqual([])
  await context.close()
})

test('who may not change budgets sees them, and why the buttons do nothing; who sees no cost sees no amount', async () => {
  const viewer = await invited(world, owner, { name: 'vera', role: 'viewer', project: 'bots' })
  const context = await contextOf(browser, world, viewer, { locale: 'zh-CN', theme: 'dark' })
  const page = await context.newPage()
  const faults = watch(page)
  await page.goto('/p/bots/budgets')
  const button = page.getByRole('button', { name: '新建预算' })
  expect(await button.getAttribute('aria-disabled')).toBe('true')
  await button.focus()
  await page.getByText('角色观察者无权修改预算。').last().waitFor()
  await button.press('Enter')
  expect(new URL(page.url()).search).toBe('')
  await page.getByText('你的角色看不到费用。').waitFor()
  expect(faults).toEqual([])
  await context.close()
})
