import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { serverWorld, type ServerWorld } from '../../packages/server/src/testing/server-world.ts'
import { invited, ownerOf, type Visitor } from '../../packages/server/src/testing/visitor.ts'
import { contextOf, openBrowser, watch } from './browser.ts'
import { send } from './what-agents-do.ts'

const hourMs = 3_600_000
/** Hours ago at which calls failed, each time one more than before: 3, 4, 5, 6. */
const badHours = [60, 40, 22, 8] as const

let world: ServerWorld
let browser: Browser
let owner: Visitor
beforeAll(async () => {
  world = await serverWorld({
    project: 'bots', channels: { wall: { type: 'inbox' } }, people: { olga: { role: 'owner', email: 'olga@example.com' } }, routes: [{ to: ['olga'], via: ['wall'] }],
    rules: { 'from-file': { on: 'tool.call', when: "event.status == 'error' || event.durationMs > 9000", severity: 'high' }, 'model-failed': false },
  })
  owner = await ownerOf(world)
  browser = await openBrowser()
  const nowMs = Date.now()
  const call = (id: string, atMs: number, isBad: boolean): object => ({ type: 'llm.call', id, atMs, agent: 'refund-bot', durationMs: 900, status: isBad ? 'error' : 'ok', ...(isBad && { error: { class: 'server', message: '503' } }), llm: { provider: 'openai', model: 'gpt-5', inputTokens: 200 } })
  const good = Array.from({ length: 36 }, (_, index) => call(`good_${index}`, nowMs - (index + 1) * 2 * hourMs, false))
  const bad = badHours.flatMap((hours, turn) => Array.from({ length: 3 + turn }, (_, index) => call(`bad_${hours}_${index}`, nowMs - hours * hourMs + index * 5_000, true)))
  await send(world, [...good, ...bad])
}, 60_000)
afterAll(async () => {
  await browser.close()
  await world.dispose()
})

const sentence = (page: Page) => page.locator('[data-state=backtest][data-dimmed=false]')
const stored = async (name: string): Promise<unknown> => ((await owner.call('GET', `/api/v1/rules/${name}`)).json as { readonly value?: unknown }).value

test('a rule is made by form and text in step, tried over days of events while it is edited, saved, and in force', { timeout: 60_000 }, async () => {
  const context = await contextOf(browser, world, owner)
  context.setDefaultTimeout(20_000)
  const page = await context.newPage()
  // What does not hold is refused; who edits fast may be told to wait a moment, and asks again by itself.
  const faults = watch(page, /422|429/)
  await page.goto('/p/bots/rules')
  await page.getByRole('button', { name: 'New rule' }).press('Enter')
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('errors')
  const cel = page.getByLabel('The same as CEL')
  expect(await cel.inputValue()).toBe('event.status == "error"')

  await cel.fill("event.status == 'error'  &&  event.agent == \"refund-bot\"")
  expect(await page.getByLabel('Value of condition 2').inputValue()).toBe('refund-bot')
  await page.getByRole('combobox', { name: 'Value of condition 1' }).fill('ok')
  expect(await cel.inputValue()).toBe("event.status == 'ok'  &&  event.agent == \"refund-bot\"")
  await page.getByRole('combobox', { name: 'Value of condition 1' }).fill('error')
  await page.getByRole('button', { name: 'Add a condition' }).press('Enter')
  await page.waitForFunction(() => document.activeElement?.getAttribute('aria-label') === 'Field of condition 3')
  await page.getByLabel('Field of condition 3').selectOption('durationMs')
  await page.getByLabel('Value of condition 3').fill('12x')
  await page.getByText('A number, such as 20000 or 0.5').waitFor()
  await page.getByLabel('Value of condition 3').fill('12')
  expect(await cel.inputValue()).toBe("event.status == 'error'  &&  event.agent == \"refund-bot\" && event.durationMs > 12")
  await page.getByRole('button', { name: 'Remove condition 2' }).press('Enter')
  expect(await cel.inputValue()).toBe("event.status == 'error' && event.durationMs > 12")

  const other = "event.status == 'error' || event.retries > 3"
  await cel.fill(other)
  await page.getByText(`This is no comparison of one field with values: ${other}`).first().waitFor()
  expect(await page.getByLabel('Field of condition 1').count()).toBe(0)
  await page.getByRole('textbox', { name: 'Threshold' }).fill('4')
  expect(await cel.inputValue()).toBe(other)
  await sentence(page).getByText('Last 7 days: you would have been told', { exact: false }).waitFor()
  await cel.fill('event.agnet == "x"')
  await page.getByText('did you mean "event.agent"?', { exact: false }).first().waitFor()
  await page.getByText('Not as the server expects it', { exact: false }).waitFor()
  await cel.fill("event.status == 'error'")

  // Five and six at once are above four: two of the four times, each told when it begins and when it is over.
  await sentence(page).getByText('you would have been told 4 times.').waitFor()
  await page.getByText('Only 3 days of data.').waitFor()
  expect(await page.getByRole('list', { name: 'Alerts that it would have opened' }).getByRole('listitem').count()).toBe(2)
  // Its own name stands in what would have been said.
  await page.getByText('Rule errors: 5, above 4').first().waitFor()
  const handle = page.getByRole('slider', { name: 'Threshold, A number: arrow keys move it' })
  while (Number(await handle.getAttribute('aria-valuenow')) > 2.5) await handle.press('PageDown')
  while (Number(await handle.getAttribute('aria-valuenow')) < 2.5) await handle.press('ArrowUp')
  expect(Number(await page.getByRole('textbox', { name: 'Threshold' }).inputValue())).toBe(2.5)
  await sentence(page).getByText('you would have been told 8 times.').waitFor()
  // By the mouse too: up and back down.
  const limit = async (): Promise<number> => Number(await page.getByRole('textbox', { name: 'Threshold' }).inputValue())
  const box = (await handle.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 }
  await page.mouse.move(box.x + box.width / 2, box.y + 12)
  await page.mouse.down()
  await page.mouse.move(box.x + box.width / 2, box.y - 48, { steps: 4 })
  await page.mouse.up()
  await expect.poll(limit).toBeGreaterThan(3)
  await page.getByRole('textbox', { name: 'Threshold' }).fill('2.5')

  const marks = page.getByRole('toolbar', { name: '▲ Told' })
  await marks.getByRole('button').first().press('ArrowRight')
  await page.keyboard.press('Enter')
  await page.waitForFunction(() => document.activeElement?.getAttribute('data-place') === '1')
  expect(await page.locator('[data-place="1"]').getAttribute('data-chosen')).toBe('true')
  await page.getByRole('button', { name: '▲1: show this message under the chart' }).press('Enter')
  await page.waitForFunction(() => document.activeElement?.getAttribute('data-numbers')?.split(' ').includes('1') === true)

  await page.getByRole('button', { name: 'Save' }).press('Enter')
  await page.waitForURL('**/p/bots/rules/errors')
  expect(await stored('errors')).toMatchObject({ on: 'llm.call', when: "event.status == 'error'", measure: 'count', above: 2.5 })
  await page.getByRole('textbox', { name: 'Threshold' }).fill('5')
  await sentence(page).getByText('you would have been told 2 times. Saved rule: 8.', { exact: false }).waitFor()

  const atMs = Date.now()
  await send(world, Array.from({ length: 3 }, (_, index) => ({ type: 'llm.call', id: `now_${index}`, atMs, agent: 'refund-bot', status: 'error', durationMs: 20, llm: { provider: 'openai', model: 'gpt-5' } })))
  const { items } = (await owner.call('GET', '/api/v1/alerts?rule=errors')).json as { readonly items: readonly { readonly rule: string }[] }
  expect(items).toHaveLength(1)
  expect(faults).toEqual([])
  await context.close()
})

test('the noisiest stands first; rules are switched and graded where they stand, by keys alone, and put back', async () => {
  const context = await contextOf(browser, world, owner)
  const page = await context.newPage()
  const faults = watch(page, /422/)
  await page.goto('/p/bots/rules')
  await page.getByRole('row', { name: /errors.*1 alert/ }).waitFor()
  // After the head.
  expect(await page.getByRole('row').nth(1).innerText()).toContain('errors')
  const slow = page.getByRole('switch', { name: 'model-slow is on' })
  await slow.press('Space')
  await page.getByText('Rule “model-slow” is off.').first().waitFor()
  expect(await stored('model-slow')).toBe(false)
  await page.keyboard.press('u')
  await page.getByText('Rule “model-slow” is as it was.').first().waitFor()
  expect((await owner.call('GET', '/api/v1/rules/model-slow')).status).toBe(404)
  await page.getByLabel('Severity of model-slow').selectOption('high')
  await page.getByText('Rule “model-slow”: High.').first().waitFor()
  expect(await stored('model-slow')).toEqual({ severity: 'high' })
  // One of one's own is switched the same way, and stays as it is written.
  const { value: written } = (await owner.call('GET', '/api/v1/rules/errors')).json as { readonly value: object }
  const own = page.getByRole('switch', { name: 'errors is on' })
  await own.press('Space')
  await page.getByText('Rule “errors” is off.').first().waitFor()
  expect(await stored('errors')).toEqual({ ...written, enabled: false })
  await expect.poll(() => own.isChecked()).toBe(false)
  await page.keyboard.press('u')
  await page.getByText('Rule “errors” is as it was.').first().waitFor()
  expect(await stored('errors')).toEqual(written)
  const fixed = page.getByRole('switch', { name: 'from-file is on' })
  await fixed.press('Space')
  await page.getByRole('tooltip').getByText('From the configuration file: change it there.').waitFor()
  expect(await fixed.isChecked()).toBe(true)
  await page.keyboard.press('/')
  await page.keyboard.type('slow')
  await page.waitForURL('**/rules?text=slow')
  await page.getByRole('link', { name: /model-slow/ }).press('Enter')
  await page.waitForURL('**/p/bots/rules/model-slow')
  await page.getByLabel('After').fill('soon')
  await page.getByText('expected a duration', { exact: false }).first().waitFor()
  await page.getByLabel('After').fill('45s')
  await page.getByRole('button', { name: 'Save' }).press('Enter')
  await page.getByText('Rule “model-slow” saved.').first().waitFor()
  expect(await stored('model-slow')).toEqual({ severity: 'high', after: '45s' })
  await page.getByRole('button', { name: 'As by default' }).press('Enter')
  await page.getByText('Rule “model-slow” is as by default.').first().waitFor()
  expect((await owner.call('GET', '/api/v1/rules/model-slow')).status).toBe(404)
  expect(faults).toEqual([])
  await context.close()
})

test('who presses faster than the server answers is not in their own way: the last press counts, and nothing pressed is lost', async () => {
  const context = await contextOf(browser, world, owner)
  const page = await context.newPage()
  // No 412 among them: it would be said in the console.
  const faults = watch(page)
  let [underWay, most] = [0, 0]
  const sent: unknown[] = []
  await page.route('**/api/v1/rules/*', async (route) => {
    if (route.request().method() !== 'PUT') return route.continue()
    sent.push(route.request().postDataJSON())
    underWay += 1
    most = Math.max(most, underWay)
    // A slow server: what is pressed meanwhile is pressed before it answers.
    await held
    const response = await route.fetch()
    underWay -= 1
    return route.fulfill({ response })
  })
  let go = (): void => undefined
  const held = new Promise<void>((resolve) => (go = resolve))
  await page.goto('/p/bots/rules?text=tool-failing')
  const own = page.getByRole('switch', { name: 'tool-failing is on' })
  await own.press('Space')
  expect(await own.isChecked()).toBe(false)
  await own.press('Space')
  await expect.poll(() => own.isChecked()).toBe(true)
  await page.getByLabel('Severity of tool-failing').selectOption('critical')
  go()
  await expect.poll(() => stored('tool-failing')).toEqual({ on: true, severity: 'critical' })
  expect(sent).toEqual([false, { on: true, severity: 'critical' }])
  await expect.poll(() => page.getByLabel('Severity of tool-failing').inputValue()).toBe('critical')

  // And undone it is as it was before the last of them; nothing is left of what was said of the first.
  await page.reload()
  await own.press('Space')
  await page.getByText('Rule “tool-failing” is off.').first().waitFor()
  await page.keyboard.press('u')
  await page.getByText('Rule “tool-failing” is as it was.').first().waitFor()
  expect(await stored('tool-failing')).toEqual({ on: true, severity: 'critical' })
  expect(await own.isChecked()).toBe(true)
  expect(most).toBe(1)
  expect(faults).toEqual([])
  await context.close()
})

test('two people edit the same rule: both are kept', async () => {
  await owner.call('PUT', '/api/v1/rules/shared', { body: { on: 'llm.call', when: 'event.retries > 3', severity: 'warning' } })
  const context = await contextOf(browser, world, owner)
  const page = await context.newPage()
  watch(page, /412/)
  await page.goto('/p/bots/rules/shared')
  await page.getByLabel('Value of condition 1').fill('5')
  const read = await owner.call('GET', '/api/v1/rules/shared')
  await owner.call('PUT', '/api/v1/rules/shared', { body: { on: 'llm.call', when: 'event.retries > 3', severity: 'critical' }, headers: { 'if-match': read.headers.get('etag') ?? '' } })
  await page.getByRole('button', { name: 'Save' }).press('Enter')
  await page.getByText('Somebody changed this meanwhile.', { exact: false }).waitFor()
  const both = await page.locator('[data-state=conflict]').innerText()
  expect(both).toContain('critical')
  expect(both).toContain('event.retries > 5')
  await page.getByLabel('Severity', { exact: true }).selectOption('critical')
  await page.getByRole('button', { name: 'Save' }).press('Enter')
  await page.getByText('Rule “shared” saved.').first().waitFor()
  expect(await stored('shared')).toMatchObject({ when: 'event.retries > 5', severity: 'critical' })
  await page.getByRole('switch', { name: 'On', exact: true }).press('Space')
  await page.getByRole('button', { name: 'Save' }).press('Enter')
  await expect.poll(() => stored('shared')).toMatchObject({ enabled: false })
  await context.close()
})

test('a session that ends while the form is open loses nothing: one logs in over it and goes on', async () => {
  const context = await contextOf(browser, world, owner)
  const page = await context.newPage()
  watch(page, /401/)
  await page.goto('/p/bots/rules?new=1')
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('kept')
  await page.getByLabel('The same as CEL').fill('event.retries > 7')
  await context.clearCookies()
  await page.getByRole('button', { name: 'Save' }).press('Enter')
  const dialog = page.getByRole('dialog')
  await dialog.locator('[name=password]').fill(owner.password)
  await dialog.locator('[name=password]').press('Enter')
  await dialog.waitFor({ state: 'hidden' })
  expect(await page.getByLabel('The same as CEL').inputValue()).toBe('event.retries > 7')
  await page.getByRole('button', { name: 'Save' }).press('Enter')
  await page.waitForURL('**/p/bots/rules/kept')
  expect(await stored('kept')).toMatchObject({ when: 'event.retries > 7' })
  await context.close()
})

test('who may not change or try rules reads them, and why; what does not come is said', async () => {
  const viewer = await invited(world, owner, { name: 'vera', role: 'viewer', project: 'bots' })
  const context = await contextOf(browser, world, viewer, { locale: 'zh-CN', theme: 'dark', width: 360 })
  const page = await context.newPage()
  const faults = watch(page)
  await page.goto('/p/bots/rules')
  expect(await page.getByRole('button', { name: '新建规则' }).getAttribute('aria-disabled')).toBe('true')
  expect(await page.getByRole('switch', { name: '启用 session-started' }).getAttribute('aria-disabled')).toBe('true')
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true)
  await page.goto('/p/bots/rules/from-file')
  await page.getByText('来自配置文件，请在文件中修改。').first().waitFor()
  await page.getByText('这不是单个字段与值的比较', { exact: false }).first().waitFor()
  await page.getByText('角色观察者无权试运行规则。').waitFor()
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true)
  expect(faults).toEqual([])
  await context.close()

  const billing = await invited(world, owner, { name: 'bill', role: 'billing', project: 'bots' })
  const costs = await contextOf(browser, world, billing)
  const page2 = await costs.newPage()
  watch(page2, /403/)
  await page2.goto('/p/bots/rules/errors')
  await page2.getByText('Your role is told about costs only', { exact: false }).waitFor()
  const save = page2.getByRole('button', { name: 'Save' })
  await save.focus()
  await page2.getByRole('tooltip').getByText('Role billing cannot change rules.').waitFor()
  await page2.goto('/p/bots/rules/session-expensive')
  await sentence(page2).getByText('would have been told nothing.', { exact: false }).waitFor()
  await costs.close()

  const other = await contextOf(browser, world, owner)
  const theirs = await other.newPage()
  watch(theirs, /500/)
  await theirs.route('**/api/v1/backtests', async (route) => route.fulfill({ status: 500, contentType: 'application/problem+json', body: JSON.stringify({ detail: 'Something went wrong here.', instance: 'req_1' }) }))
  await theirs.goto('/p/bots/rules/from-file')
  await theirs.getByText('The last 7 days: not loaded (500, req_1). Nothing changed.').waitFor()
  await theirs.unroute('**/api/v1/backtests')
  await theirs.getByRole('button', { name: 'Try again' }).press('Enter')
  await sentence(theirs).getByText('you would have been told nothing.', { exact: false }).waitFor()
  await theirs.route('**/api/v1/rules', async (route) => route.abort())
  await theirs.goto('/p/bots/rules')
  await theirs.getByText('Rules: not loaded (no answer', { exact: false }).waitFor()
  await other.close()
})
