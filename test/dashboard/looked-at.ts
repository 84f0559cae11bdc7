import { globSync, readFileSync } from 'node:fs'
import { createRequire, stripTypeScriptTypes } from 'node:module'
import { join } from 'node:path'
import type { BrowserContext, Page } from 'playwright-core'

const require = createRequire(import.meta.url)
const axeSource = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8')
const inPage = stripTypeScriptTypes(readFileSync(join(import.meta.dirname, 'in-page.ts'), 'utf8'))
const words = join(import.meta.dirname, '../../packages/dashboard/src/words')

/** Pages of this context can be asked what they show. */
export async function lookInside(context: BrowserContext): Promise<void> {
  await context.addInitScript({ content: inPage })
}

/** Until everything that was asked for is there and drawn. */
export async function settled(page: Page): Promise<void> {
  await page.evaluate('tocsinTest.settled(10_000)')
}

/** Until what is there is drawn in its new width or colours. */
export async function drawn(page: Page): Promise<void> {
  await page.evaluate('tocsinTest.drawn(10_000)')
}

/** The system's colours change, and the page follows. */
export async function inColours(page: Page, colorScheme: 'light' | 'dark'): Promise<void> {
  await page.emulateMedia({ colorScheme })
  await page.evaluate(`tocsinTest.drawn(10_000, '${colorScheme}')`)
}

/** Goes to another page as a link does, without loading everything anew. */
export async function goTo(page: Page, path: string): Promise<void> {
  await page.evaluate(`history.pushState({}, '', ${JSON.stringify(path)})`)
  await settled(page)
}

interface AxeResult {
  readonly id: string
  readonly nodes: readonly { readonly target: readonly unknown[]; readonly failureSummary?: string; readonly html: string }[]
}

const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']

/** What axe has against it: all rules of WCAG 2.2 A and AA, or some. Its source is evaluated, because the page allows no script but its own. */
export async function axeFaults(page: Page, rules: readonly string[] | 'all' = 'all'): Promise<readonly string[]> {
  if ((await page.evaluate("'axe' in globalThis")) !== true) await page.evaluate(axeSource)
  const runOnly = rules === 'all' ? { type: 'tag', values: tags } : { type: 'rule', values: rules }
  // Reason for the cast: the shape of what axe answers, as its own types have it.
  const violations = (await page.evaluate(`axe.run(document, ${JSON.stringify({ runOnly, resultTypes: ['violations'], iframes: false })}).then(({ violations }) => violations)`)) as readonly AxeResult[]
  return violations.flatMap(({ id, nodes }) => nodes.slice(0, 3).map(({ target, failureSummary = '', html }) => `axe ${id}: ${target.join(' ')} ${html.slice(0, 160)} ${failureSummary.split('\n').slice(1, 3).join(' ').trim()}`))
}

/** Whether one has to scroll sideways, and what is to blame. */
export async function overflowFaults(page: Page): Promise<readonly string[]> {
  const fault = String(await page.evaluate('tocsinTest.overflow()'))
  return fault === '' ? [] : [fault]
}

/** Every key of the catalogue, read as text: none of them stands on a page. */
const keys: ReadonlySet<string> = new Set(globSync('en/*.ts', { cwd: words }).flatMap((file) => [...readFileSync(join(words, file), 'utf8').matchAll(/^ {2}'([\w.-]+)':/gm)].map(([, key]) => key ?? '')))
/** Acts as the audit log names them; one is called as a word is. */
const acts: ReadonlySet<string> = new Set(['silences.create'])
const odd = /\[object \w+\]|\bundefined\b|\bNaN\b|Invalid Date|\{\w+, (?:plural|select)|\{(?:count|name|time|role|person|agent)\}/

/** What any reader would call broken: no name of the page or two, a word that is missing, a language that is not said, a sentence in another. */
export async function wordFaults(page: Page, locale: string): Promise<readonly string[]> {
  // Reason for the cast: what `facts` of in-page.ts answers.
  const { headings, title, lang, texts } = (await page.evaluate('tocsinTest.facts()')) as { readonly headings: number; readonly title: string; readonly lang: string; readonly texts: readonly string[] }
  const faults: string[] = []
  if (headings !== 1) faults.push(`${headings} h1`)
  if (title.trim() === '') faults.push('no title')
  if (lang !== locale) faults.push(`lang is ${lang}`)
  for (const text of texts) {
    const raw = [...text.matchAll(/[a-z]+(?:-[a-z]+)*\.[\w-]+/g)].map(([word]) => word).find((word) => keys.has(word) && !acts.has(word))
    if (raw !== undefined) faults.push(`the word ${raw} is shown as its key`)
    const found = odd.exec(text)?.[0]
    if (found !== undefined) faults.push(`“${found}” is shown in “${text.slice(0, 80)}”`)
  }
  if (locale !== 'en') faults.push(...(await page.evaluate<readonly string[]>('tocsinTest.inEnglish()')).map((text) => `in English: ${text.slice(0, 120)}`))
  return faults
}
