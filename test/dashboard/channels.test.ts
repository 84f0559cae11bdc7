import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { serverWorld, type ServerWorld } from '../../packages/server/src/testing/server-world.ts'
import { invited, ownerOf, type Visitor } from '../../packages/server/src/testing/visitor.ts'
import { channelSettings } from '../../packages/dashboard/src/words/zh-CN/channel-settings.ts'
import { contextOf, openBrowser, watch } from './browser.ts'

const secret = 'whsec_c2VzYW1lLW9wZW4tNDcxMS1zZXNhbWUtb3Blbg=='
let world: ServerWorld
let browser: Browser
let owner: Visitor
let developer: Visitor
let receiver: Server
let status = 204
const received: string[] = []
beforeAll(async () => {
  receiver = createServer((request, response) => {
    received.push(request.url ?? '')
    request.resume().on('end', () => response.writeHead(status).end())
  })
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
  world = await serverWorld({ project: 'bots', channels: { wall: { type: 'inbox' } }, people: { dana: { role: 'admin' } } })
  owner = await ownerOf(world)
  developer = await invited(world, owner, { name: 'dev', role: 'developer', project: 'bots' })
  browser = await openBrowser()
}, 60_000)
afterAll(async () => {
  await browser.close()
  await world.dispose()
  await new Promise((resolve) => receiver.close(resolve))
})

const url = (): string => `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/in?token=sesame-4711-open`

test('a channel is made from what its kind declares; faults stand at their fields; its test shows what was said, and no secret', async () => {
  const context = await contextOf(browser, world, owner)
  const page = await context.newPage()
  const faults = watch(page, /422/)
  await page.goto('/p/bots/channels')
  await page.getByRole('row', { name: /wall/ }).waitFor()
  await page.getByRole('button', { name: 'New channel' }).click()
  await page.getByRole('link', { name: /^Webhook/ }).click()
  expect(await page.getByLabel('Name').inputValue()).toBe('webhook')
  await page.getByLabel('Name').fill('hook')
  await page.getByLabel('Address').fill(url())
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByText('Not saved. What you typed is still here.').waitFor()
  expect(await page.getByLabel('Address').getAttribute('aria-invalid')).toBe('true')
  await page.getByRole('button', { name: 'Further settings' }).click()
  await page.getByLabel('Allow plain HTTP to this machine').check()
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  const signing = page.locator('input[aria-invalid=true]')
  await signing.and(page.getByLabel('Signing secret', { exact: true })).waitFor()
  expect(await page.evaluate<unknown>('document.activeElement.getAttribute("aria-invalid")')).toBe('true')
  await signing.fill(secret)
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.waitForURL('**/p/bots/channels/hook')
  await page.getByText('Set. It is kept and never shown.').first().waitFor()
  expect(await page.content()).not.toContain('sesame-4711-open')
  await page.getByRole('button', { name: 'Send test' }).click()
  await page.getByText('The server accepted the message. Whether it arrives, only its reader can say.').first().waitFor()
  expect(received).toEqual(['/in?token=sesame-4711-open'])
  const talk = await page.getByRole('list', { name: 'Conversation' }).innerText()
  expect(talk).toContain('POST')
  expect(talk).toContain('204')
  expect(await page.content()).not.toMatch(/sesame-4711-open|c2VzYW1l|elivered/)
  status = 410
  await page.getByRole('button', { name: 'Send test' }).click()
  await page.getByText('This address does not work.').first().waitFor()
  status = 204
  expect(faults).toEqual([])
  await context.close()
})

test('a secret stays unless it is replaced on purpose; what two people change meanwhile is shown side by side', async () => {
  const context = await contextOf(browser, world, owner)
  const page = await context.newPage()
  const faults = watch(page, /412/)
  await page.goto('/p/bots/channels/hook')
  await page.getByRole('button', { name: 'Further settings' }).waitFor()
  await page.getByLabel('At most so many sends at a time').fill('2')
  const read = await owner.call('GET', '/api/v1/channels/hook')
  const { value } = read.json as { readonly value: object }
  await owner.call('PUT', '/api/v1/channels/hook', { body: { ...value, rate: '5/1s' }, headers: { 'if-match': read.headers.get('etag') ?? '' } })
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByText('Somebody changed this meanwhile.', { exact: false }).waitFor()
  const both = await page.locator('[data-state=conflict]').innerText()
  expect(both).toContain('5/1s')
  expect(both).toContain('concurrency')
  await page.getByLabel('At most so many in a time').fill('5/1s')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByText('Channel “hook” saved.').first().waitFor()
  const now = (await owner.call('GET', '/api/v1/channels/hook')).json as { readonly value: object }
  expect(now.value).toMatchObject({ concurrency: 2, rate: '5/1s', secret: { secret: true, set: true } })
  await page.getByRole('button', { name: 'Send test' }).click()
  await page.getByText('The server accepted the message.', { exact: false }).first().waitFor()
  expect(faults).toEqual([])
  await context.close()
})

test('a list stays as it is typed, and is what is saved again when the changes are discarded; so do pairs', async () => {
  await owner.call('PUT', '/api/v1/channels/texts', { body: { type: 'sms', accountSid: `AC${'0'.repeat(32)}`, authToken: 'not-a-token', from: '+15005550006', countries: ['US', 'DE'] } })
  const context = await contextOf(browser, world, owner)
  const page = await context.newPage()
  const faults = watch(page)
  await page.goto('/p/bots/channels/texts')
  const list = page.getByLabel('Allowed countries')
  await list.fill('US\n, CN,')
  expect(await list.inputValue()).toBe('US\n, CN,')
  await page.getByRole('button', { name: 'Discard changes' }).click()
  expect(await list.inputValue()).toBe('US, DE')
  await list.fill('US\n, CN,')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByText('Channel “texts” saved.').first().waitFor()
  expect((await owner.call('GET', '/api/v1/channels/texts')).json).toMatchObject({ value: { countries: ['US', 'CN'] } })
  await page.goto('/p/bots/channels?new=webhook')
  await page.getByRole('button', { name: 'Further settings' }).waitFor()
  const pairs = page.getByLabel('More headers')
  await pairs.fill('x-one: 1\nx-two')
  expect(await pairs.inputValue()).toBe('x-one: 1\nx-two')
  await page.getByRole('link', { name: 'Rules' }).click()
  await page.waitForURL('**/rules')
  await page.goBack()
  await page.getByText('You typed this before', { exact: false }).waitFor()
  await page.locator('[data-state=restored]').getByRole('button', { name: 'Discard changes' }).click()
  expect(await pairs.inputValue()).toBe('')
  expect(faults).toEqual([])
  await context.close()
})

test('what is needed elsewhere is not deleted and it is said by whom; what is not comes back by undo', async () => {
  await owner.call('PUT', '/api/v1/channels/second', { body: { type: 'inbox' } })
  await owner.call('PUT', '/api/v1/routes/all', { body: { to: ['dana'], via: ['second'] } })
  const context = await contextOf(browser, world, owner, { width: 360 })
  const page = await context.newPage()
  const faults = watch(page, /409/)
  await page.goto('/p/bots/channels/second')
  await page.getByRole('button', { name: 'Delete' }).click()
  await page.locator('[data-state=refused]').getByText(/route.*all/).waitFor()
  await owner.call('DELETE', '/api/v1/routes/all', { headers: { 'if-match': '*' } })
  await page.getByRole('button', { name: 'Delete' }).click()
  await page.waitForURL('**/p/bots/channels')
  await page.getByText('Channel “second” deleted.').first().waitFor()
  expect((await owner.call('GET', '/api/v1/channels/second')).status).toBe(404)
  await page.keyboard.press('u')
  await page.getByText('Channel “second” is as it was.').first().waitFor()
  expect((await owner.call('GET', '/api/v1/channels/second')).status).toBe(200)
  expect(await page.evaluate<unknown>('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
  expect(faults).toEqual([])
  await context.close()
})

test('a deleted channel with secrets comes back as far as it can, and asks for them anew', async () => {
  await owner.call('PUT', '/api/v1/channels/gone', { body: { type: 'webhook', url: url(), secret, allowInsecure: true } })
  const context = await contextOf(browser, world, owner)
  const page = await context.newPage()
  watch(page, /422/)
  await page.goto('/p/bots/channels/gone')
  await page.getByRole('button', { name: 'Delete' }).click()
  await page.getByRole('button', { name: 'Undo' }).click()
  await page.getByText('could not be put back', { exact: false }).first().waitFor()
  await page.waitForURL('**/p/bots/channels?new=webhook')
  expect(await page.getByLabel('Name').inputValue()).toBe('gone')
  await context.close()
})

test('what is in the file is shown and not changed, and who may not see channels is told whom to ask', async () => {
  const context = await contextOf(browser, world, owner, { locale: 'zh-CN', theme: 'dark' })
  const page = await context.newPage()
  const faults = watch(page)
  await page.goto('/p/bots/channels/wall')
  await page.getByText('来自配置文件，请在文件中修改。').first().waitFor()
  expect(await page.getByRole('button', { name: '保存' }).getAttribute('aria-disabled')).toBe('true')
  await page.getByRole('button', { name: '发送测试' }).click()
  await page.getByText('已收下，消息留在本机。').first().waitFor()
  expect(faults).toEqual([])
  await context.close()
  const other = await contextOf(browser, world, developer)
  const theirs = await other.newPage()
  await theirs.goto('/p/bots/channels')
  await theirs.getByText('Role developer cannot see this page (Channels). Ask Olga.').waitFor()
  await other.close()
})

test('what kinds of channel declare of themselves is there in Chinese', async () => {
  const { items } = (await owner.call('GET', '/api/v1/channel-types')).json as { readonly items: readonly { readonly title: string; readonly fields: readonly { readonly label: string; readonly hint?: string }[] }[] }
  const said = new Set(items.flatMap(({ title, fields }) => [title, ...fields.flatMap(({ label, hint }) => (hint === undefined ? [label] : [label, hint]))]))
  expect([...said].filter((text) => channelSettings[text] === undefined)).toEqual([])
  expect(Object.keys(channelSettings).filter((text) => !said.has(text))).toEqual([])
  const context = await contextOf(browser, world, owner, { locale: 'zh-CN' })
  const page = await context.newPage()
  await page.goto('/p/bots/channels?new=sms')
  await page.getByLabel('允许的国家和地区').waitFor({ state: 'attached' })
  await page.getByText('见 Twilio 控制台').waitFor()
  await context.close()
})

test('nothing typed is lost when the page is left or the server does not answer', async () => {
  const context = await contextOf(browser, world, owner)
  const page = await context.newPage()
  watch(page, /ERR_|Failed to load/)
  await page.goto('/p/bots/channels?new=ntfy')
  await page.getByLabel('Topic').fill('my-topic')
  await page.route('**/api/v1/channels/ntfy', async (route) => route.abort())
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByText('Nothing answered; not saved. What you typed is still here.').waitFor()
  await page.getByRole('link', { name: 'All channels' }).click()
  await page.getByRole('row', { name: /wall/ }).waitFor()
  await page.goBack()
  await page.getByText('You typed this before and have not saved it yet.').waitFor()
  expect(await page.getByLabel('Topic').inputValue()).toBe('my-topic')
  await context.close()
})
