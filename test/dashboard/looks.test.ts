import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import pixelmatch from 'pixelmatch'
import type { Browser } from 'playwright-core'
import { PNG } from 'pngjs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { contextOf, openSameBrowser } from './browser.ts'
import { filledWorld, type FilledWorld } from './filled-world.ts'
import { goTo, inColours, lookInside, settled } from './looked-at.ts'

/**
 * Every page as it looked when somebody last agreed with it. The browser and its fonts come from npm, so that machines agree; times, charts and
 * what was counted by the clock are covered. `TOCSIN_TEST_LOOKS=write` takes them anew. As they are now, whole, they lie in `node_modules/.cache/tocsin-test/looks`.
 */
const isWriting = process.env['TOCSIN_TEST_LOOKS'] === 'write'
const agreed = join(import.meta.dirname, 'looks')
const taken = join(import.meta.dirname, '../../node_modules/.cache/tocsin-test/looks')
/** So many pixels of a page beside another become one: what is kept is small, and a letter that moves by a hair is no difference. */
const scale = 4
/** Of all pixels of what is kept. */
const differentMax = 0.02

/** What a backtest marks depends on the minute in which the agents worked, and moves what is below: it is left out, and looked at where rules are tested. */
const byTheClock = '[role=toolbar]:has([data-kind]), ul:has(> [data-chosen]) { display: none }'

let filled: FilledWorld
let browser: Browser
beforeAll(async () => {
  ;[filled, browser] = await Promise.all([filledWorld(), openSameBrowser()])
  mkdirSync(taken, { recursive: true })
  mkdirSync(agreed, { recursive: true })
}, 60_000)
afterAll(async () => {
  await browser.close()
  await filled.dispose()
})

// The browser that npm brings is of this kind of processor alone.
test.skipIf(process.arch !== 'x64')('every page looks as it was agreed, light and dark', { timeout: 240_000 }, async () => {
  const context = await contextOf(browser, filled.world, filled.members.owner)
  await lookInside(context)
  const page = await context.newPage()
  await page.clock.setFixedTime(Date.now() + 150_000)
  await page.goto('/p/bots')
  await settled(page)
  const odd: string[] = []
  for (const { name, path } of filled.views) {
    await goTo(page, path)
    for (const theme of ['light', 'dark'] as const) {
      await inColours(page, theme)
      const picture = await page.screenshot({ mask: [page.locator('time, canvas, .uplot, [role=figure], [data-state=backtest], code, pre')], maskColor: '#808080', style: byTheClock, animations: 'disabled', caret: 'hide' })
      const difference = compared(`${name}-${theme}`, picture)
      if (difference !== undefined) odd.push(difference)
    }
  }
  await context.close()
  expect(odd).toEqual([])
})

/** What is different, if anything is. */
function compared(name: string, picture: Buffer): string | undefined {
  writeFileSync(join(taken, `${name}.png`), picture)
  const now = smaller(PNG.sync.read(picture))
  const file = join(agreed, `${name}.png`)
  if (isWriting) {
    writeFileSync(file, PNG.sync.write(now, { colorType: 2 }))
    return undefined
  }
  if (!existsSync(file)) return `${name}: nobody has agreed with it yet: TOCSIN_TEST_LOOKS=write takes it`
  const before = PNG.sync.read(readFileSync(file))
  const { width, height } = now
  if (before.width !== width || before.height !== height) return `${name}: ${width} × ${height} and not ${before.width} × ${before.height}`
  const marked = new PNG({ width, height })
  const share = pixelmatch(before.data, now.data, marked.data, width, height, { threshold: 0.2 }) / (width * height)
  if (share <= differentMax) return undefined
  writeFileSync(join(taken, `${name}-different.png`), PNG.sync.write(marked))
  return `${name}: ${(share * 100).toFixed(1)} % is different, see ${join(taken, `${name}-different.png`)}`
}

/** The mean of each square, in 32 steps a colour. */
function smaller({ width, height, data }: PNG): PNG {
  const made = new PNG({ width: Math.floor(width / scale), height: Math.floor(height / scale) })
  for (let y = 0; y < made.height; y += 1)
    for (let x = 0; x < made.width; x += 1) {
      const sums = [0, 0, 0]
      for (let dy = 0; dy < scale; dy += 1) for (let dx = 0; dx < scale; dx += 1) for (let colour = 0; colour < 3; colour += 1) sums[colour] = (sums[colour] ?? 0) + (data[((y * scale + dy) * width + x * scale + dx) * 4 + colour] ?? 0)
      const at = (y * made.width + x) * 4
      for (const [colour, sum] of sums.entries()) made.data[at + colour] = Math.min(255, Math.round(sum / scale ** 2 / 8) * 8)
      made.data[at + 3] = 255
    }
  return made
}
