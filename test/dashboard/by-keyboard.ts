import type { Page } from 'playwright-core'
import { settled } from './looked-at.ts'

export interface Focused {
  readonly role: string
  readonly name: string
  readonly value: string
}

/** Somebody without a mouse: what they reach, they reach by keys. */
export interface Hands {
  focused(): Promise<Focused>
  /** Presses Tab until what has this role and name has the focus. */
  tabTo(role: string, name: string | RegExp): Promise<void>
  /** Goes there and writes; what stood there is replaced. */
  write(name: string | RegExp, text: string): Promise<void>
  /** Goes there and presses Enter. */
  press(role: string, name: string | RegExp): Promise<void>
  /** Presses these keys one after the other. */
  keys(...keys: readonly string[]): Promise<void>
}

/** More than stand on any page. */
const tabsMax = 150

export function handsOn(page: Page): Hands {
  // Reason for the cast: what `focused` of in-page.ts answers.
  const focused = async (): Promise<Focused> => (await page.evaluate('tocsinTest.focused()')) as Focused
  const tabTo = async (role: string, name: string | RegExp): Promise<void> => {
    await settled(page)
    const met: string[] = []
    for (let tabs = 0; tabs <= tabsMax; tabs += 1) {
      const at = await focused()
      met.push(`${at.role} “${at.name}”`)
      if (at.role === role && (typeof name === 'string' ? at.name === name || at.name === `${name} *` : name.test(at.name))) return
      await page.keyboard.press('Tab')
    }
    throw new Error(`expected to reach the ${role} “${String(name)}” of ${page.url()} by ${tabsMax} tabs, met ${[...new Set(met)].join(', ')}`)
  }
  return {
    focused,
    tabTo,
    async write(name, text) {
      await tabTo('textbox', name)
      await page.keyboard.press('Control+a')
      await page.keyboard.type(text)
    },
    async press(role, name) {
      await tabTo(role, name)
      await page.keyboard.press('Enter')
    },
    async keys(...keys) {
      for (const key of keys) await page.keyboard.press(key)
    },
  }
}
