import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { compileCache } from '../../packages/core/src/testing/compile-cache.ts'
import { until } from '../../packages/core/src/testing/receiver.ts'
import { serverProcess, type ServerProcess } from '../../packages/server/src/testing/server-process.ts'
import { run } from '../end-to-end/child.ts'
import { contextOf, openBrowser, watch } from './browser.ts'
import { handsOn, type Hands } from './by-keyboard.ts'
import { lookInside, settled } from './looked-at.ts'
import { failedRun, goodRun } from './what-agents-do.ts'
import { wordsOf, type TestedLocale } from './words.ts'

/**
 * The way from a printed link to an acknowledged alert, as somebody goes it who never saw the product and has no mouse: a server of its own, an agent
 * of its own, a real browser, and nothing but keys. `TOCSIN_TEST_PICTURES=1` takes the pictures of the README on the way.
 */
const pictures = process.env['TOCSIN_TEST_PICTURES'] === '1' ? join(import.meta.dirname, '../../docs/images') : undefined

let browser: Browser
let receiver: Server
const received: string[] = []
beforeAll(async () => {
  receiver = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      received.push(body)
      response.writeHead(204).end()
    })
  })
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
  browser = await openBrowser()
}, 60_000)
afterAll(async () => {
  await browser.close()
  await new Promise((resolve) => receiver.close(resolve))
})

const fields = { en: { address: 'Address', secret: 'Signing secret', plain: 'Allow plain HTTP to this machine' }, 'zh-CN': { address: '地址', secret: '签名密钥', plain: '允许以明文 HTTP 连接本机' } } as const

test.for(['en', 'zh-CN'] as const)('from the printed link to an acknowledged alert, by keys alone, in %s', { timeout: 120_000 }, async (locale) => {
  const server = await serverProcess({ config: { project: 'bots' }, env: compileCache() })
  const context = await contextOf(browser, server, undefined, { locale })
  await lookInside(context)
  context.setDefaultTimeout(20_000)
  const page = await context.newPage()
  const faults = watch(page, /40[14]|422/)
  try {
    await walk({ page, hands: handsOn(page), server, locale })
    expect(faults).toEqual([])
  } catch (error) {
    throw new Error(`at ${page.url()}, which shows ${(await page.locator('body').innerText()).replaceAll(/\s+/g, ' ').slice(0, 1_500)} ${faults.join(' ')}`, { cause: error })
  } finally {
    await context.close()
    await server.dispose()
  }
})

interface Walk {
  readonly page: Page
  readonly hands: Hands
  readonly server: ServerProcess
  readonly locale: TestedLocale
}

async function walk(way: Walk): Promise<void> {
  await becomeOwner(way)
  await connectAgent(way)
  await addChannel(way)
  await chooseStarter(way)
  await addBudget(way)
  await addRule(way)
  await takeAlert(way)
}

async function becomeOwner({ page, hands, server, locale }: Walk): Promise<void> {
  const say = wordsOf(locale)
  const link = /http:\/\/127\.0\.0\.1:\d+\/welcome#[\w-]{43}/.exec(server.stdout())?.[0]
  await page.goto(link ?? 'the owner link was not printed')
  await hands.write(say('login.name'), 'Olga')
  await hands.write(say('login.email'), 'olga@example.com')
  await hands.write(say('login.new-password'), 'correct horse battery')
  await hands.keys('Enter')
  await page.getByRole('navigation').waitFor()
  await toFirstSteps(page, hands, say('page.start'))
}

/** The palette leads everywhere, by typing where one wants to go. */
async function toFirstSteps(page: Page, hands: Hands, name: string): Promise<void> {
  await settled(page)
  await hands.keys('Control+k')
  await page.getByRole('dialog').waitFor()
  await page.keyboard.type(name)
  await hands.keys('Enter')
  await page.waitForURL('**/p/bots/start')
}

async function connectAgent({ page, hands, server, locale }: Walk): Promise<void> {
  const say = wordsOf(locale)
  await page.getByText(say('start.listening')).waitFor()
  await hands.press('button', say('start.make-key'))
  const snippet = page.getByRole('region', { name: say('start.snippet', { tab: say('start.tab-typescript') }) })
  await page.getByText(/^tok_[\w-]{20,}$/).first().waitFor()
  await agentRuns(await snippet.innerText())
  await page.locator('[data-state=arrived]').waitFor()
  await history(server)
}

/** The agent, as its owner would start it: what the page showed, in a file of its own. */
async function agentRuns(code: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-path-'))
  try {
    mkdirSync(join(folder, 'node_modules'))
    symlinkSync(join(import.meta.dirname, '../../packages/core'), join(folder, 'node_modules/tocsin'))
    writeFileSync(join(folder, 'agent.mts'), code)
    const ended = await run(join(folder, 'agent.mts'), [], { cwd: folder })
    expect([ended.code, ended.stderr]).toEqual([0, ''])
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const hourMs = 3_600_000
const agents = ['refund-bot', 'support-bot', 'triage-bot'] as const

/** Six days of work, so that a rule can be tried over them. */
async function history(server: ServerProcess): Promise<void> {
  const nowMs = Date.now()
  const good = Array.from({ length: 140 }, (_, index) => goodRun({ id: `run-${index}`, agent: agents[index % 3] ?? '', endMs: nowMs - (index + 1) * hourMs, costUsd: index % 31 === 9 ? 0.7 : 0.04 + ((index * 7) % 10) / 100 }))
  await post(server, good.flat())
}

async function post(server: ServerProcess, events: readonly object[]): Promise<void> {
  const response = await fetch(`${server.url}/api/v1/events`, { method: 'POST', headers: { authorization: `Bearer ${server.ingestKey}`, 'content-type': 'application/json' }, body: JSON.stringify({ events }) })
  expect(await response.json()).toMatchObject({ accepted: events.length, refused: [] })
}

async function addChannel({ page, hands, locale }: Walk): Promise<void> {
  const say = wordsOf(locale)
  const named = fields[locale]
  await hands.press('link', say('start.add-channel'))
  await hands.press('link', /^Webhook/)
  await hands.write(say('entry.name'), 'hook')
  await hands.write(named.address, `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/in`)
  await hands.write(named.secret, 'whsec_c2VzYW1lLW9wZW4tNDcxMS1zZXNhbWUtb3Blbg==')
  await hands.press('button', new RegExp(say('channels.optional')))
  await hands.tabTo('checkbox', named.plain)
  await hands.keys('Space')
  await hands.press('button', say('act.save'))
  await page.waitForURL('**/p/bots/channels/hook')
  const before = received.length
  await hands.press('button', say('channels.test'))
  await page.getByText(say('channels.test-sent')).first().waitFor()
  // Whoever pressed it is still there.
  expect((await hands.focused()).name).toContain(say('channels.test'))
  expect(received).toHaveLength(before + 1)
}

async function chooseStarter({ page, hands, locale }: Walk): Promise<void> {
  const say = wordsOf(locale)
  await toFirstSteps(page, hands, say('page.start'))
  await hands.tabTo('radio', say('start.starter-me'))
  await hands.press('button', say('start.starter-add'))
  await page.getByText(new RegExp(say('start.starter-added').replace(/[.。]$/, '').replace('{list}', '.+'))).first().waitFor()
}

async function addBudget({ page, hands, locale }: Walk): Promise<void> {
  const say = wordsOf(locale)
  await leaveField(page, hands)
  await hands.keys('g', 'b')
  await page.waitForURL('**/p/bots/budgets')
  await hands.press('button', say('budget.new'))
  await hands.write(say('entry.name'), 'team-month')
  await hands.write(say('budget.amount'), '400')
  await hands.press('button', say('act.save'))
  await page.waitForURL('**/p/bots/budgets/team-month')
  await page.getByRole('table', { name: say('budget.thresholds-name') }).waitFor()
}

async function addRule({ page, hands, locale }: Walk): Promise<void> {
  const say = wordsOf(locale)
  await leaveField(page, hands)
  await hands.keys('g', 'r')
  await page.waitForURL('**/p/bots/rules')
  await hands.press('button', say('rules.new'))
  await hands.write(say('entry.name'), 'dear-call')
  await hands.write(say('rules.cel'), 'event.costUsd > 0.5')
  await hands.write(say('rules.limit'), '1')
  await page.locator('[data-state=backtest][data-dimmed=false]').filter({ hasText: /[1-9]/ }).waitFor()
  await picture(page, locale, 'rule-backtest')
  await hands.press('button', say('act.save'))
  await page.waitForURL('**/p/bots/rules/dear-call')
}

async function takeAlert({ page, hands, server, locale }: Walk): Promise<void> {
  const say = wordsOf(locale)
  await leaveField(page, hands)
  await hands.keys('g', 'o')
  await page.getByRole('heading', { level: 1 }).waitFor()
  await settled(page)
  const before = received.length
  const nowMs = Date.now()
  await post(server, [...goodRun({ id: 'dear-run', agent: 'refund-bot', endMs: nowMs - 2_000, costUsd: 1.4 }), ...(pictures === undefined ? [] : failedRun({ id: 'failed-run', agent: 'support-bot', endMs: nowMs - 1_000 }))])
  // It arrives by itself, here and where people are told.
  await page.getByRole('link', { name: /dear-call/ }).first().waitFor()
  await until(() => received.slice(before).some((body) => body.includes('dear-call')))
  await picture(page, locale, 'overview')
  await hands.press('link', /dear-call/)
  await page.waitForURL(/\/p\/bots\/alerts\/alt_\d+/)
  await settled(page)
  await hands.keys('w')
  await page.locator('[data-answer]').waitFor()
  expect((await hands.focused()).name).toBe(say('alerts.why'))
  await picture(page, locale, 'alert-why')
  await hands.keys('a')
  await page.locator('[data-taken=olga]').waitFor()
  const id = /alt_\d+/.exec(page.url())?.[0] ?? ''
  // Said by the server, and not by the page alone.
  await until(async () => ((await (await page.context().request.get(`${server.url}/api/v1/alerts/${id}?project=bots`)).json()) as { readonly state?: string }).state === 'acknowledged')
}

/** Letters are acts where nothing is written: after a form one leaves its field first. */
async function leaveField(page: Page, hands: Hands): Promise<void> {
  await settled(page)
  for (let tabs = 0; tabs < 10 && (await hands.focused()).role === 'textbox'; tabs += 1) await page.keyboard.press('Tab')
}

async function picture(page: Page, locale: TestedLocale, name: string): Promise<void> {
  if (pictures === undefined || locale !== 'en') return
  mkdirSync(pictures, { recursive: true })
  await settled(page)
  // What was told before is not what is shown.
  await page.screenshot({ path: join(pictures, `${name}.png`), style: '.toasts { visibility: hidden }' })
}
