import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { newSeries, seriesText } from '../../packages/core/src/rules/unusual/series.ts'
import { record, recordedAlert } from '../../packages/server/src/testing/recorded.ts'
import { serverWorld, type ServerWorld } from '../../packages/server/src/testing/server-world.ts'
import { invited, ownerOf, type Visitor } from '../../packages/server/src/testing/visitor.ts'
import { openBrowser } from './browser.ts'
import { failedRun, goodRun, outage, send, wild } from './what-agents-do.ts'
import { faultsByAxe, isTooWide, Visits } from './visits.ts'

let world: ServerWorld
let browser: Browser
let owner: Visitor
let visits: Visits
const who = new Map<string, Visitor>()
const startMs = Date.now()
beforeAll(async () => {
  world = await serverWorld({
    project: 'bots',
    people: { dana: { role: 'admin', email: 'dana@example.com' }, lee: { role: 'developer', email: 'lee@example.com' }, bo: { role: 'billing', email: 'bo@example.com' } },
    routes: [{ name: 'on-call', match: "alert.severity in ['critical','high'] && alert.kind != 'cost'", to: ['dana', 'bo'], via: ['inbox'] }, { name: 'money', match: "alert.kind == 'cost'", to: ['bo'], via: ['inbox'] }],
    budgets: { 'team-month': { amountUsd: 1, period: 'month' } },
  })
  owner = await ownerOf(world)
  // At once: opening the browser and what is told of it take their time together.
  const opening = openBrowser()
  await send(world, [...goodRun({ id: 'dear', agent: 'support-bot', endMs: startMs - 300_000, costUsd: 0.6 }), ...failedRun({ id: 's_8f2c', agent: 'refund-bot', name: 'refund', endMs: startMs - 120_000 })])
  await send(world, failedRun({ id: 'wild-1', agent: `${wild.html} ${wild.emoji}`, name: wild.rtl, endMs: startMs - 110_000, message: wild.long }))
  await send(world, outage({ endMs: startMs - 30_000, sessions: 20 }))
  for (const [name, role] of [['dana', 'admin'], ['lee', 'developer'], ['bo', 'billing'], ['vera', 'viewer']] as const) who.set(role, await invited(world, owner, { name, role, project: 'bots' }))
  browser = await opening
  visits = new Visits(browser, world)
}, 60_000)
afterAll(async () => {
  await browser.close()
  await world.dispose()
})

interface Row {
  readonly id: string
  readonly state: string
  readonly taken?: { readonly by: string }
  readonly answer: readonly string[]
  readonly decisions: readonly { readonly sentence: string }[]
}

const alertsOf = async (query: string): Promise<readonly Row[]> => ((await owner.call('GET', `/api/v1/alerts?${query}`)).json as { readonly items: readonly Row[] }).items
const alert = async (id: string): Promise<Row> => (await owner.call('GET', `/api/v1/alerts/${id}`)).json as Row
const firstOf = async (query: string): Promise<string> => (await alertsOf(query))[0]?.id ?? ''

const at: Visits['at'] = async (...visit) => visits.at(...visit)
const row = (page: Page, id: string) => page.locator(`[data-row="${id}"]`)
/** As they stand, first to last. */
async function rowsOf(page: Page): Promise<readonly string[]> {
  // Reason for the cast: what the expression makes; the page's own types are not known here.
  return (await page.evaluate("[...document.querySelectorAll('[data-row]')].map((one) => one.getAttribute('data-row'))")) as readonly string[]
}


test('what fires stands first, an outage holds its victims, and text of agents is text', async () => {
  const id = await firstOf('rule=model-outage')
  await at('/p/bots/alerts', owner, async (page) => {
    await row(page, id).getByText('Outage of anthropic').waitFor()
    const texts = await page.locator('[role=table] [role=row]').allInnerTexts()
    expect(texts.findIndex((text) => text.includes('Outage of'))).toBeLessThan(texts.findIndex((text) => text === 'Acknowledged, news and what is over'))
    expect(await row(page, id).innerText()).toMatch(/Critical[^]*23/)
    expect(texts.filter((text) => text.includes('part of alt_'))).toEqual([])
    expect(await page.locator('img:not([alt=""])').count()).toBe(0)
    expect(await page.title()).toBe('Alerts · bots · Tocsin')
    await page.getByText('<img src=x').first().waitFor()
    expect(await faultsByAxe(page)).toEqual([])
  })
})

test('the list speaks Chinese in the dark, and is a column of cards on a small phone', async () => {
  const id = await firstOf('rule=model-outage')
  for (const look of [{ locale: 'zh-CN', theme: 'dark' }, { width: 320, height: 640 }] as const) {
    await at('/p/bots/alerts', owner, async (page) => {
      await row(page, id).getByText('anthropic').first().waitFor()
      if ('locale' in look) await page.getByText('触发中').first().waitFor()
      expect(await isTooWide(page)).toBe(false)
    }, look)
  }
})

test('filters stand in the address; what nothing passes says so, and how to see all again', async () => {
  await at('/p/bots/alerts', owner, async (page) => {
    await page.locator('[data-row]').first().waitFor()
    await page.keyboard.press('/')
    // One letter is not looked for yet, and passes all.
    await page.keyboard.type('t')
    await page.waitForURL('**/alerts?text=t')
    expect(await page.getByRole('button', { name: /Clear/ }).count()).toBe(0)
    await page.keyboard.type('eam-month')
    await page.waitForURL('**/alerts?text=team-month')
    await page.getByText('Model call failed').first().waitFor({ state: 'detached' })
    await page.getByText('Budget team-month').first().waitFor()
    await page.getByRole('button', { name: 'Severity' }).click()
    await page.getByRole('checkbox', { name: 'Info' }).check()
    await page.waitForURL('**severity=info**')
    await page.getByText('No match.').waitFor()
    await page.keyboard.press('Escape')
    await page.locator('[data-state=empty]').getByRole('button', { name: 'Clear 2 filters' }).click()
    await page.getByText('Outage of anthropic').waitFor()
    expect(new URL(page.url()).search).toBe('')
    expect(await page.getByLabel('Words in the title').inputValue()).toBe('')
    await page.goBack()
    await page.getByText('No match.').waitFor()
  })
})

test('by keys alone: rows, selection, acknowledged at once for many, and undone', async () => {
  await at('/p/bots/alerts?rule=tool-failed', owner, async (page) => {
    await page.locator('[data-row]').nth(1).waitFor()
    const ids = await rowsOf(page)
    for (const key of ['j', 'x', 'j', 'x']) await page.keyboard.press(key)
    expect(await page.locator('[data-row]:focus-within').getAttribute('data-row')).toBe(ids[1])
    await page.getByRole('region', { name: '2 selected' }).waitFor()
    await page.keyboard.press('a')
    await page.locator('[data-toast]').getByText('2 acknowledged.').waitFor()
    for (const id of ids) await row(page, id).getByText('Olga has it').waitFor()
    expect((await Promise.all(ids.map(alert))).map(({ state, taken }) => [state, taken?.by])).toEqual(ids.map(() => ['acknowledged', 'Olga']))
    // Where they stood, with the focus where it was.
    expect(await rowsOf(page)).toEqual(ids)
    expect(await page.locator('[data-row]:focus-within').getAttribute('data-row')).toBe(ids[1])
    await page.keyboard.press('u')
    await page.locator('[data-toast]').getByText('Nobody has these 2 any more.').waitFor()
    expect((await Promise.all(ids.map(alert))).map(({ state }) => state)).toEqual(ids.map(() => 'firing'))
    await page.keyboard.press('Enter')
    await page.waitForURL(`**/alerts/${ids[1]}`)
    await page.keyboard.press('Escape')
    await page.waitForURL('**/p/bots/alerts')
  })
})

test('what comes waits behind a button, what changes changes in place, and neither moves the focus', async () => {
  await at('/p/bots/alerts', owner, async (page) => {
    const id = await firstOf('rule=model-outage')
    await row(page, id).getByRole('link').focus()
    const before = await page.locator('[data-row]').first().getAttribute('data-row')
    await send(world, failedRun({ id: 's_new', agent: 'new-bot', endMs: Date.now(), model: 'gpt-6' }))
    const button = page.locator('button[data-fresh]:not([data-fresh="0"])')
    await button.waitFor()
    expect(await page.locator('[data-row]').first().getAttribute('data-row')).toBe(before)
    await who.get('admin')?.call('POST', `/api/v1/alerts/${id}/acknowledge`, { body: {} })
    await row(page, id).getByText('dana has it').waitFor()
    expect(await page.locator('[data-row]:focus-within').getAttribute('data-row')).toBe(id)
    await button.click()
    await page.getByText('gpt-6').first().waitFor()
    // Who asked for it goes on from the first row; by a key too, wherever they are.
    const focused = async (): Promise<unknown> => page.evaluate("document.activeElement.closest('[data-row]')?.dataset.row")
    const first = async (): Promise<string | null> => page.locator('[data-row]').first().getAttribute('data-row')
    await expect.poll(focused).toBe(await first())
    expect(await first()).not.toBe(before)
    await page.keyboard.press('j')
    expect(await focused()).not.toBe(await first())
    await send(world, failedRun({ id: 's_newer', agent: 'newer-bot', endMs: Date.now(), model: 'gpt-7' }))
    await button.waitFor()
    expect(await button.getAttribute('aria-keyshortcuts')).toBe('n')
    await page.keyboard.press('n')
    await page.getByText('gpt-7').first().waitFor()
    await expect.poll(async () => (await focused()) === (await first())).toBe(true)
  })
})

test('an alert says why, who was told by what, and draws the way to each, in the words of the server', async () => {
  const id = await firstOf('rule=model-outage')
  await at(`/p/bots/alerts/${id}`, owner, async (page) => {
    await page.locator('[data-answer]').getByText('Told: dana by inbox').waitFor({ timeout: 15_000 })
    const { answer, decisions } = await alert(id)
    expect(await page.locator('[data-answer]').innerText()).toBe(answer.join(' '))
    const drawing = page.locator('[data-drawing]')
    expect(await drawing.getAttribute('aria-hidden')).toBe('true')
    expect(await drawing.locator('[data-ends=person]').innerText()).toContain('bo Not told: role billing does not receive model alerts.')
    expect(await drawing.innerText()).toMatch(/23 alerts[^]*on-call\s*dana/)
    const words = (await page.getByRole('region', { name: 'Who was told, and why' }).first().getByRole('listitem').allInnerTexts()).join(' ')
    for (const { sentence } of decisions) expect(words).toContain(sentence)
    await page.getByText('20 of 20').first().waitFor()
    await page.getByRole('heading', { name: '23 alerts inside' }).waitFor()
    expect(await page.getByRole('table', { name: '23 alerts inside' }).getAttribute('aria-rowcount')).toBe('24')
    await page.keyboard.press('w')
    expect(await page.evaluate('document.activeElement.getAttribute("aria-label")')).toBe('Who was told, and why')
    expect(await faultsByAxe(page)).toEqual([])
  })
})

test('the same in Chinese; and without a drawing, as a list, where there is no room', async () => {
  const id = await firstOf('rule=model-outage')
  await at(`/p/bots/alerts/${id}`, owner, async (page) => {
    await page.getByText('已告知：dana').first().waitFor()
  }, { locale: 'zh-CN', theme: 'dark' })
  await at(`/p/bots/alerts/${id}`, owner, async (page) => {
    await page.getByText('Told: dana').first().waitFor()
    expect(await page.locator('[data-drawing]').isVisible()).toBe(false)
    await page.getByText('role billing does not receive model alerts').last().waitFor()
    expect(await isTooWide(page)).toBe(false)
  }, { width: 320, height: 640 })
})

test('where no route matched, it says what the nearest one asks for', async () => {
  await at(`/p/bots/alerts/${await firstOf('rule=tool-failed')}`, owner, async (page) => {
    await page.locator('[data-nearly]').getByText('Would be told by “on-call” if').waitFor()
    expect(await page.locator('[data-nearly] code').innerText()).toContain('severity in')
    await page.locator('[data-ends=route]').waitFor()
  })
})

test('one alert is acknowledged, snoozed and resolved; who has it stands there, and what cannot be done says why', async () => {
  const id = await firstOf('rule=model-failed&agent=refund-bot&parent=none')
  await at(`/p/bots/alerts/${id}`, owner, async (page) => {
    await page.getByText('Nobody has it yet.').waitFor()
    await page.keyboard.press('a')
    await page.locator('[data-taken=Olga]').waitFor()
    await page.getByText('Acknowledged.').first().waitFor()
    expect((await alert(id)).taken?.by).toBe('Olga')
    await page.keyboard.press('u')
    await page.getByText('Nobody has it yet.').waitFor()
    await page.keyboard.press('z')
    await page.getByRole('menuitem', { name: '4 hr' }).click()
    await page.getByText('Snoozed until').first().waitFor()
    await page.getByText('Snoozed by Olga until').first().waitFor()
    await page.keyboard.press('u')
    await page.getByText('Olga took the snooze back').first().waitFor()
    await page.keyboard.press('e')
    await page.locator('[data-taken=Olga]').waitFor()
    await page.getByText('Expected until').first().waitFor()
    await page.keyboard.press('u')
    await page.getByText('Nobody has it yet.').waitFor()
    await page.getByText('Olga took back that it is expected').first().waitFor()
    // It learns nothing, and nobody is asked whether it was useful.
    expect(await page.getByRole('button', { name: 'Not useful' }).count()).toBe(0)
    await page.getByRole('button', { name: 'Resolve' }).click()
    await page.getByText('It is over.').first().waitFor()
    // What has no way back says so.
    expect(await page.locator('[data-toast=good]').last().innerText()).toContain('so it cannot be undone')
    expect(await page.locator('[data-toast=good]').last().getByRole('button', { name: 'Undo' }).count()).toBe(0)
    expect((await alert(id)).state).toBe('resolved')
    const button = page.getByRole('button', { name: 'Acknowledge' })
    await button.and(page.locator('[aria-disabled=true]')).waitFor()
    expect(await button.innerText()).toContain('It is over: there is nothing to do about it.')
  })
})

test('of a rule that learns it is said that its alarm was not useful, and taken back', async () => {
  const odd = { key: 'odd', rule: 'odd-latency', message: 'rule.anomaly', severity: 'warning', evidence: { unit: 'ms', kind: 'max', everyMs: 60_000 } } as const
  const [number = 0] = await record(world.store, [recordedAlert({ ...odd, openedAtMs: startMs })])
  await world.store.transaction((tx) => tx.putRuleStates([{ project: 'bots', rule: odd.rule, key: odd.key, value: seriesText({ ...newSeries('', [], 1, startMs), toldScore: 4 }), atMs: startMs }]))
  await at(`/p/bots/alerts/alt_${number}`, owner, async (page) => {
    await page.getByRole('button', { name: 'Not useful' }).press('Enter')
    await page.getByText('Not useful: the same alarm is quieter from now on.').first().waitFor()
    await page.getByRole('button', { name: 'Useful after all' }).waitFor()
    await page.keyboard.press('u')
    await page.getByText('Olga took back that it was not useful').first().waitFor()
    await page.getByRole('button', { name: 'Not useful' }).waitFor()
  })
  await at(`/p/bots/alerts/alt_${number}`, who.get('viewer') ?? owner, async (page) => {
    await page.getByRole('button', { name: '没有帮助' }).and(page.locator('[aria-disabled=true]')).waitFor()
  }, { locale: 'zh-CN' })
})

test('a refusal is put back, a list that does not come says so and is asked for again', async () => {
  const id = await firstOf('rule=run-away,model-failed&agent=refund-bot') || (await firstOf('rule=model-outage'))
  await at('/p/bots/alerts?state=firing', owner, async (page) => {
    await page.locator('[data-row]').first().waitFor()
    await page.route('**/api/v1/alerts/actions', async (route) => route.fulfill({ status: 429, contentType: 'application/problem+json', headers: { 'retry-after': '5' }, body: JSON.stringify({ type: 'urn:tocsin:problem:too-many', status: 429, detail: 'Too many. Come again in 5 s.' }) }))
    await page.keyboard.press('j')
    const own = (await page.locator('[data-row]:focus-within').getAttribute('data-row')) ?? id
    await page.keyboard.press('a')
    await page.locator('[data-toast=bad]').getByText('Not done: Too many. Come again in 5 s.').waitFor()
    await row(page, own).getByText('Firing').waitFor()
    await page.route(/\/api\/v1\/alerts\?/, async (route) => route.fulfill({ status: 500, contentType: 'application/problem+json', body: JSON.stringify({ type: 'urn:tocsin:problem:failed', status: 500, detail: 'Something broke.', instance: 'req_17' }) }))
    await page.goto('/p/bots/alerts?state=acknowledged')
    await page.getByText('Alerts: not loaded (500, req_17). Nothing changed.').waitFor()
    await page.unroute(/\/api\/v1\/alerts\?/)
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.locator('[data-row], [data-state=empty]').first().waitFor()
  }, { allowed: /429|500/ })
})

test('each role sees its own kinds and may do what it may', async () => {
  const outageId = await firstOf('rule=model-outage')
  await at(`/p/bots/alerts/${outageId}`, who.get('viewer'), async (page) => {
    const button = page.getByRole('button', { name: 'Acknowledge' }).or(page.getByRole('button', { name: 'Give it back' }))
    await button.waitFor()
    expect([await button.getAttribute('aria-disabled'), await button.innerText()]).toEqual(['true', expect.stringContaining('Role viewer may not change alerts of this kind (Model). Ask dana or Olga.') as string])
    await page.keyboard.press('e')
    await button.click({ force: true })
    expect(await page.locator('[data-toast]').count()).toBe(0)
  })
  await at('/p/bots/alerts', who.get('billing'), async (page) => {
    await page.getByText('Budget team-month').first().waitFor()
    expect(await page.getByText('Outage of').count()).toBe(0)
  })
  await at(`/p/bots/alerts/${outageId}`, who.get('billing'), async (page) => {
    await page.getByText(`There is no alert ${outageId}`).waitFor()
  }, { allowed: /404/ })
  await at('/p/bots/alerts?severity=critical', who.get('developer'), async (page) => {
    await row(page, outageId).getByText('Outage of').waitFor()
  })
})

test('a quiet project proves that it is watched', async () => {
  expect((await owner.call('POST', '/api/v1/projects', { body: { name: 'calm' } })).status).toBe(201)
  await at('/p/calm/alerts', owner, async (page) => {
    await page.getByText(/Quiet\. No event yet; \d+ rules watching\./).waitFor()
    await page.getByRole('link', { name: 'First steps' }).last().waitFor()
  })
})
