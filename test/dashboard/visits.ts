import { readFileSync } from 'node:fs'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { expect } from 'vitest'
import type { ServerWorld } from '../../packages/server/src/testing/server-world.ts'
import type { Visitor } from '../../packages/server/src/testing/visitor.ts'
import { contextOf, watch, type Look } from './browser.ts'

interface Visit extends Look {
  /** What the console may say: answers of 4xx and 5xx that the test asks for. */
  readonly allowed?: RegExp
}

/** Pages opened as somebody. Who comes again with the same look has kept what their browser keeps: loading it anew for each would be most of a test's time. */
export class Visits {
  readonly #contexts = new Map<string, Promise<BrowserContext>>()
  readonly #browser: Browser
  readonly #world: ServerWorld

  constructor(browser: Browser, world: ServerWorld) {
    this.#browser = browser
    this.#world = world
  }

  /** Opens a page, looks at it, and expects that nothing was wrong in it. */
  async at(path: string, visitor: Visitor | undefined, look: (page: Page) => Promise<void>, { allowed, ...more }: Visit = {}): Promise<void> {
    const key = JSON.stringify([visitor?.email, more])
    const known = this.#contexts.get(key) ?? contextOf(this.#browser, this.#world, visitor, more)
    this.#contexts.set(key, known)
    const page = await (await known).newPage()
    const faults = watch(page, allowed)
    await page.goto(path)
    await look(page)
    expect(faults).toEqual([])
    await page.close()
  }
}

/** Whether the page has to be moved sideways to be read. */
export async function isTooWide(page: Page): Promise<unknown> {
  return page.evaluate('document.documentElement.scrollWidth > window.innerWidth')
}

/** What axe finds against WCAG 2.2 AA. */
export async function faultsByAxe(page: Page): Promise<unknown> {
  await page.evaluate(readFileSync('node_modules/axe-core/axe.min.js', 'utf8'))
  return page.evaluate("axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'] }).then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html).join(' ').slice(0, 300)))")
}
