import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { startSmtpServer, type SmtpStandIn } from '../../packages/core/src/testing/smtp-server.ts'
import { startTwilioServer, type TwilioStandIn } from '../../packages/core/src/testing/twilio-server.ts'
import { serverWorld, type ServerWorld } from '../../packages/server/src/testing/server-world.ts'
import { loggedIn, ownerOf, tokenIn, type Visitor } from '../../packages/server/src/testing/visitor.ts'
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
    channels: {
      mail: { type: 'email', url: smtp.url, ca: smtp.ca, from: 'Tocsin <noreply@example.com>' },
      sms: { type: 'sms', accountSid: twilio.accountSid, authToken: twilio.authToken, from: '+15005550006', apiBase: twilio.apiBase, ca: twilio.ca },
      kept: { type: 'inbox' },
    },
    people: { olga: { role: 'owner', email: 'olga@example.com', phone: '+8613800000000' }, lee: { role: 'developer', email: 'lee@example.com', locale: 'zh-CN' } },
    routes: [{ to: ['olga'], via: ['mail', 'sms'] }, { to: ['lee'], via: ['mail', 'kept'] }],
  })
  owner = await ownerOf(world)
  browser = await openBrowser()
  const atMs = Date.now() - 5_000
  const events = [
    { type: 'session.start', id: 's-start', atMs, sessionId: 's_1', agent: 'refund-bot' },
    { type: 'session.end', id: 's-end', atMs: atMs + 2_000, sessionId: 's_1', agent: 'refund-bot', endState: 'fail', endReason: '<script>alert(1)</script> the model gave up' },
  ]
  await world.call('POST', '/api/v1/events', { key: world.ingestKey, body: { events } })
  await vi.waitFor(() => expect([smtp.mails.length, twilio.messages.length]).toEqual([2, 1]), { timeout: 15_000, interval: 100 })
}, 60_000)
afterAll(async () => {
  await browser.close()
  await world.dispose()
  await Promise.all([smtp.close(), twilio.close()])
})

test('each message is seen as its reader sees it: a letter in a frame that runs nothing, a text with its segments', async () => {
  const context = await contextOf(browser, world, owner)
  const page = await context.newPage()
  const faults = watch(page)
  await page.goto('/p/bots/messages')
  await page.getByRole('link', { name: /Session failed/ }).nth(2).waitFor()
  await page.goto('/p/bots/messages?channel=mail&person=olga&result=sent')
  await page.getByRole('link', { name: /Session failed/ }).first().press('Enter')
  const frame = page.frameLocator('iframe')
  await frame.getByText('the model gave up').first().waitFor()
  expect(await page.locator('iframe').getAttribute('sandbox')).toBe('')
  await page.getByRole('table', { name: 'Attempts' }).getByText('sent').first().waitFor()
  await page.keyboard.press('Escape')
  await page.waitForURL('**/p/bots/messages')
  await page.goto('/p/bots/messages?channel=sms')
  await page.getByRole('link', { name: /Session failed/ }).first().press('Enter')
  await page.getByText(/\d segments?/).waitFor()
  expect(faults).toEqual([])
  await context.close()
})

test('a message is sent again, and the page says when it goes and shows what became of it', async () => {
  const context = await contextOf(browser, world, owner)
  const page = await context.newPage()
  const faults = watch(page)
  await page.goto('/p/bots/messages?channel=mail&person=olga&result=sent')
  await page.getByRole('link', { name: /Session failed/ }).first().press('Enter')
  const before = smtp.mails.length
  await page.getByRole('button', { name: 'Send again' }).press('Enter')
  await page.getByText(/Sent again: olga by mail/).last().waitFor()
  await expect.poll(() => smtp.mails.length, { timeout: 10_000 }).toBe(before + 1)
  await page.getByRole('table', { name: 'Attempts' }).waitFor()
  expect(faults).toEqual([])
  await context.close()
})

test('the inbox shows each message whole, and who is told in Chinese reads Chinese', async () => {
  // Where mail goes out, an invitation goes by mail.
  await owner.call('POST', '/api/v1/invitations?project=bots', { body: { email: 'lee@example.com', role: 'developer' } })
  const invitation = await vi.waitFor(() => smtp.mails.find(({ raw }) => raw.includes('/join#')) ?? Promise.reject(new Error('no invitation yet')), { timeout: 10_000 })
  await world.call('POST', '/api/v1/join', { body: { token: tokenIn(invitation.parsed.text ?? ''), name: 'lee', password: owner.password } })
  const lee = await loggedIn(world, 'lee@example.com')
  const context = await contextOf(browser, world, lee, { locale: 'zh-CN', theme: 'dark' })
  const page = await context.newPage()
  const faults = watch(page)
  await page.goto('/p/bots/messages?view=inbox')
  await page.getByText(/会话失败/).first().waitFor()
  // Of many that are sent at once it is read again once, and not for each.
  const askedMs: number[] = []
  page.on('request', (request) => void (request.url().includes('/api/v1/inbox?') && askedMs.push(Date.now())))
  const atMs = Date.now() - 4_000
  const burst = Array.from({ length: 6 }, (_, index) => ({ type: 'session.end', id: `burst-${index}`, atMs, sessionId: `burst_${index}`, agent: `burst-${index}`, endState: 'fail', endReason: `reason ${index}` }))
  await world.call('POST', '/api/v1/events', { key: world.ingestKey, body: { events: burst } })
  await page.getByText(/burst-\d/).first().waitFor({ timeout: 15_000 })
  const kept = async (): Promise<number> => ((await lee.call('GET', '/api/v1/deliveries?project=bots&channel=kept&state=done')).json as { readonly items: readonly unknown[] }).items.length
  await expect.poll(kept, { timeout: 15_000 }).toBeGreaterThan(2)
  expect(askedMs.flatMap((one, index) => (index > 0 && one - (askedMs[index - 1] ?? 0) < 400 ? [one - (askedMs[index - 1] ?? 0)] : []))).toEqual([])
  // Of others' messages nothing is seen.
  expect(await page.getByText('olga').count()).toBe(0)
  await page.getByRole('link', { name: /会话失败/ }).first().press('Enter')
  const again = page.getByRole('button', { name: '重新发送' })
  expect(await again.getAttribute('aria-disabled')).toBe('true')
  expect(faults).toEqual([])
  await context.close()
})

test('a server that answers with an error is named, and what is on the page stays', async () => {
  const context = await contextOf(browser, world, owner)
  const page = await context.newPage()
  await page.route('**/api/v1/deliveries?*', (route) => route.fulfill({ status: 500, contentType: 'application/problem+json', body: JSON.stringify({ type: 'urn:tocsin:problem:internal', detail: 'Our mistake.', instance: 'req_7' }) }))
  await page.goto('/p/bots/messages')
  await page.getByRole('alert').getByText('Messages: not loaded (500, req_7). Nothing changed.').waitFor()
  await page.unroute('**/api/v1/deliveries?*')
  await page.getByRole('button', { name: 'Try again' }).press('Enter')
  await page.getByRole('link', { name: /Session failed/ }).first().waitFor()
  await context.close()
})
