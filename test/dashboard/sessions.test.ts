import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { serverWorld, type ServerWorld } from '../../packages/server/src/testing/server-world.ts'
import { invited, ownerOf, type Visitor } from '../../packages/server/src/testing/visitor.ts'
import { openBrowser } from './browser.ts'
import { failedRun, goodRun, outage, send, wild } from './what-agents-do.ts'
import { faultsByAxe, isTooWide, Visits } from './visits.ts'

const longSteps = 10_000
/** The step of the long session that fails and is not made good. */
const longCause = 9_000

let world: ServerWorld
let browser: Browser
let owner: Visitor
let visits: Visits
const who = new Map<string, Visitor>()
const startMs = Date.now()
beforeAll(async () => {
  world = await serverWorld({ project: 'bots' })
  owner = await ownerOf(world)
  const opening = openBrowser()
  await send(world, [
    ...Array.from({ length: 60 }, (_, index) => goodRun({ id: `good-${String(index).padStart(2, '0')}`, agent: 'support-bot', name: 'answer-ticket', endMs: startMs - 3_600_000 + index * 1_000, costUsd: 0.001 * (index + 1) })).flat(),
    ...failedRun({ id: 's_8f2c', agent: 'refund-bot', name: 'refund', endMs: startMs - 120_000 }),
    ...failedRun({ id: 'wild/1?#', agent: wild.html, name: `${wild.rtl} ${wild.emoji}`, endMs: startMs - 110_000, message: wild.long }),
    { type: 'session.start', id: 'run:start', sessionId: 'run', agent: 'slow-bot', name: 'still-at-it', user: 'u-17', atMs: startMs - 30_000 },
    { type: 'llm.call', id: 'run:1', sessionId: 'run', agent: 'slow-bot', user: 'u-17', atMs: startMs - 20_000, durationMs: 900, llm: { provider: 'house', model: 'our-own', operation: 'chat', costSource: 'unknown' } },
  ])
  await send(world, outage({ endMs: startMs - 60_000, sessions: 3 }))
  const of = { sessionId: 'long', agent: 'long-bot', name: 'a-long-day' }
  await send(world, [
    ...Array.from({ length: longSteps }, (_, index) => ({
      ...of, type: 'tool.call', id: `long:${index}`, atMs: startMs - 900_000 + index * 50, durationMs: 40, tool: { name: `tool-${index}` }, ...(index === longCause && { status: 'error', error: { class: 'server', message: 'the ninth thousand broke', statusCode: 500 } }),
    })),
    { ...of, type: 'session.end', id: 'long:end', atMs: startMs - 300_000, status: 'error', endState: 'fail' },
  ])
  for (const [name, role] of [['dana', 'admin'], ['lee', 'developer'], ['bo', 'billing'], ['vera', 'viewer']] as const) who.set(role, await invited(world, owner, { name, role, project: 'bots' }))
  browser = await opening
  visits = new Visits(browser, world)
}, 60_000)
afterAll(async () => {
  await browser.close()
  await world.dispose()
})

const at: Visits['at'] = async (...visit) => visits.at(...visit)
const row = (page: Page, id: string) => page.locator(`[data-row="${id}"]`)
const inspected = (page: Page, id: string) => page.locator(`[data-inspected="${id}"]`)

test('sessions stand newest first with outcome, agent and cost; what has no price is no nothing', async () => {
  await at('/p/bots/sessions', owner, async (page) => {
    await row(page, 'run').getByText('still-at-it').waitFor()
    expect(await row(page, 'run').innerText()).toMatch(/running[^]*slow-bot[^]*unknown/)
    expect(await row(page, 's_8f2c').innerText()).toMatch(/failed[^]*refund[^]*search: timeout[^]*\$0\.14/)
    expect(await page.locator('script:not([src]), img:not([alt=""])').count()).toBe(0)
    // Further pages come as one goes down: the oldest stands at the end.
    await expect.poll(async () => {
      await page.evaluate('window.scrollTo(0, document.documentElement.scrollHeight)')
      return row(page, 'good-00').isVisible()
    }, { timeout: 10_000 }).toBe(true)
    expect(await page.locator('[data-row]').count()).toBeLessThan(60)
    expect(await faultsByAxe(page)).toEqual([])
  })
  await at('/p/bots/sessions', owner, async (page) => {
    await row(page, 'run').getByText('运行中').waitFor()
    expect(await isTooWide(page)).toBe(false)
  }, { locale: 'zh-CN', theme: 'dark', width: 320 })
})

test('by outcome, agent and cost, and dearest first, all in the address; who may not see cost is told', async () => {
  await at('/p/bots/sessions', owner, async (page) => {
    await page.locator('[data-row]').first().waitFor()
    await page.getByRole('button', { name: 'Outcome' }).click()
    await page.getByRole('checkbox', { name: 'ended well' }).check()
    await page.keyboard.press('Escape')
    await page.waitForURL('**?state=success')
    await page.getByText('Dearest').click()
    await page.waitForURL('**sort=cost**')
    await row(page, 'good-59').waitFor()
    await page.locator('[data-row]').first().and(row(page, 'good-59')).waitFor()
    await page.getByRole('button', { name: 'Clear 1 filter' }).waitFor()
    // What is no amount passes all.
    await page.getByLabel('At least, USD').fill('dear')
    await page.waitForURL('**cost=dear**')
    expect(await page.getByRole('button', { name: /Clear/ }).innerText()).toBe('Clear 1 filter')
    await page.getByLabel('At least, USD').fill('0.11')
    await page.waitForURL('**cost=0.11**')
    await row(page, 'good-50').waitFor({ state: 'detached' })
    expect(await page.locator('[data-row]').count()).toBe(6)
    await page.getByRole('combobox', { name: 'Agent' }).fill('nobody')
    await page.getByText('No match.').waitFor()
    await page.getByRole('button', { name: 'Clear 3 filters' }).first().click()
    await row(page, 's_8f2c').waitFor()
  })
  await at('/p/bots/sessions?sort=cost', who.get('viewer'), async (page) => {
    await row(page, 's_8f2c').waitFor()
    await page.getByText('Role viewer does not see what sessions cost.').waitFor()
    expect(await page.getByText('$0.').count()).toBe(0)
    expect(await page.getByRole('radio', { name: 'Dearest' }).isDisabled()).toBe(true)
  })
  await at('/p/bots/sessions', who.get('billing'), async (page) => {
    await page.getByText('Role billing cannot see this page (Sessions).').waitFor()
  })
})

test('a session opens at its first cause; keys go from step to step, and the inspector follows', async () => {
  await at('/p/bots/sessions/s_8f2c', owner, async (page) => {
    await inspected(page, 's_8f2c:4').waitFor()
    expect(new URL(page.url()).search).toBe('?step=s_8f2c:4')
    expect(await page.locator('[data-cause=true]').innerText()).toContain('First cause')
    await page.getByText('Stopped at step 4: openai gpt-5 refused, quota used up (429).').waitFor()
    const side = page.locator('[data-inspected]').locator('..')
    expect(await side.innerText()).toMatch(/quota used up 429 insufficient_quota[^]*You exceeded your current quota[^]*Refund order 17/)
    await page.keyboard.press('j')
    await inspected(page, 's_8f2c:5').waitFor()
    await page.keyboard.press('k')
    await page.getByRole('listbox').focus()
    await page.keyboard.press('Home')
    await inspected(page, 's_8f2c:start').waitFor()
    await page.keyboard.press('ArrowDown')
    await inspected(page, 's_8f2c:1').waitFor()
    expect(await side.innerText()).toMatch(/openai[^]*\$0\.14 \(as reported\)/)
    // What the list says it stands at is there.
    expect(await page.evaluate("document.getElementById(document.activeElement.getAttribute('aria-activedescendant')).getAttribute('data-step')")).toBe('s_8f2c:1')
    await page.getByRole('button', { name: 'Open the cause' }).click()
    await inspected(page, 's_8f2c:4').waitFor()
    await page.getByRole('link', { name: /Session failed: refund-bot/ }).waitFor()
    expect(await faultsByAxe(page)).toEqual([])
    await page.keyboard.press('Escape')
    await page.waitForURL('**/p/bots/sessions')
  })
})

test('of ten thousand steps only what is seen exists, and the cause is found among them', async () => {
  await at('/p/bots/sessions/long', owner, async (page) => {
    await inspected(page, `long:${longCause}`).waitFor({ timeout: 15_000 })
    await page.locator(`[data-step="long:${longCause}"]`).waitFor()
    expect(await page.locator('[data-step]').count()).toBeLessThan(120)
    await page.getByText('Reading further steps').waitFor({ state: 'detached', timeout: 15_000 })
    expect(await page.getByRole('option').first().getAttribute('aria-setsize')).toBe(String(longSteps + 1))
    await page.getByRole('listbox').focus()
    await page.keyboard.press('End')
    await inspected(page, 'long:end').waitFor()
    await page.locator('[data-step="long:end"]').waitFor()
  })
})

test('a session that runs grows as it goes on; one with wild names is read as text', async () => {
  await at('/p/bots/sessions/run', owner, async (page) => {
    await page.getByText('our-own').first().waitFor()
    await page.getByText('1 call without a known price, not counted').waitFor()
    await send(world, [{ type: 'tool.call', id: 'run:2', sessionId: 'run', agent: 'slow-bot', atMs: Date.now(), durationMs: 700, tool: { name: 'second-thought' } }])
    await page.locator('[data-step="run:2"]').getByText('second-thought').waitFor()
  })
  await at('/p/bots/sessions', owner, async (page) => {
    await row(page, 'wild/1?#').getByRole('link').click()
    await inspected(page, 'wild/1?#:4').waitFor()
    await page.getByText('<script>document.title=1</script>').first().waitFor()
    expect(await page.title()).toBe('Sessions · bots · Tocsin')
    expect(await isTooWide(page)).toBe(false)
  }, { width: 360, height: 740 })
})

test('what a viewer may not see is said, and is not in the page', async () => {
  await at('/p/bots/sessions/s_8f2c', who.get('viewer'), async (page) => {
    await inspected(page, 's_8f2c:4').waitFor()
    await page.getByText('Role viewer cannot see here: session content, Cost, User. Ask dana or Olga.').waitFor()
    for (const hidden of ['exceeded', 'Refund order', '$0.14']) expect([hidden, (await page.content()).includes(hidden)]).toEqual([hidden, false])
  })
  await at('/p/bots/sessions/run?step=run:1', who.get('developer'), async (page) => {
    await page.getByText('Role developer cannot see here: User. Ask dana or Olga.').waitFor()
    expect(await page.content()).not.toContain('u-17')
  })
  await at('/p/bots/sessions/run?step=run:1', who.get('admin'), async (page) => {
    await inspected(page, 'run:1').getByText('u-17').waitFor()
  })
})

test('on a small phone a row is a card, and for screen readers a row of a table with heads still', async () => {
  for (const [path, name] of [['sessions', 'Sessions'], ['messages', 'Messages']] as const) {
    await at(`/p/bots/${path}`, owner, async (page) => {
      await page.locator('[data-row]').first().waitFor()
      expect(await faultsByAxe(page)).toEqual([])
      expect(await page.getByRole('table', { name }).getByRole('columnheader').count()).toBeGreaterThan(3)
      expect(await isTooWide(page)).toBe(false)
    }, { width: 360, height: 640 })
  }
})

test('a cause whose step is not there says why it cannot be opened', async () => {
  await at('/p/bots/sessions', owner, async (page) => {
    await page.route(/\/api\/v1\/sessions\/s_8f2c/, async (route) => {
      const response = await route.fetch()
      return route.fulfill({ response, json: { ...((await response.json()) as object), steps: [] } })
    })
    await page.goto('/p/bots/sessions/s_8f2c')
    const open = page.getByRole('button', { name: 'Open the cause' })
    await open.focus()
    await page.getByRole('tooltip').getByText('Its step is not among those that are kept.').waitFor()
    await page.keyboard.press('Enter')
    expect(new URL(page.url()).search).toBe('')
  })
})

test('what does not come says so and is asked for again; where nothing is, it says how to begin', async () => {
  await at('/p/bots/sessions/unknown', owner, async (page) => {
    await page.getByText('There is no session "unknown"').waitFor()
    await page.route(/\/api\/v1\/sessions\?/, async (route) => route.fulfill({ status: 500, contentType: 'text/html', body: '<h1>Bad gateway</h1>' }))
    await page.goto('/p/bots/sessions')
    await page.getByText('Sessions: not loaded (500').waitFor()
    await page.unroute(/\/api\/v1\/sessions\?/)
    await page.getByRole('button', { name: 'Try again' }).click()
    await row(page, 's_8f2c').waitFor()
  }, { allowed: /404|500/ })
  expect((await owner.call('POST', '/api/v1/projects', { body: { name: 'calm' } })).status).toBe(201)
  await at('/p/calm/sessions', owner, async (page) => {
    await page.getByText('No session yet. Connect an agent').waitFor()
  })
})
