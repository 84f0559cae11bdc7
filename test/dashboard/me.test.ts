import type { Browser, BrowserContext } from 'playwright-core'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { startPushService, type PushService } from '../../packages/core/src/testing/push-service.ts'
import { startSmtpServer, type SmtpStandIn } from '../../packages/core/src/testing/smtp-server.ts'
import { startTwilioServer, type TwilioStandIn } from '../../packages/core/src/testing/twilio-server.ts'
import { serverWorld, type ServerWorld } from '../../packages/server/src/testing/server-world.ts'
import { loggedIn, ownerOf, tokenIn, type Visitor } from '../../packages/server/src/testing/visitor.ts'
import { contextOf, openBrowser, watch } from './browser.ts'

let smtp: SmtpStandIn
let twilio: TwilioStandIn
let push: PushService
let world: ServerWorld
let browser: Browser
let owner: Visitor
beforeAll(async () => {
  ;[smtp, twilio, push] = await Promise.all([startSmtpServer({ login: { user: 'apikey', password: 'secret' } }), startTwilioServer(), startPushService()])
  world = await serverWorld({
    project: 'bots',
    channels: { mail: { type: 'email', url: smtp.url, ca: smtp.ca, from: 'Tocsin <noreply@example.com>' }, sms: { type: 'sms', accountSid: twilio.accountSid, authToken: twilio.authToken, from: '+15005550006', apiBase: twilio.apiBase, ca: twilio.ca }, browsers: { type: 'web-push', subject: 'mailto:ops@example.com', ...push.vapid, ca: push.ca, allowNetworks: ['127.0.0.0/8'] } },
    people: { lee: { role: 'developer', email: 'lee@example.com' } },
    routes: [{ to: ['lee'], via: ['mail'] }],
  })
  owner = await ownerOf(world)
  browser = await openBrowser()
}, 60_000)
afterAll(async () => {
  await browser.close()
  await world.dispose()
  await Promise.all([smtp.close(), twilio.close(), push.close()])
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
  await page.getByRole('button', { name: 'Verify' }).focus()
  await page.getByRole('tooltip').getByText('Type all 6 digits first.').waitFor()
  await page.keyboard.press('Enter')
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
  await expect.poll(own).not.toHaveProperty('quietHours')
  await expect.poll(() => page.getByRole('textbox', { name: '免打扰时段' }).inputValue()).toBe('')
  const box = page.getByRole('checkbox', { name: '通过mail告知费用' })
  await box.press('Space')
  await expect.poll(own).toMatchObject({ off: [{ kind: 'cost', channel: 'mail' }] })
  await expect.poll(() => box.isChecked()).toBe(false)
  // It was answered there: the way back is offered here.
  await page.locator('[data-toast]').getByRole('button', { name: '撤销' }).first().waitFor()
  await page.keyboard.press('u')
  await expect.poll(own).toMatchObject({ off: [] })
  await expect.poll(() => box.isChecked()).toBe(true)
  expect(faults).toEqual([])
  await context.close()
})

test('of boxes that are pressed quickly each counts, and each is undone by itself', async () => {
  const context = await contextOf(browser, world, owner)
  const page = await context.newPage()
  // That somebody else was faster is an answer that is asked for here.
  const faults = watch(page, /412/)
  let saved = 0
  page.on('response', (response) => void (response.request().method() === 'PATCH' && response.ok() && (saved += 1)))
  await page.goto('/p/bots/me')
  const off = async (): Promise<readonly string[]> => ((await owner.call('GET', '/api/v1/me/person?project=bots')).json as { readonly off: readonly { readonly kind: string; readonly channel: string }[] }).off.map(({ kind, channel }) => `${kind} by ${channel}`).toSorted()
  const box = (kind: string): ReturnType<typeof page.getByRole> => page.getByRole('checkbox', { name: `${kind} by mail` })
  await box('Session').waitFor()
  // Nothing that is pressed is answered before all of them are.
  let answer: () => void = () => undefined
  const answered = new Promise<void>((resolve) => (answer = resolve))
  await page.route('**/api/v1/me/person*', async (route) => {
    if (route.request().method() === 'PATCH') await answered
    await route.continue()
  })
  for (const kind of ['Session', 'Model', 'Tool']) await box(kind).press('Space')
  for (const kind of ['Session', 'Model', 'Tool']) await expect.poll(() => box(kind).isChecked()).toBe(false)
  // What somebody else, or a second tab, changes meanwhile stays too.
  await owner.call('PATCH', '/api/v1/me/person?project=bots', { body: { off: [{ kind: 'system', channel: 'sms' }] }, headers: { 'if-match': '*' } })
  answer()
  await expect.poll(off).toEqual(['model by mail', 'session by mail', 'system by sms', 'tool by mail'])
  await expect.poll(() => page.locator('[data-toast="good"]').count()).toBe(3)
  // The first that was said is of the first that was pressed, and undoes that one alone.
  await page.locator('[data-toast="good"]').first().getByRole('button', { name: 'Undo' }).press('Enter')
  await expect.poll(off).toEqual(['model by mail', 'system by sms', 'tool by mail'])
  await expect.poll(() => box('Session').isChecked()).toBe(true)
  await expect.poll(() => box('Model').isChecked()).toBe(false)
  // Twice the same box is as before.
  await box('Model').press('Space')
  await box('Model').press('Space')
  await expect.poll(() => saved).toBe(6)
  expect(await off()).toEqual(['model by mail', 'system by sms', 'tool by mail'])
  expect(faults).toEqual([])
  await context.close()
})

test('a browser is on where it is in one’s own list, and not because somebody else had themselves told in it', async () => {
  await owner.call('POST', '/api/v1/invitations?project=bots', { body: { email: 'mia@example.com', role: 'viewer' } })
  const invitation = await vi.waitFor(() => smtp.mails.find(({ raw }) => raw.includes('/join#')) ?? Promise.reject(new Error('no invitation yet')), { timeout: 10_000 })
  await world.call('POST', '/api/v1/join', { body: { token: tokenIn(invitation.parsed.text ?? ''), name: 'Mia', password: owner.password } })
  const mia = await loggedIn(world, 'mia@example.com')
  const subscription = JSON.parse(push.browser.subscription) as { readonly endpoint: string }
  expect((await mia.call('POST', '/api/v1/me/push?project=bots', { body: subscription })).status).toBe(201)
  const context = await contextOf(browser, world, owner)
  await subscribedAs(context, subscription)
  const page = await context.newPage()
  const faults = watch(page)
  const asked: string[] = []
  page.on('request', (request) => asked.push(request.url()))
  await page.goto('/p/bots/me')
  const ends = page.getByRole('button', { name: 'Stop telling me here' })
  const begins = page.getByRole('button', { name: 'Tell me here', exact: true })
  await begins.waitFor()
  expect(await page.getByText('You are not told here.').isVisible()).toBe(true)
  await begins.press('Enter')
  await page.getByText('You are told here, even with no page open.').waitFor()
  const listed = async (of: Visitor): Promise<readonly { readonly id: string }[]> => ((await of.call('GET', '/api/v1/me/push?project=bots')).json as { readonly items: readonly { readonly id: string }[] }).items
  // Not the one by which the other is told: neither reads what the other is sent.
  const [mine, theirs] = [await listed(owner), await listed(mia)]
  expect([mine.length, theirs.length]).toEqual([1, 1])
  expect(mine).not.toEqual(theirs)
  await page.getByText('This one: ').first().waitFor()
  await ends.press('Enter')
  await begins.waitFor()
  expect(await listed(owner)).toEqual([])
  expect(await listed(mia)).toEqual(theirs)
  // By what it is reached stands in no address.
  expect(asked.filter((url) => decodeURIComponent(url).includes(new URL(subscription.endpoint).pathname))).toEqual([])
  expect(faults).toEqual([])
  await context.close()
})

/** A browser that was allowed to show notifications and is subscribed already: a real one would ask a push service of its maker. */
async function subscribedAs(context: BrowserContext, subscription: { readonly endpoint: string }): Promise<void> {
  await context.addInitScript((given) => {
    const made = (fields: { readonly endpoint: string }): object => ({ ...fields, toJSON: () => fields, unsubscribe: async () => void (now = undefined) })
    let now: object | undefined = made(given)
    let count = 0
    const registration = {
      pushManager: {
        getSubscription: async () => now ?? null,
        // Another each time, unless there is one.
        subscribe: async () => (now ??= made({ ...given, endpoint: `${given.endpoint}/${(count += 1)}` })),
      },
    }
    Object.defineProperty(Notification, 'permission', { get: () => 'granted' })
    Object.defineProperty(Notification, 'requestPermission', { value: async () => 'granted' })
    Object.defineProperty(navigator, 'serviceWorker', { value: { ready: Promise.resolve(registration), register: async () => registration, getRegistration: async () => registration } })
  }, subscription)
}

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
