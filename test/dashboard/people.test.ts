import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { serverWorld, type ServerWorld } from '../../packages/server/src/testing/server-world.ts'
import { invited, ownerOf, type Visitor } from '../../packages/server/src/testing/visitor.ts'
import { contextOf, openBrowser, watch } from './browser.ts'

const sms = { type: 'sms', accountSid: `AC${'0'.repeat(32)}`, authToken: 'not-a-token', from: '+15005550006', countries: ['US'] }
const mail = { type: 'email', url: 'smtps://user:pass@smtp.example.com', from: 'Tocsin <noreply@example.com>' }
/** The machine may have other work to do. */
const soon = { timeout: 8_000 }
let world: ServerWorld
let browser: Browser
let owner: Visitor
let admin: Visitor
beforeAll(async () => {
  world = await serverWorld({ project: 'bots', channels: { mail, texts: sms }, people: { dana: { role: 'admin', email: 'dana@example.com' } } })
  owner = await ownerOf(world)
  admin = await invited(world, owner, { name: 'adam', role: 'admin', project: 'bots' })
  await owner.call('PUT', '/api/v1/people/bo', { body: { role: 'billing', phone: '+14155550102' } })
  await owner.call('PUT', '/api/v1/people/cy', { body: { role: 'developer' } })
  await world.store.transaction((tx) => tx.optOut({ project: 'bots', channelType: 'sms', address: '+14155550102', sinceMs: Date.now() }), { project: 'bots' })
  browser = await openBrowser()
}, 60_000)
afterAll(async () => {
  await browser.close()
  await world.dispose()
})

test('who cannot be reached is first, with the reason at each kind of channel', async () => {
  const context = await contextOf(browser, world, owner)
  const page = await context.newPage()
  const faults = watch(page)
  await page.goto('/p/bots/people')
  const rows = page.getByRole('table', { name: 'People' }).locator('[data-row]')
  await rows.nth(2).waitFor()
  expect(await Promise.all((await rows.all()).map(async (row) => row.getAttribute('data-row')))).toEqual(['bo', 'cy', 'dana'])
  expect(await rows.nth(0).innerText()).toMatch(/nowhere[\s\S]*no address[\s\S]*stopped/)
  expect(await rows.nth(2).innerText()).toContain('not verified')
  await page.keyboard.press('/')
  await page.keyboard.type('zzz')
  await page.getByText('No match.').waitFor()
  await page.getByRole('button', { name: 'Clear 1 filter' }).first().click()
  await rows.nth(2).waitFor()
  await page.getByRole('button', { name: 'Reached' }).click()
  await page.getByRole('checkbox', { name: 'at an address of theirs' }).check()
  await page.waitForURL('**?reached=own')
  await expect.poll(() => rows.count(), soon).toBe(1)
  expect(faults).toEqual([])
  await context.close()
})

test('a person is made by keyboard, faults are said while typing, and wishes are written as the configuration has them', async () => {
  const context = await contextOf(browser, world, owner)
  const page = await context.newPage()
  const faults = watch(page)
  await page.goto('/p/bots/people')
  await page.getByRole('button', { name: 'New person' }).focus()
  await page.keyboard.press('Enter')
  await page.getByLabel('Name').focus()
  await page.keyboard.type('lee')
  await page.getByLabel('E-mail').focus()
  await page.keyboard.type('lee@')
  await page.getByText(/expected an e-mail address/).waitFor()
  await page.keyboard.type('example.com')
  await page.getByText(/expected an e-mail address/).waitFor({ state: 'detached' })
  await page.getByLabel('Quiet from').fill('22:00')
  await page.getByLabel('Quiet until').fill('07:00')
  await page.getByRole('combobox', { name: 'Time zone' }).fill('Shanghai')
  await page.getByRole('option', { name: 'Asia/Shanghai' }).click()
  await page.getByRole('button', { name: 'Add a wish' }).click()
  await page.getByRole('combobox', { name: 'Kinds' }).click()
  await page.getByRole('option', { name: 'Cost' }).click()
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Save' }).focus()
  await page.keyboard.press('Enter')
  await page.waitForURL('**/p/bots/people/lee')
  const { value } = (await owner.call('GET', '/api/v1/people/lee')).json as { readonly value: unknown }
  expect(value).toEqual({ role: 'developer', email: 'lee@example.com', quietHours: '22:00-07:00', timezone: 'Asia/Shanghai', preferences: [{ mute: true, kinds: ['cost'] }] })
  await page.getByText('lee@example.com').last().waitFor()
  expect(faults).toEqual([])
  await context.close()
})

test('what is kept is handed out, and erased for good by an owner who types the name', async () => {
  const context = await contextOf(browser, world, owner, { locale: 'zh-CN', theme: 'dark', width: 360 })
  const page = await context.newPage()
  const faults = watch(page)
  await page.goto('/p/bots/people/cy')
  await page.getByRole('button', { name: '抹除' }).waitFor()
  expect(await page.getByRole('button', { name: '抹除' }).getAttribute('aria-disabled')).toBe('true')
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: '导出' }).click()])
  expect(download.suggestedFilename()).toBe('cy.jsonl')
  await page.getByRole('button', { name: '删除', exact: true }).click()
  await page.waitForURL('**/p/bots/people')
  await page.goto('/p/bots/people/cy')
  await page.getByText('配置中没有名为“cy”的人员。').waitFor()
  await page.getByLabel('输入名称以永久抹除').fill('cy')
  await page.getByRole('button', { name: '抹除' }).click()
  await page.getByText(/^已抹除/).first().waitFor()
  expect(await page.evaluate<unknown>('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
  expect(faults).toEqual([])
  await context.close()
})

test('an admin exports and does not erase; what is in the file is read only', async () => {
  const context = await contextOf(browser, world, admin)
  const page = await context.newPage()
  const faults = watch(page)
  await page.goto('/p/bots/people/dana')
  await page.getByRole('link', { name: 'Export' }).waitFor()
  await page.getByRole('button', { name: 'Erase' }).focus()
  await page.getByRole('tooltip').getByText('Only an owner erases what is kept about somebody.').waitFor()
  expect(await page.getByLabel('E-mail').isDisabled()).toBe(true)
  expect(faults).toEqual([])
  await context.close()
})

test('a server that does not answer is said so', async () => {
  const context = await contextOf(browser, world, owner)
  const page = await context.newPage()
  watch(page)
  await page.route('**/api/v1/reach', async (route) => route.fulfill({ status: 429, headers: { 'retry-after': '0' }, contentType: 'application/problem+json', body: JSON.stringify({ type: 'urn:tocsin:problem:too-many', detail: 'Too many requests.', instance: 'req-9' }) }))
  await page.goto('/p/bots/people')
  await page.getByText('People: not loaded (429, req-9). Nothing changed.').waitFor()
  await context.close()
})

test('what somebody else changed meanwhile is not deleted unseen, and is what discarding leads back to', async () => {
  await owner.call('PUT', '/api/v1/people/fay', { body: { role: 'viewer' } })
  const changedByAdmin = async (role: string): Promise<void> => {
    const { headers } = await admin.call('GET', '/api/v1/people/fay')
    expect((await admin.call('PUT', '/api/v1/people/fay', { body: { role }, headers: { 'if-match': headers.get('etag') ?? '' } })).status).toBe(200)
  }
  const context = await contextOf(browser, world, owner)
  const page = await context.newPage()
  const faults = watch(page, /412/)
  await page.goto('/p/bots/people/fay')
  const role = page.getByRole('combobox', { name: 'Role' })
  await expect.poll(() => role.inputValue(), soon).toBe('viewer')
  await changedByAdmin('developer')
  await page.getByRole('button', { name: 'Delete', exact: true }).press('Enter')
  await page.locator('[data-state=refused]').waitFor()
  await expect.poll(() => role.inputValue(), soon).toBe('developer')
  await page.getByLabel('Phone').fill('+14155550199')
  await changedByAdmin('billing')
  await page.getByRole('button', { name: 'Save', exact: true }).press('Enter')
  await page.locator('[data-state=conflict]').waitFor()
  await page.getByRole('button', { name: 'Discard' }).press('Enter')
  await expect.poll(() => role.inputValue(), soon).toBe('billing')
  expect(await page.getByLabel('Phone').inputValue()).toBe('')
  await page.getByRole('button', { name: 'Delete', exact: true }).press('Enter')
  await page.waitForURL('**/p/bots/people')
  expect((await owner.call('GET', '/api/v1/people/fay')).status).toBe(404)
  expect(faults).toEqual([])
  await context.close()
})
