import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { serve } from '../../packages/server/src/serve.ts'
import { serverWorld } from '../../packages/server/src/testing/server-world.ts'
import { ownerOf } from '../../packages/server/src/testing/visitor.ts'
import { contextOf, openBrowser, watch, type Look } from './browser.ts'
import { filledWorld, type FilledWorld } from './filled-world.ts'
import { axeFaults, goTo, lookInside, overflowFaults, settled, wordFaults } from './looked-at.ts'
import { failedRun, send } from './what-agents-do.ts'

let filled: FilledWorld
let browser: Browser
beforeAll(async () => {
  ;[filled, browser] = await Promise.all([filledWorld('wild'), openBrowser()])
}, 60_000)
afterAll(async () => {
  await browser.close()
  await filled.dispose()
})

/** What the console says of an answer that is not 2xx, and of none. */
const refusals = /Failed to load resource|net::ERR_/

async function open(path: string, look: Look = {}, allowed?: RegExp): Promise<{ readonly context: BrowserContext; readonly page: Page; readonly faults: readonly string[] }> {
  const context = await contextOf(browser, filled.world, filled.members.owner, look)
  await lookInside(context)
  const page = await context.newPage()
  const faults = watch(page, allowed)
  await page.goto(path)
  await settled(page)
  return { context, page, faults }
}

test.for(['en', 'zh-CN'] as const)('names full of markup, written the other way round, of signs and of ten thousand letters hurt no page, in %s', { timeout: 120_000 }, async (locale) => {
  const { context, page, faults } = await open('/p/bots', { locale, width: 320, height: 640 })
  const found: string[] = []
  for (const { name, path } of filled.views) {
    await goTo(page, path)
    const markup = await page.locator('img[src=x]').count()
    found.push(...(await overflowFaults(page)).map((fault) => `${name}: ${fault}`), ...(await wordFaults(page, locale)).map((fault) => `${name}: ${fault}`), ...(markup > 0 ? [`${name}: markup of an agent became part of the page`] : []))
  }
  await context.close()
  expect([...found, ...faults]).toEqual([])
})

test('words that are 40 % longer stay inside the frame of every page', { timeout: 120_000 }, async () => {
  const context = await contextOf(browser, filled.world, filled.members.owner, { width: 320, height: 640 })
  await lookInside(context)
  const page = await context.newPage()
  // The chunk of the catalogue: every text of it that is no key is made 40 % longer, its parameters as they are.
  let isReplaced = false
  await page.route('**/assets/*.js', async (route) => {
    const response = await route.fetch()
    const text = await response.text()
    if (!text.includes('Overview') || !text.includes('shell.skip')) return route.fulfill({ response, body: text })
    isReplaced = true
    return route.fulfill({ response, body: text.replaceAll(/("[a-z]+\.[\w.-]+":)(["`])((?:\\.|(?!\2).)*)\2/gi, (_, key: string, quote: string, words: string) => `${key}${quote}${longer(words)}${quote}`) })
  })
  const faults = watch(page)
  await page.goto('/p/bots')
  await settled(page)
  const found: string[] = []
  for (const { name, path } of filled.views) {
    await goTo(page, path)
    found.push(...(await overflowFaults(page)).map((fault) => `${name}: ${fault}`))
  }
  expect(isReplaced).toBe(true)
  expect(await page.locator('h1').innerText()).toMatch(/~/)
  await context.close()
  expect([...found, ...faults]).toEqual([])
})

function longer(words: string): string {
  const letters = words.replaceAll(/\{.*\}/g, '').length
  return `${words} ${'~'.repeat(Math.min(4, Math.ceil(letters * 0.4)))}${letters > 10 ? ` ${'long '.repeat(Math.ceil((letters * 0.4 - 4) / 5)).trim()}` : ''}`
}

const form = '/p/bots/budgets?new=1'

async function fillBudget(page: Page, name: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Name' }).fill(name)
  await page.getByLabel('Amount, dollars').fill('321')
}

async function isKept(page: Page, name: string): Promise<void> {
  expect(await page.getByRole('textbox', { name: 'Name' }).inputValue()).toBe(name)
  expect(await page.getByLabel('Amount, dollars').inputValue()).toBe('$321')
}

const answers = [
  { says: 'that it may not', status: 403, type: 'forbidden', detail: 'Role owner may not do that just now.' },
  { says: 'that there is one already', status: 409, type: 'exists', detail: 'There is one of this name.' },
  { says: 'that it was changed meanwhile', status: 412, type: 'changed', detail: 'It was changed meanwhile.' },
  { says: 'that it is too much', status: 429, type: 'too-many', detail: 'Too many requests. Try again in 7 s.' },
  { says: 'that it failed', status: 500, type: 'failed', detail: 'Something went wrong here.' },
  { says: 'nothing', status: 0, type: '', detail: '' },
] as const

test.for(answers)('a server that says $says to a save takes nothing of what was typed, and the next try is saved', { timeout: 60_000 }, async ({ status, type, detail }) => {
  const { context, page, faults } = await open(form, {}, refusals)
  const name = `kept-${status}`
  let isBroken = true
  await page.route(`**/api/v1/budgets/${name}*`, async (route) => {
    if (!isBroken || route.request().method() !== 'PUT') return route.continue()
    return status === 0 ? route.abort('connectionrefused') : route.fulfill({ status, contentType: 'application/problem+json', headers: status === 429 ? { 'retry-after': '7' } : {}, body: JSON.stringify({ type: `urn:tocsin:problem:${type}`, title: 'x', status, detail, instance: 'req-9' }) })
  })
  await fillBudget(page, name)
  await page.getByRole('button', { name: 'Save' }).press('Enter')
  await page.getByRole('alert').first().waitFor()
  await isKept(page, name)
  // Left and come back to, it is still there.
  await goTo(page, '/p/bots/alerts')
  await goTo(page, form)
  await isKept(page, name)
  isBroken = false
  await page.getByRole('button', { name: 'Save' }).press('Enter')
  await page.waitForURL(`**/budgets/${name}`)
  expect((await filled.members.owner.call('GET', `/api/v1/budgets/${name}?project=bots`)).json).toMatchObject({ value: { amountUsd: 321 } })
  await context.close()
  expect(faults).toEqual([])
})

test('a session that ends while a form is open is begun anew over the page, and what was typed is saved', { timeout: 60_000 }, async () => {
  const { context, page, faults } = await open(form, {}, refusals)
  await fillBudget(page, 'after-login')
  await context.clearCookies()
  await page.getByRole('button', { name: 'Save' }).press('Enter')
  const dialog = page.getByRole('dialog', { name: 'You were logged out' })
  await dialog.waitFor()
  expect(await axeFaults(page)).toEqual([])
  await dialog.locator('input[name=password]').fill(filled.members.owner.password)
  await page.keyboard.press('Enter')
  await dialog.waitFor({ state: 'hidden' })
  await isKept(page, 'after-login')
  await page.getByRole('button', { name: 'Save' }).press('Enter')
  await page.waitForURL('**/budgets/after-login')
  await context.close()
  expect(faults).toEqual([])
})

test('two people who edit the same budget both keep what they typed, and see what differs', { timeout: 60_000 }, async () => {
  const { context, page, faults } = await open('/p/bots/budgets/refunds', {}, refusals)
  await page.getByLabel('Amount, dollars').fill('321')
  const read = await filled.members.admin.call('GET', '/api/v1/budgets/refunds?project=bots')
  const other = await filled.members.admin.call('PUT', '/api/v1/budgets/refunds?project=bots', { body: { ...(read.json as { readonly value: object }).value, amountUsd: 250 }, headers: { 'if-match': read.headers.get('etag') ?? '' } })
  expect(other.status).toBe(200)
  await page.getByRole('button', { name: 'Save' }).press('Enter')
  const conflict = page.locator('[data-state=conflict]')
  await conflict.getByText('250').waitFor()
  await conflict.getByText('321').waitFor()
  expect(await page.getByLabel('Amount, dollars').inputValue()).toBe('$321')
  await page.getByRole('button', { name: 'Save' }).press('Enter')
  await page.getByText(/“refunds” saved/).first().waitFor()
  expect((await filled.members.owner.call('GET', '/api/v1/budgets/refunds?project=bots')).json).toMatchObject({ value: { amountUsd: 321 } })
  await context.close()
  expect(faults).toEqual([])
})

test('a network that is slow shows that it loads, and then the page; nothing jumps to another place', { timeout: 60_000 }, async () => {
  const { context, page, faults } = await open('/p/bots')
  const cdp = await context.newCDPSession(page)
  await cdp.send('Network.enable')
  await cdp.send('Network.emulateNetworkConditions', { offline: false, latency: 400, downloadThroughput: 50_000, uploadThroughput: 20_000 })
  await page.evaluate("history.pushState({}, '', '/p/bots/alerts')")
  await page.locator('main [aria-busy=true]').first().waitFor()
  await page.getByRole('table', { name: 'Alerts' }).waitFor({ timeout: 20_000 })
  await context.close()
  expect(faults).toEqual([])
})

test('a network that is cut is said so while what was typed stays, and when it is back, it is taken back', { timeout: 60_000 }, async () => {
  const { context, page, faults } = await open(form, {}, refusals)
  await fillBudget(page, 'through-the-cut')
  await context.setOffline(true)
  await page.locator('[data-state=stale]').waitFor({ timeout: 20_000 })
  await page.getByRole('button', { name: 'Save' }).press('Enter')
  await page.getByText('Nothing answered; not saved. What you typed is still here.').waitFor()
  await isKept(page, 'through-the-cut')
  await context.setOffline(false)
  await page.locator('[data-state=stale]').waitFor({ state: 'hidden', timeout: 20_000 })
  await page.getByRole('button', { name: 'Save' }).press('Enter')
  await page.waitForURL('**/budgets/through-the-cut')
  await context.close()
  expect(faults).toEqual([])
})

test('a server that ends is said so, and when it is back, the page is live again by itself', { timeout: 60_000 }, async () => {
  const world = await serverWorld({ project: 'bots' })
  const owner = await ownerOf(world)
  const context = await contextOf(browser, world, owner)
  await lookInside(context)
  const page = await context.newPage()
  const faults = watch(page, refusals)
  await page.goto('/p/bots')
  await settled(page)
  await world.close()
  await page.locator('[data-state=stale]').waitFor({ timeout: 20_000 })
  const again = await serve({ config: join(world.data, 'tocsin.yaml'), data: world.data, port: Number(new URL(world.url).port), env: {}, terminal: () => undefined })
  await page.locator('[data-state=stale]').waitFor({ state: 'hidden', timeout: 20_000 })
  await send(world, failedRun({ id: 'after', agent: 'after-bot', endMs: Date.now() }))
  await page.getByRole('link', { name: /after-bot/ }).first().waitFor()
  await context.close()
  await again.close()
  await world.dispose()
  expect(faults).toEqual([])
})
