import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { serverWorld, type ServerWorld } from '../../packages/server/src/testing/server-world.ts'
import { invited, ownerOf, type Visitor } from '../../packages/server/src/testing/visitor.ts'
import { contextOf, openBrowser, watch } from './browser.ts'

const hourMs = 3_600_000
/** The machine may have other work to do. */
const soon = { timeout: 8_000 }
let world: ServerWorld
let browser: Browser
let owner: Visitor
let billing: Visitor
beforeAll(async () => {
  world = await serverWorld({ project: 'bots', rules: { each: { on: 'custom', severity: 'high', groupBy: ['agent'] } }, silences: [{ name: 'filed', match: "alert.agent == 'old'", until: new Date(Date.now() + 48 * hourMs).toISOString(), author: 'ops', comment: 'Being replaced' }] })
  owner = await ownerOf(world)
  billing = await invited(world, owner, { name: 'bill', role: 'billing', project: 'bots' })
  const atMs = Date.now()
  await world.call('POST', '/api/v1/events', { key: world.ingestKey, body: { events: [{ type: 'custom', agent: 'noisy', id: 'one', atMs }, { type: 'custom', agent: 'other', id: 'two', atMs }] } })
  browser = await openBrowser()
}, 60_000)
afterAll(async () => {
  await browser.close()
  await world.dispose()
})

test('a new silence shows what it would have hidden, holds, is ended early, and is made again by undo', async () => {
  const context = await contextOf(browser, world, owner)
  const page = await context.newPage()
  const faults = watch(page, /422/)
  await page.goto('/p/bots/silences')
  await page.getByText('Being replaced').waitFor()
  await page.getByRole('button', { name: 'New silence' }).click()
  const match = page.getByRole('textbox', { name: 'What is silenced' })
  await match.fill("alert.agnt == 'noisy'")
  await expect.poll(() => match.getAttribute('aria-invalid'), soon).toBe('true')
  await match.fill("alert.agent == 'noisy'")
  await page.getByText(/^1 alert hidden;/).first().waitFor()
  await expect.poll(() => match.getAttribute('aria-invalid'), soon).not.toBe('true')
  await page.getByRole('button', { name: 'Silence it' }).click()
  await page.getByText('Not silenced. What you typed is still here.').waitFor()
  expect(await page.getByLabel('Why').getAttribute('aria-invalid')).toBe('true')
  await page.getByLabel('Why').fill('It is being repaired')
  await page.getByRole('button', { name: '4 hours' }).click()
  await page.getByRole('button', { name: 'Silence it' }).click()
  const made = page.locator('[data-silence]').filter({ hasText: 'It is being repaired' })
  await made.waitFor()
  expect(await made.innerText()).toContain('by Olga')
  // Nothing of it is left for the next one.
  await page.getByRole('button', { name: 'New silence' }).click()
  await page.getByLabel('Why').waitFor()
  expect(await page.getByLabel('Why').inputValue()).toBe('')
  await page.goBack()
  const { items } = (await owner.call('GET', '/api/v1/silences')).json as { readonly items: readonly { readonly comment: string; readonly untilMs: number }[] }
  expect(Math.abs((items.find(({ comment }) => comment === 'It is being repaired')?.untilMs ?? 0) - Date.now() - 4 * hourMs)).toBeLessThan(90_000)
  await made.getByRole('button', { name: 'End now: It is being repaired' }).focus()
  await page.keyboard.press('Enter')
  await page.getByText('The silence is over.', { exact: false }).first().waitFor()
  await made.waitFor({ state: 'detached' })
  await page.keyboard.press('u')
  await made.waitFor()
  expect(faults).toEqual([])
  await context.close()
})

test('what matches everything is warned of, and what was typed is there again after another page', async () => {
  const context = await contextOf(browser, world, owner)
  const page = await context.newPage()
  const faults = watch(page)
  await page.goto('/p/bots/silences?new=silence')
  await page.getByRole('textbox', { name: 'What is silenced' }).fill('true')
  await page.locator('[data-warning]').getByText(/every alert/).waitFor()
  await page.getByLabel('Why').fill('Not yet')
  await page.getByRole('link', { name: 'Rules' }).click()
  await page.waitForURL('**/rules')
  await page.goBack()
  await page.getByText('You typed this before and have not made it yet.').waitFor()
  expect(await page.getByLabel('Why').inputValue()).toBe('Not yet')
  // Loading anew would lose it: that is asked first.
  const asked = page.waitForEvent('dialog')
  await page.evaluate('void setTimeout(() => location.reload())')
  const dialog = await asked
  expect(dialog.type()).toBe('beforeunload')
  await dialog.dismiss()
  await page.getByRole('button', { name: 'Discard changes' }).click()
  expect(await page.getByLabel('Why').inputValue()).toBe('')
  await page.getByRole('link', { name: 'Rules' }).click()
  await page.waitForURL('**/rules')
  await page.goto('/p/bots/silences?new=silence')
  await page.getByLabel('Why').waitFor()
  expect(await page.locator('[data-state=restored]').count()).toBe(0)
  expect(faults).toEqual([])
  await context.close()
})

test('times are read and shown in the zone that was chosen, whatever the zone of the browser is', async () => {
  const context = await contextOf(browser, world, owner)
  await context.addInitScript("localStorage.setItem('tocsin-timezone', 'Asia/Kathmandu')")
  const page = await context.newPage()
  const faults = watch(page)
  await page.goto('/p/bots/silences?new=silence')
  await page.getByText('Times are those of Asia/Kat', { exact: false }).waitFor()
  await page.getByRole('textbox', { name: 'What is silenced' }).fill("alert.agent == 'far'")
  await page.getByLabel('From').fill('2027-07-01T10:00')
  await page.getByRole('button', { name: '4 hours' }).click()
  expect(await page.getByLabel('Until').inputValue()).toBe('2027-07-01T14:00')
  await page.getByLabel('Why').fill('In Kathmandu')
  await page.getByRole('button', { name: 'Silence it' }).click()
  const made = page.locator('[data-silence]').filter({ hasText: 'In Kathmandu' })
  await made.waitFor()
  expect(await made.innerText()).toMatch(/10:00[\s\S]*14:00/)
  const { items } = (await owner.call('GET', '/api/v1/silences')).json as { readonly items: readonly { readonly comment: string; readonly fromMs?: number; readonly untilMs: number }[] }
  expect(items.find(({ comment }) => comment === 'In Kathmandu')).toMatchObject({ fromMs: Date.UTC(2027, 6, 1, 4, 15), untilMs: Date.UTC(2027, 6, 1, 8, 15) })
  expect(faults).toEqual([])
  await context.close()
})

test('a maintenance window is made in Chinese on a phone', async () => {
  const context = await contextOf(browser, world, owner, { locale: 'zh-CN', theme: 'dark', width: 360 })
  const page = await context.newPage()
  const faults = watch(page)
  await page.goto('/p/bots/silences')
  await page.getByRole('tab', { name: '维护时段' }).click()
  await page.getByRole('button', { name: '新建时段' }).click()
  await page.getByLabel('名称').fill('nights')
  await page.getByLabel('星期日').uncheck()
  await page.getByRole('button', { name: '保存' }).click()
  await page.getByRole('link', { name: 'nights' }).waitFor()
  expect((await owner.call('GET', '/api/v1/maintenance/nights')).json).toMatchObject({ value: { hours: '22:00-06:00', days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat'] } })
  expect(await page.evaluate<unknown>('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
  expect(faults).toEqual([])
  await context.close()
})

test('what is in the file ends in the file, and who may not silence reads why', async () => {
  const context = await contextOf(browser, world, owner)
  const page = await context.newPage()
  await page.goto('/p/bots/silences')
  await page.getByRole('button', { name: 'End now: Being replaced' }).focus()
  await page.getByRole('tooltip').getByText('It is in the configuration file: it ends there.').waitFor()
  await context.close()
  const other = await contextOf(browser, world, billing)
  const theirs = await other.newPage()
  const faults = watch(theirs)
  await theirs.goto('/p/bots/silences')
  await theirs.getByRole('button', { name: 'New silence' }).focus()
  await theirs.getByRole('tooltip').getByText('Role billing does not silence.').waitFor()
  expect(faults).toEqual([])
  await other.close()
})

test('silences that cannot be read are said so; one that somebody else ended is not ended again', async () => {
  const context = await contextOf(browser, world, owner)
  const page = await context.newPage()
  watch(page)
  await page.route('**/api/v1/silences', async (route) => route.fulfill({ status: 500, contentType: 'application/problem+json', body: JSON.stringify({ type: 'urn:tocsin:problem:failed', detail: 'Something went wrong here.', instance: 'req-3' }) }))
  await page.goto('/p/bots/silences')
  await page.getByText('Silences: not loaded (500, req-3). Nothing changed.').waitFor()
  await page.unroute('**/api/v1/silences')
  await page.getByRole('button', { name: 'Try again' }).click()
  const button = page.getByRole('button', { name: 'End now: It is being repaired' })
  await button.waitFor()
  const { items } = (await owner.call('GET', '/api/v1/silences')).json as { readonly items: readonly { readonly id?: number; readonly comment: string }[] }
  await owner.call('POST', `/api/v1/silences/${items.find(({ comment }) => comment === 'It is being repaired')?.id}/end`)
  await button.click()
  await page.getByText(/There is no silence/).first().waitFor()
  await context.close()
})
