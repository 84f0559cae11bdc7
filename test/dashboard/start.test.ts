import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { serverWorld, type ServerWorld } from '../../packages/server/src/testing/server-world.ts'
import { invited, ownerOf, type Visitor } from '../../packages/server/src/testing/visitor.ts'
import { contextOf, openBrowser, watch } from './browser.ts'

let world: ServerWorld
let browser: Browser
let owner: Visitor
let viewer: Visitor
beforeAll(async () => {
  world = await serverWorld({ project: 'bots' })
  owner = await ownerOf(world)
  viewer = await invited(world, owner, { name: 'vera', role: 'viewer', project: 'bots' })
  browser = await openBrowser()
}, 60_000)
afterAll(async () => {
  await browser.close()
  await world.dispose()
})

const snippet = async (page: Page, tab: string): Promise<string> => {
  await page.getByRole('tab', { name: tab }).click()
  return page.getByRole('region', { name: `Snippet: ${tab}` }).innerText()
}

test('it listens, says after a while that nothing came and which key was turned away, and sends an event by itself', async () => {
  const context = await contextOf(browser, world, owner)
  const page = await context.newPage()
  const faults = watch(page)
  await page.clock.install()
  await page.goto('/p/bots/start')
  await page.getByText('Listening. Run the snippet; this line changes by itself.').waitFor()
  expect(await page.getByRole('button', { name: 'Send test event' }).count()).toBe(0)
  const wrong = await world.call('POST', '/api/v1/events', { key: `${world.ingestKey.slice(0, -4)}zzzz`, body: { events: [{ type: 'custom', source: 'native' }] } })
  expect(wrong.status).toBe(401)
  await page.clock.fastForward(31_000)
  await page.getByText('Nothing has reached this server.').waitFor()
  await page.getByText(/: key …zzzz is unknown\. Nothing stored\./).waitFor()
  await page.clock.fastForward(90_000)
  await page.getByText('Short script? End with `client.close()`. Docker? Use host.docker.internal.').waitFor()
  await page.getByRole('button', { name: 'Send test event' }).click()
  await page.getByText(/^First event \d+ ?s\w* ago\.$/).waitFor()
  expect(await page.getByRole('link', { name: 'Open session' }).getAttribute('href')).toMatch(/\/p\/bots\/sessions\/first-steps-/)
  expect(faults).toEqual([])
  await context.close()
})

test('a snippet runs as it is copied, with the key that was made for it', async () => {
  const context = await contextOf(browser, world, owner)
  const page = await context.newPage()
  const faults = watch(page)
  await page.goto('/p/bots/start')
  expect(await snippet(page, 'TypeScript')).toContain("apiKey: 'tok_…'")
  await page.getByRole('button', { name: 'Make a key' }).click()
  await page.getByText('It is shown once, here:', { exact: false }).first().waitFor()
  const key = await page.getByRole('region', { name: 'Make a key' }).innerText()
  expect(key).toMatch(/^tok_/)
  const typescript = await snippet(page, 'TypeScript')
  const otel = await snippet(page, 'Any OpenTelemetry')
  const curl = await snippet(page, 'curl')
  for (const code of [typescript, otel, curl]) expect(code).toContain(key)
  expect(otel).toContain(`OTEL_EXPORTER_OTLP_ENDPOINT=${world.url}`)
  const run = promisify(execFile)

  const folder = mkdtempSync(join(tmpdir(), 'first-steps-'))
  try {
    mkdirSync(join(folder, 'node_modules'))
    symlinkSync(join(import.meta.dirname, '../../packages/core'), join(folder, 'node_modules/tocsin'))
    writeFileSync(join(folder, 'agent.mts'), typescript)
    await run(process.execPath, ['--conditions=tocsin-source', 'agent.mts'], { cwd: folder })
    const { stdout } = await run('sh', ['-c', curl])
    expect(JSON.parse(stdout)).toEqual({ accepted: 1, duplicates: 0, refused: [] })
  } finally {
    rmSync(folder, { recursive: true })
  }
  const sent = await world.call('GET', '/api/v1/events?limit=20', { key: await world.makeKey('read', 'bots') })
  expect(JSON.stringify(sent.json)).toContain('"search"')
  expect(JSON.stringify(sent.json)).toContain('"curl"')
  expect(faults).toEqual([])
  await context.close()
})

test('what is broken on purpose becomes an alert, by keyboard alone', async () => {
  const context = await contextOf(browser, world, owner, { locale: 'zh-CN', theme: 'dark' })
  const page = await context.newPage()
  const faults = watch(page)
  await page.goto('/p/bots/start')
  await page.getByRole('button', { name: '弄坏' }).focus()
  await page.keyboard.press('Enter')
  await page.getByText('告警已到：').first().waitFor()
  const link = page.getByRole('link', { name: '打开告警' })
  await link.focus()
  await page.keyboard.press('Enter')
  await page.waitForURL(/\/p\/bots\/alerts\/alt_\d+$/)
  expect(faults).toEqual([])
  await context.close()
})

test('who may not make keys or send events reads why, and sees what arrived', async () => {
  const context = await contextOf(browser, world, viewer)
  const page = await context.newPage()
  const faults = watch(page)
  await page.goto('/p/bots/start')
  await page.getByText(/^First event/).waitFor()
  const make = page.getByRole('button', { name: 'Make a key' })
  expect(await make.getAttribute('aria-disabled')).toBe('true')
  await make.focus()
  await page.getByRole('tooltip').getByText('Only an owner or admin makes keys. Ask them for one.').waitFor()
  expect(await page.getByRole('button', { name: 'Break it' }).getAttribute('aria-disabled')).toBe('true')
  expect(faults).toEqual([])
  await context.close()
})

test('a server that answers 500 is said so, and asked again on demand', async () => {
  const context = await contextOf(browser, world, owner)
  const page = await context.newPage()
  watch(page)
  let isBroken = true
  await page.route('**/api/v1/start', async (route) => (isBroken ? route.fulfill({ status: 500, contentType: 'application/problem+json', body: JSON.stringify({ type: 'urn:tocsin:problem:failed', detail: 'Something went wrong here.', instance: 'req-7' }) }) : route.continue()))
  await page.goto('/p/bots/start')
  await page.getByText('What has arrived: not loaded (500, req-7). Nothing changed.').waitFor()
  isBroken = false
  await page.getByRole('button', { name: 'Try again' }).click()
  await page.getByText(/^First event/).waitFor()
  await context.close()
})
