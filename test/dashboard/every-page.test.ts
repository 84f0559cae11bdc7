import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { contextOf, openBrowser, watch, type Look } from './browser.ts'
import { filledWorld, type FilledWorld, type Member } from './filled-world.ts'
import { axeFaults, drawn, goTo, inColours, lookInside, overflowFaults, settled, wordFaults } from './looked-at.ts'

let filled: FilledWorld
let browser: Browser
beforeAll(async () => {
  ;[filled, browser] = await Promise.all([filledWorld(), openBrowser()])
}, 60_000)
afterAll(async () => {
  await browser.close()
  await filled.dispose()
})

const outside = [{ name: 'login', path: '/login' }, { name: 'welcome', path: '/welcome#0123456789012345678901234567890123456789012' }, { name: 'welcome without its token', path: '/welcome' }, { name: 'join', path: '/join#0123456789012345678901234567890123456789012' }, { name: 'reset', path: '/reset#0123456789012345678901234567890123456789012' }, { name: 'nothing', path: '/p/bots/nothing' }] as const

async function open(member: Member | undefined, look: Look): Promise<{ readonly page: Page; readonly faults: readonly string[]; readonly close: () => Promise<void> }> {
  const context = await contextOf(browser, filled.world, member === undefined ? undefined : filled.members[member], look)
  await lookInside(context)
  const page = await context.newPage()
  // Nobody is logged in there: to ask who it is, is answered so. An alert about something else than costs is not there for billing, and what a rule
  // about it would have told is refused by the server, which knows what it is about; a message to somebody else is there for those who may see all.
  const allowed = { owner: undefined, admin: undefined, developer: /40[34]/, billing: /40[34]/, viewer: /40[34]/ }
  return { page, faults: watch(page, member === undefined ? /401/ : allowed[member]), close: async () => context.close() }
}

/**
 * In English wide and light with all that axe knows, dark where colours differ, then as narrow as a phone at four times the size; in Chinese dark
 * with all that axe knows, and narrow where words would stand out. What axe looks at is the same in both, but for the words.
 */
async function faultsOf(page: Page, locale: string): Promise<readonly string[]> {
  const isFirst = locale === 'en'
  const found = [...(await wordFaults(page, locale))]
  if (isFirst) found.push(...(await axeFaults(page)))
  await inColours(page, 'dark')
  found.push(...(await axeFaults(page, isFirst ? ['color-contrast'] : 'all')).map((fault) => `dark: ${fault}`))
  await page.setViewportSize({ width: 320, height: 640 })
  await drawn(page)
  found.push(...(await overflowFaults(page)))
  if (isFirst) found.push(...(await axeFaults(page, ['target-size', 'color-contrast', 'scrollable-region-focusable'])).map((fault) => `narrow: ${fault}`))
  await page.setViewportSize({ width: 1280, height: 800 })
  await inColours(page, 'light')
  return found
}

test.for(['en', 'zh-CN'] as const)('every page in %s, light and dark, wide and narrow: its words are there, all may use it, and nothing is said in the console', { timeout: 240_000 }, async (locale) => {
  const { page, faults, close } = await open('owner', { locale })
  const found: string[] = []
  await page.goto(filled.views[0]?.path ?? '')
  await settled(page)
  for (const { name, path } of filled.views) {
    const before = faults.length
    await goTo(page, path)
    found.push(...(await faultsOf(page, locale)).map((fault) => `${name}: ${fault}`), ...faults.slice(before).map((fault) => `${name}: ${fault}`))
  }
  await close()
  expect(found).toEqual([])
})

test.for(['en', 'zh-CN'] as const)('what is seen before one is inside, in %s', { timeout: 120_000 }, async (locale) => {
  const { page, faults, close } = await open(undefined, { locale })
  const found: string[] = []
  for (const { name, path } of outside) {
    await page.goto(path)
    await settled(page)
    found.push(...(await faultsOf(page, locale)).map((fault) => `${name}: ${fault}`))
  }
  await page.goto(filled.actionLink)
  await page.getByRole('button').first().waitFor()
  found.push(...(await axeFaults(page)).map((fault) => `link of a message: ${fault}`))
  await close()
  expect([...found, ...faults]).toEqual([])
})

test.for(['admin', 'developer', 'billing', 'viewer'] as const)('every page for the role %s: shown, or said to be for others; nothing fails', { timeout: 120_000 }, async (member) => {
  const { page, faults, close } = await open(member, { locale: member === 'viewer' ? 'zh-CN' : 'en', theme: 'dark' })
  const found: string[] = []
  await page.goto(filled.views[0]?.path ?? '')
  await settled(page)
  for (const { name, path } of filled.views) {
    const before = faults.length
    await goTo(page, path)
    // What is for others is said so; what failed is not.
    const refused = (await page.locator('[data-state=failed]').allInnerTexts()).filter((text) => !/\(404|（404|You may not see this|你无权查看/.test(text))
    found.push(...refused.map((text) => `${name}: ${text}`), ...(await wordFaults(page, member === 'viewer' ? 'zh-CN' : 'en')).map((fault) => `${name}: ${fault}`), ...faults.slice(before).map((fault) => `${name}: ${fault}`))
  }
  await close()
  expect(found).toEqual([])
})
