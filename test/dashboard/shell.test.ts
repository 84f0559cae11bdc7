import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { serverWorld, type ServerWorld } from '../../packages/server/src/testing/server-world.ts'
import { invited, ownerOf, type Visitor } from '../../packages/server/src/testing/visitor.ts'
import { contextOf, openBrowser, watch } from './browser.ts'

let world: ServerWorld
let browser: Browser
let owner: Visitor
beforeAll(async () => {
  world = await serverWorld({ project: 'bots' })
  owner = await ownerOf(world)
  browser = await openBrowser()
}, 60_000)
afterAll(async () => {
  await browser.close()
  await world.dispose()
})

test('who has not logged in does so, and arrives where they wanted to go', async () => {
  const context = await contextOf(browser, world)
  const page = await context.newPage()
  const faults = watch(page, /401/)
  await page.goto('/p/bots/alerts?state=firing')
  await page.getByLabel('E-mail').fill(owner.email)
  await page.locator('input[name=password]').fill('wrong')
  await page.keyboard.press('Enter')
  await page.getByText('There is no account with this address and password.').waitFor()
  await page.getByText('简体中文').click()
  await page.getByRole('button', { name: '登录' }).waitFor()
  await page.locator('input[name=password]').press('Enter')
  await page.getByText('没有使用此地址和密码的账户。').waitFor()
  await page.locator('input[name=password]').fill(owner.password)
  await page.keyboard.press('Enter')
  await page.getByRole('navigation').waitFor()
  expect(new URL(page.url()).pathname + new URL(page.url()).search).toBe('/p/bots/alerts?state=firing')
  expect(faults).toEqual([])
  await context.close()
})

test('no link to the login leads to another server after it, however it is written', async () => {
  for (const next of ['//evil.example/', '/\t/evil.example/']) {
    const context = await contextOf(browser, world)
    const page = await context.newPage()
    const left: string[] = []
    page.on('request', (request) => void (new URL(request.url()).origin === new URL(world.url).origin || left.push(request.url())))
    await page.goto(`/login?next=${encodeURIComponent(next)}`)
    await page.getByLabel('E-mail').fill(owner.email)
    await page.locator('input[name=password]').fill(owner.password)
    await page.keyboard.press('Enter')
    await page.getByRole('navigation').waitFor()
    expect(left).toEqual([])
    await context.close()
  }
})

test('keys lead to pages, the palette finds them, and the language is changed in place', async () => {
  const context = await contextOf(browser, world, owner)
  const page = await context.newPage()
  const faults = watch(page)
  await page.goto('/')
  await page.getByRole('navigation').waitFor()
  await page.keyboard.press('g')
  await page.keyboard.press('r')
  await page.waitForURL('**/p/bots/rules')
  await page.keyboard.press('Control+k')
  await page.locator('[role=dialog] [role=combobox]:focus').waitFor()
  await page.keyboard.type('budg')
  await page.keyboard.press('Enter')
  await page.waitForURL('**/p/bots/budgets')
  await page.keyboard.press('?')
  await page.getByRole('dialog').waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Account and language' }).click()
  await page.getByRole('menuitem', { name: '简体中文' }).click()
  await page.getByRole('link', { name: '告警' }).waitFor()
  expect(await page.locator('html').getAttribute('lang')).toBe('zh-CN')
  expect(faults).toEqual([])
  await context.close()
})

test('whoever goes to another page hears its name once, in the one place that speaks, and goes on from its heading where the focus was lost', async () => {
  const context = await contextOf(browser, world, owner)
  const page = await context.newPage()
  const faults = watch(page)
  await page.goto('/p/bots/alerts')
  await page.getByRole('heading', { level: 1 }).waitFor()
  expect(await page.locator('[role=status]').count()).toBe(1)
  const spoken = async (): Promise<readonly string[]> => page.locator('[data-spoken] > *').allInnerTexts()
  expect(await spoken()).toEqual([])
  const focused = async (): Promise<unknown> => page.evaluate('document.activeElement.tagName + " " + document.activeElement.textContent.trim()')
  // By a key nothing has the focus: it is on the heading.
  await page.keyboard.press('g')
  await page.keyboard.press('s')
  await page.getByRole('heading', { level: 1, name: 'Sessions' }).waitFor()
  await expect.poll(spoken).toEqual(['Sessions'])
  await expect.poll(focused).toBe('H1 Sessions')
  // By a link, that has it.
  const link = page.getByRole('link', { name: 'Rules' })
  await link.focus()
  await page.keyboard.press('Enter')
  await expect.poll(spoken).toEqual(['Sessions', 'Rules'])
  expect(await focused()).toBe('A Rules')
  // What stands in the address beside the page is no other page.
  await page.goto('/p/bots/silences')
  await page.getByRole('tab', { name: 'Maintenance windows' }).click()
  await page.waitForURL(/tab=maintenance/)
  expect(await spoken()).toEqual([])
  expect(faults).toEqual([])
  await context.close()
})

test('what the server refuses is said in the language of the page, by its code, and in the other as soon as that is spoken', async () => {
  const context = await contextOf(browser, world, owner, { locale: 'zh-CN' })
  const page = await context.newPage()
  const faults = watch(page, /40[49]|503/)
  await page.goto('/p/bots/alerts/alt_999')
  const failed = page.locator('[data-state=failed]')
  await failed.getByText('没有找到，或者你无权查看。').waitFor()
  await page.getByRole('button', { name: '账户与语言' }).click()
  await page.getByRole('menuitem', { name: 'English' }).click()
  await failed.getByText('There is no alert alt_999').waitFor()
  // What the server says of this is for programs: for people there are words.
  await page.route('**/api/v1/alerts/alt_997*', async (route) => route.fulfill({ status: 503, contentType: 'application/problem+json', body: JSON.stringify({ type: 'urn:tocsin:problem:store-away', detail: 'The database does not answer. Nothing of this request was kept; send it again.', instance: 'req-0' }) }))
  await page.goto('/p/bots/alerts/alt_997')
  await failed.getByText('The database does not answer. Nothing was changed; try again.').waitFor()
  // What has no code of its own is passed on as it was said.
  await page.route('**/api/v1/alerts/alt_998*', async (route) => route.fulfill({ status: 409, contentType: 'application/problem+json', body: JSON.stringify({ type: 'urn:tocsin:problem:of-a-newer-server', detail: 'Something that came later.', instance: 'req-1' }) }))
  await page.goto('/p/bots/alerts/alt_998')
  await failed.getByText('Something that came later.').waitFor()
  expect(faults).toEqual([])
  await context.close()
})

test('who logs in over the page as somebody else finds nothing of what the one before typed', async () => {
  const other = await invited(world, owner, { name: 'adam', role: 'admin', project: 'bots' })
  const context = await contextOf(browser, world, owner)
  const page = await context.newPage()
  const faults = watch(page, /401/)
  await page.goto('/p/bots/budgets?new=1')
  await page.getByRole('textbox', { name: 'Name' }).fill('of-olga')
  // One that is kept, and one that is open.
  await page.getByRole('link', { name: 'Silences' }).click()
  await page.getByRole('button', { name: 'New silence' }).first().click()
  await page.getByLabel('Why').fill('Of Olga')
  await context.clearCookies()
  await page.getByRole('textbox', { name: 'What is silenced' }).fill("alert.agent == 'hers'")
  const dialog = page.getByRole('dialog', { name: 'You were logged out' })
  await dialog.waitFor()
  await dialog.getByLabel('E-mail').fill(other.email)
  await dialog.locator('input[name=password]').fill(other.password)
  const anew = page.waitForEvent('load')
  await page.keyboard.press('Enter')
  await anew
  await page.getByLabel('Why').waitFor()
  expect([await page.getByLabel('Why').inputValue(), await page.getByRole('textbox', { name: 'What is silenced' }).inputValue()]).toEqual(['', ''])
  await page.getByRole('link', { name: 'Budgets' }).click()
  await page.getByRole('button', { name: 'New budget' }).first().click()
  expect(await page.getByRole('textbox', { name: 'Name' }).inputValue()).toBe('')
  expect(faults).toEqual([])
  await context.close()
})
