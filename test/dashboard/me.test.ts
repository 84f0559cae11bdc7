import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { startSmtpServer, type SmtpStandIn } from '../../packages/core/src/testing/smtp-server.ts'
import { startTwilioServer, type TwilioStandIn } from '../../packages/core/src/testing/twilio-server.ts'
import { serverWorld, type ServerWorld } from '../../packages/server/src/testing/server-world.ts'
import { ownerOf, type Visitor } from '../../packages/server/src/testing/visitor.ts'
import { contextOf, openBrowser, watch } from './browser.ts'

let smtp: SmtpStandIn
let twilio: TwilioStandIn
let world: ServerWorld
let browser: Browser
let owner: Visitor
beforeAll(async () => {
  ;[smtp, twilio] = await Promise.all([startSmtpServer({ login: { user: 'apikey', password: 'secret' } }), startTwilioServer()])
  world = await serverWorld({
    project: 'bots',
    channels: { mail: { type: 'email', url: smtp.url, ca: smtp.ca, from: 'Tocsin <noreply@example.com>' }, sms: { type: 'sms', accountSid: twilio.accountSid, authToken: twilio.authToken, from: '+15005550006', apiBase: twilio.apiBase, ca: twilio.ca } },
    people: { lee: { role: 'developer', email: 'lee@example.com' } },
    routes: [{ to: ['lee'], via: ['mail'] }],
  })
  owner = await ownerOf(world)
  browser = await openBrowser()
}, 60_000)
afterAll(async () => {
  await browser.close()
  await world.dispose()
  await Promise.all([smtp.close(), twilio.close()])
})

test('an address is mine when the code that was sent there was given back', async () => {
  const context = await contextOf(browser, world, owner)
  const page = await context.newPage()
  const faults = watch(page, /40[39]|422/)
  await page.goto('/p/bots/me')
  await page.getByRole('combobox', { name: 'Add' }).click()
  await page.getByRole('option', { name: 'Phone' }).click()
  await page.getByRole('textbox', { name: 'Address' }).fill('+8613800000000')
  await page.getByRole('button', { name: 'Send code' }).press('Enter')
  await page.getByText(/A code was sent to \+8613800000000/).waitFor()
  const message = await vi.waitFor(() => twilio.messages[0] ?? Promise.reject(new Error('no message yet')), { timeout: 10_000 })
  const code = /\b\d{6}\b/.exec(message.body)?.[0] ?? ''
  // An address that was typed wrong is not waited for: another can be given at once.
  expect(await page.getByRole('button', { name: 'Send code' }).isVisible()).toBe(true)
  await page.getByLabel('Digit 1 of the code').focus()
  await page.keyboard.type(code === '000000' ? '000001' : '000000')
  await page.getByText(/4 tries left/).waitFor()
  await page.getByLabel('Digit 1 of the code').focus()
  await page.keyboard.type(code)
  await page.getByText('✓ verified').waitFor()
  expect((await owner.call('GET', '/api/v1/me/person?project=bots')).json).toMatchObject({ addresses: expect.arrayContaining([expect.objectContaining({ address: '+8613800000000', verified: true })]) as unknown })
  expect(faults).toEqual([])
  await context.close()
})

test('quiet hours, language and what is told by what are mine to change, each with a way back', async () => {
  const context = await contextOf(browser, world, owner, { locale: 'zh-CN', theme: 'dark' })
  const page = await context.newPage()
  const faults = watch(page)
  await page.goto('/p/bots/me')
  await page.getByRole('textbox', { name: '免打扰时段' }).fill('22:00-07:00')
  await page.getByRole('button', { name: '保存', exact: true }).press('Enter')
  await page.getByText('已保存。').last().waitFor()
  const own = async (): Promise<unknown> => (await owner.call('GET', '/api/v1/me/person?project=bots')).json
  expect(await own()).toMatchObject({ quietHours: '22:00-07:00' })
  await page.keyboard.press('u')
  await vi.waitFor(async () => expect(await own()).not.toHaveProperty('quietHours'))
  await expect.poll(() => page.getByRole('textbox', { name: '免打扰时段' }).inputValue()).toBe('')
  const box = page.getByRole('checkbox', { name: '通过mail告知费用' })
  await box.press('Space')
  await vi.waitFor(async () => expect(await own()).toMatchObject({ off: [{ kind: 'cost', channel: 'mail' }] }))
  await expect.poll(() => box.isChecked()).toBe(false)
  await page.keyboard.press('u')
  await vi.waitFor(async () => expect(await own()).toMatchObject({ off: [] }))
  await expect.poll(() => box.isChecked()).toBe(true)
  expect(faults).toEqual([])
  await context.close()
})

test('what is wrong is said at its field, and single keys can be turned off', async () => {
  const context = await contextOf(browser, world, owner)
  const page = await context.newPage()
  watch(page)
  await page.goto('/p/bots/me')
  await page.getByRole('textbox', { name: 'Quiet hours' }).fill('25:00-07:00')
  await page.getByRole('button', { name: 'Save', exact: true }).press('Enter')
  await page.getByText(/expected/).first().waitFor()
  expect(await page.getByRole('textbox', { name: 'Quiet hours' }).inputValue()).toBe('25:00-07:00')
  await page.getByRole('switch', { name: 'Single keys do something' }).press('Space')
  await page.keyboard.press('g')
  await page.keyboard.press('a')
  expect(new URL(page.url()).pathname).toBe('/p/bots/me')
  await page.keyboard.press('Control+k')
  await page.getByRole('dialog').waitFor()
  await context.close()
})
