import type { Browser, BrowserContext, CDPSession, Page, Request } from 'playwright-core'
import { buildDashboard } from '../packages/dashboard/build.ts'
import { systemClock } from '../packages/core/src/model/clock.ts'
import { serverProcess, type ServerProcess } from '../packages/server/src/testing/server-process.ts'
import { openBrowser } from '../test/dashboard/browser.ts'
import { fillRows } from './dashboard-rows.ts'
import type { Benchmark, Row } from './figure.ts'
import { median, quantile, spread } from './quantile.ts'

/** The promise is about so many. */
const rows = Number(process.env['TOCSIN_BENCH_ROWS'] ?? 100_000)
const coldStarts = 5
const alertsSeen = 20
const scrolledMs = 10_000
/** Rows are asked for as one scrolls; the whole list within this. */
const reachMs = 240_000
/** Of live updates; the promise is an hour: ten minutes say more than one. */
const liveMinutes = Number(process.env['TOCSIN_BENCH_MINUTES'] ?? 1)
const project = 'bots'

/** What a person at the dashboard waits for: a real Chromium on this machine, a server of its own process, and lists of a hundred thousand. */
export const dashboard: Benchmark = {
  name: 'dashboard',
  title: `the dashboard in Chromium, with ${rows.toLocaleString('en-US')} sessions and as many alerts`,
  async run(progress) {
    await buildDashboard()
    const server = await serverProcess({ config: { project, channels: { wall: { type: 'inbox' } }, people: { olga: { role: 'owner', email: 'olga@example.com' } }, routes: [{ to: ['olga'], via: ['wall'] }], rules: { arrival: { on: 'custom', groupBy: ['agent'], severity: 'high' } }, storm: false, limits: false } })
    const browser = await openBrowser()
    try {
      const cookies = await ownerCookies(browser, server)
      await fillRows(server.data, project, rows, progress)
      const visit: Visit = { browser, server, cookies }
      progress('first load')
      const result: Row[] = [...(await firstLoad(visit))]
      for (const list of ['alerts', 'sessions'] as const) {
        progress(`scrolling ${list}`)
        result.push(...(await scrolling(visit, list)))
      }
      progress('alerts that arrive')
      result.push(await arriving(visit))
      progress(`live updates for ${liveMinutes} min`)
      result.push(...(await growth(visit)))
      return result
    } finally {
      await browser.close()
      await server.dispose()
    }
  },
}

interface Visit {
  readonly browser: Browser
  readonly server: ServerProcess
  readonly cookies: Awaited<ReturnType<BrowserContext['cookies']>>
}

/** By the link that the server printed. */
async function ownerCookies(browser: Browser, server: ServerProcess): Promise<Visit['cookies']> {
  const context = await browser.newContext({ baseURL: server.url })
  const token = /#([\w-]{43})/.exec(server.stdout())?.[1]
  const answer = await context.request.post('/api/v1/welcome', { headers: { 'tocsin-request': '1' }, data: { token, name: 'Olga', email: 'olga@example.com', password: 'correct horse battery' } })
  if (!answer.ok()) throw new Error(`expected to become the owner, got ${answer.status()} ${await answer.text()}`)
  const cookies = await context.cookies()
  await context.close()
  return cookies
}

/** A browser that has nothing of before. */
async function fresh({ browser, server, cookies }: Visit): Promise<{ readonly context: BrowserContext; readonly page: Page; readonly cdp: CDPSession }> {
  const context = await browser.newContext({ baseURL: server.url, locale: 'en', viewport: { width: 1280, height: 800 } })
  context.setDefaultTimeout(30_000)
  await context.addCookies(cookies)
  const page = await context.newPage()
  return { context, page, cdp: await context.newCDPSession(page) }
}

async function firstLoad(visit: Visit): Promise<readonly Row[]> {
  const times: number[] = []
  const sizes: number[] = []
  for (let start = 0; start < coldStarts; start += 1) {
    const { context, page } = await fresh(visit)
    // Drawn, with its data, and answering: noted in the page, so that no way to it counts.
    await page.addInitScript(`new MutationObserver((_, observer) => {
      if (document.querySelector('main h1') === null || document.querySelector('main [aria-busy=true]') !== null) return
      observer.disconnect()
      setTimeout(() => { globalThis.benchReadyMs = performance.now() })
    }).observe(document, { childList: true, subtree: true, attributes: true })`)
    const scripts: Request[] = []
    page.on('requestfinished', (request) => {
      if (new URL(request.url()).pathname.endsWith('.js')) scripts.push(request)
    })
    await page.goto(`/p/${project}`)
    await page.locator('main h1').waitFor()
    times.push(Number(await waitFor(page, 'globalThis.benchReadyMs')))
    await page.waitForLoadState('load')
    const sent = await Promise.all([...scripts].map(async (request) => (await request.sizes()).responseBodySize))
    sizes.push(sent.reduce((sum, size) => sum + size, 0))
    await context.close()
  }
  return [
    { what: 'first load of the overview: JavaScript as it is sent', value: median(sizes) / 1_000, unit: 'kB', target: { atMost: 250 } },
    { what: 'first load of the overview, cold cache: drawn and answering', value: median(times) / 1_000, unit: 's', target: { atMost: 1.5 }, note: spread(times.map((ms) => ms / 1_000), 2) },
  ]
}

async function scrolling(visit: Visit, list: 'alerts' | 'sessions'): Promise<readonly Row[]> {
  const { context, page } = await fresh(visit)
  await page.goto(`/p/${project}/${list}`)
  await page.locator('[data-row]').first().waitFor()
  const frames = (await page.evaluate(framesWhile(scrolledMs))) as readonly number[] // what the script below answers
  const sinceMs = systemClock.monotonicMs()
  let reached = 0
  while (systemClock.monotonicMs() - sinceMs < reachMs && reached < rows) {
    await page.evaluate('scrollTo(0, document.documentElement.scrollHeight); new Promise((resolve) => setTimeout(resolve, 50))')
    reached = Number(await page.evaluate("Math.max(...[...document.querySelectorAll('[data-row]')].map((row) => Number(row.getAttribute('aria-rowindex')))) - 1"))
  }
  const loadedMs = systemClock.monotonicMs() - sinceMs
  await page.evaluate('scrollTo(0, document.documentElement.scrollHeight / 2)')
  const deep = (await page.evaluate(framesWhile(scrolledMs))) as readonly number[] // the same
  const drawn = Number(await page.evaluate("document.querySelectorAll('[data-row]').length"))
  await context.close()
  const perSecond = (gaps: readonly number[], q: number): number => 1_000 / quantile(gaps, q)
  return [
    { what: `${list}: frames while it is scrolled from its top, median`, value: perSecond(frames, 0.5), unit: '/s', target: { atLeast: 55 }, note: `19 of 20 at ${perSecond(frames, 0.95).toFixed(0)} or more` },
    { what: `${list}: rows that were scrolled to`, value: reached, unit: '', target: { atLeast: rows }, note: `in ${(loadedMs / 1_000).toFixed(0)} s, page by page` },
    { what: `${list}: frames in the middle of these, median`, value: perSecond(deep, 0.5), unit: '/s', target: { atLeast: 55 }, note: `19 of 20 at ${perSecond(deep, 0.95).toFixed(0)} or more; ${drawn} rows exist at a time` },
  ]
}

/** Scrolls a little at each frame; answers the times between frames, milliseconds. */
function framesWhile(ms: number): string {
  return `new Promise((resolve) => {
    const gaps = []
    let before
    const began = performance.now()
    const frame = (now) => {
      if (before !== undefined) gaps.push(now - before)
      before = now
      scrollBy(0, 40)
      if (now - began < ${ms}) requestAnimationFrame(frame)
      else resolve(gaps)
    }
    requestAnimationFrame(frame)
  })`
}

async function arriving(visit: Visit): Promise<Row> {
  const { context, page } = await fresh(visit)
  await page.goto(`/p/${project}`)
  await page.locator('main h1').waitFor()
  const times: number[] = []
  for (let number = 0; number < alertsSeen; number += 1) {
    const seen = page.evaluate(`new Promise((resolve, reject) => {
      const look = () => [...document.querySelectorAll('main a')].some((link) => link.textContent.includes('seen-${number}-bot'))
      new MutationObserver((_, observer) => { if (look()) { observer.disconnect(); resolve() } }).observe(document, { childList: true, subtree: true, characterData: true })
      setTimeout(() => reject(new Error('alert ${number} was not seen within 10 s')), 10_000)
    })`)
    const sinceMs = systemClock.monotonicMs()
    await post(visit.server, [{ type: 'custom', id: `seen-${number}`, atMs: systemClock.nowMs(), agent: `seen-${number}-bot`, name: 'arrival' }])
    await seen
    times.push(systemClock.monotonicMs() - sinceMs)
  }
  await context.close()
  return { what: `an alert is seen after its event is sent, p99 of ${alertsSeen}`, value: quantile(times, 0.99) / 1_000, unit: 's', target: { atMost: 1 }, note: `median ${(median(times) / 1_000).toFixed(2)} s` }
}

/** The heap after a collection, again and again, while sessions end and fail; the slope of the last two thirds. */
async function growth(visit: Visit): Promise<readonly Row[]> {
  const { context, page, cdp } = await fresh(visit)
  await page.goto(`/p/${project}`)
  await page.locator('main h1').waitFor()
  const endMs = systemClock.monotonicMs() + liveMinutes * 60_000
  const samples: { readonly atMs: number; readonly mb: number }[] = []
  let sent = 0
  let nextMs = systemClock.monotonicMs()
  while (systemClock.monotonicMs() < endMs) {
    await post(visit.server, failing(`live-${sent}`, `agent-${sent % 20}`))
    sent += 1
    if (systemClock.monotonicMs() >= nextMs) {
      await cdp.send('HeapProfiler.collectGarbage')
      const { usedSize } = await cdp.send('Runtime.getHeapUsage')
      samples.push({ atMs: systemClock.monotonicMs(), mb: usedSize / 1e6 })
      nextMs = systemClock.monotonicMs() + 2_000
    }
    await new Promise<void>((resolve) => systemClock.after(200, resolve))
  }
  await context.close()
  const counted = samples.slice(Math.floor(samples.length / 3))
  return [
    { what: `heap of the page after ${sent} sessions that failed`, value: samples.at(-1)?.mb ?? Number.NaN, unit: 'MB', note: `${(samples[0]?.mb ?? 0).toFixed(1)} MB at first` },
    { what: 'heap of the page: growth in an hour', value: slope(counted) * 3_600_000, unit: 'MB', target: { atMost: 20 }, note: `extrapolated from ${((counted.at(-1)?.atMs ?? 0) - (counted[0]?.atMs ?? 0)) / 1_000 | 0} s; TOCSIN_BENCH_MINUTES=10 measures longer` },
  ]
}

/** Least squares, MB a millisecond. */
function slope(samples: readonly { readonly atMs: number; readonly mb: number }[]): number {
  const meanAt = samples.reduce((sum, { atMs }) => sum + atMs, 0) / samples.length
  const meanMb = samples.reduce((sum, { mb }) => sum + mb, 0) / samples.length
  const covered = samples.reduce((sum, { atMs }) => sum + (atMs - meanAt) ** 2, 0)
  return samples.reduce((sum, { atMs, mb }) => sum + (atMs - meanAt) * (mb - meanMb), 0) / covered
}

function failing(id: string, agent: string): readonly object[] {
  const atMs = systemClock.nowMs()
  return [
    { type: 'session.start', id: `${id}:start`, atMs: atMs - 1_000, sessionId: id, agent },
    { type: 'llm.call', id: `${id}:call`, atMs: atMs - 500, sessionId: id, agent, durationMs: 400, status: 'error', error: { class: 'quota', message: 'You exceeded your current quota.', statusCode: 429 }, llm: { provider: 'openai', model: 'gpt-5', operation: 'chat' } },
    { type: 'session.end', id: `${id}:end`, atMs, sessionId: id, agent, status: 'error', endState: 'fail' },
  ]
}

async function post({ url, ingestKey }: ServerProcess, events: readonly object[]): Promise<void> {
  const response = await fetch(`${url}/api/v1/events`, { method: 'POST', headers: { authorization: `Bearer ${ingestKey}`, 'content-type': 'application/json' }, body: JSON.stringify({ events }) })
  const text = await response.text()
  if (!response.ok || !text.includes(`"accepted":${events.length}`)) throw new Error(`expected the events to be kept, got ${response.status} ${text}`)
}

/** Polls from here: the page's policy forbids what playwright would evaluate in it. */
async function waitFor(page: Page, expression: string): Promise<unknown> {
  for (let looks = 0; looks < 500; looks += 1) {
    const value: unknown = await page.evaluate(expression)
    if (value !== undefined) return value
    await new Promise<void>((resolve) => systemClock.after(20, resolve))
  }
  throw new Error(`expected ${expression}`)
}
