import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { serverWorld, type ServerWorld } from '../../packages/server/src/testing/server-world.ts'
import { ownerOf, type Visitor } from '../../packages/server/src/testing/visitor.ts'
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

test('words of one’s own are seen as a reader would while they are written, saved, and taken away with a way back', async () => {
  const context = await contextOf(browser, world, owner)
  const page = await context.newPage()
  const faults = watch(page)
  await page.goto('/p/bots/templates')
  await page.getByText('Choose a message to see it').waitFor()
  await page.goto('/p/bots/templates/session.failed?by=sms')
  await page.getByText(/\d segments?/).waitFor()
  await page.getByLabel('Text message').fill('{{ badge }}: {{ params.agent }} is down')
  await page.getByText('High: refund-bot is down').waitFor()
  await page.getByLabel('Text message').fill('{{ params.agnet }')
  await page.getByText(/sms|expected|agnet/).last().waitFor()
  await page.getByLabel('Text message').fill('{{ badge }}: {{ params.agent }} is down')
  await page.getByRole('button', { name: 'Save' }).press('Enter')
  await page.getByText('Template “session.failed” saved.').last().waitFor()
  expect((await owner.call('GET', '/api/v1/templates/session.failed?project=bots')).json).toMatchObject({ value: { sms: '{{ badge }}: {{ params.agent }} is down' } })
  await page.getByRole('button', { name: 'Delete' }).press('Enter')
  await page.locator('[data-toast]').filter({ hasText: 'Template “session.failed” deleted.' }).getByRole('button', { name: 'Undo' }).press('Enter')
  await expect.poll(async () => (await owner.call('GET', '/api/v1/templates/session.failed?project=bots')).status, { timeout: 5_000 }).toBe(200)
  expect(faults.filter((fault) => !fault.includes('422'))).toEqual([])
  await context.close()
})

test('each language, channel and role has its own, in Chinese too', async () => {
  const context = await contextOf(browser, world, owner, { locale: 'zh-CN', theme: 'dark' })
  const page = await context.newPage()
  const faults = watch(page)
  await page.goto('/p/bots/templates/budget.crossed?by=email')
  await page.frameLocator('iframe').getByText(/预算/).last().waitFor()
  await page.goto('/p/bots/templates/session.failed?by=slack&locale=en')
  await page.getByText(/Session failed/).first().waitFor()
  await page.goto('/p/bots/templates/session.failed?by=email&role=billing')
  await page.getByText('此角色不会收到此类消息。').waitFor()
  expect(faults).toEqual([])
  await context.close()
})
