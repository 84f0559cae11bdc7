import { existsSync } from 'node:fs'
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core'
import type { ServerWorld } from '../../packages/server/src/testing/server-world.ts'
import type { Visitor } from '../../packages/server/src/testing/visitor.ts'
import { packagedBrowser } from './packaged-browser.ts'

/** Where Linux keeps the machine's own. */
const own = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

const args = ['--no-sandbox', '--font-render-hinting=none', '--disable-gpu']

/** A real Chromium: the machine's own, else the one that came from npm. */
export async function openBrowser(): Promise<Browser> {
  const executablePath = process.env['TOCSIN_TEST_CHROMIUM'] ?? own.find((path) => existsSync(path))
  if (executablePath !== undefined) return chromium.launch({ executablePath, headless: true, args })
  const packaged = await packagedBrowser()
  return chromium.launch({ executablePath: packaged.executablePath, headless: true, args, env: { ...environment(), LD_LIBRARY_PATH: librariesWith(packaged.libraries) } })
}

/** The one of npm with its own fonts and none of the machine's: what it draws is the same everywhere, and can be compared. */
export async function openSameBrowser(): Promise<Browser> {
  const packaged = await packagedBrowser()
  return chromium.launch({ executablePath: packaged.executablePath, headless: true, args: [...args, '--disable-lcd-text'], env: { ...environment(), LD_LIBRARY_PATH: librariesWith(packaged.libraries), FONTCONFIG_FILE: packaged.fontConfig } })
}

function environment(): Record<string, string> {
  return Object.fromEntries(Object.entries(process.env).filter((pair): pair is [string, string] => pair[1] !== undefined))
}

/** The machine's own come first where they are there: it may lack libnss3, as bare containers do. */
function librariesWith(packaged: string): string {
  const hasOwn = ['/lib', '/usr/lib', '/lib64', '/usr/lib64', '/usr/lib/x86_64-linux-gnu'].some((folder) => existsSync(`${folder}/libnss3.so`))
  return [process.env['LD_LIBRARY_PATH'], hasOwn ? undefined : packaged].filter((folder) => folder !== undefined && folder !== '').join(':')
}

export interface Look {
  readonly locale?: 'en' | 'zh-CN'
  readonly theme?: 'light' | 'dark'
  readonly width?: number
  readonly height?: number
}

/** A browser of somebody's own: nothing kept from before. Whoever `visitor` is, is logged in. */
export async function contextOf(browser: Browser, world: Pick<ServerWorld, 'url'>, visitor?: Visitor, { locale = 'en', theme = 'light', width = 1280, height = 800 }: Look = {}): Promise<BrowserContext> {
  const context = await browser.newContext({ baseURL: world.url, locale, colorScheme: theme, viewport: { width, height }, timezoneId: 'UTC', reducedMotion: 'reduce' })
  context.setDefaultTimeout(15_000)
  if (visitor !== undefined) {
    await context.addCookies(visitor.cookie.split('; ').map((pair) => {
      const at = pair.indexOf('=')
      return { name: pair.slice(0, at), value: pair.slice(at + 1), url: world.url }
    }))
  }
  return context
}

/** What a page must never do: throw, or say something is wrong in the console. Answers of 4xx that a test asks for are named in `allowed`. */
export function watch(page: Page, allowed: RegExp = /^$/): readonly string[] {
  const faults: string[] = []
  page.on('pageerror', (error) => faults.push(`thrown: ${error.stack ?? error.message}`))
  page.on('console', (message) => {
    if ((message.type() === 'error' || message.type() === 'warning') && !allowed.test(message.text())) faults.push(`${message.type()}: ${message.text()}`)
  })
  return faults
}
