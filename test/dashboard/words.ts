import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export type TestedLocale = 'en' | 'zh-CN'

const folder = join(import.meta.dirname, '../../packages/dashboard/src/words')

/** The catalogue of the dashboard, read as text: its files are for a bundler. */
function catalogueOf(locale: TestedLocale): ReadonlyMap<string, string> {
  const entries = globSync(`${locale}/*.ts`, { cwd: folder }).flatMap((file) => [...readFileSync(join(folder, file), 'utf8').matchAll(/^ {2}'([^']+)': (['"`])(.*)\2,$/gm)].map(([, key, , text]) => [key ?? '', (text ?? '').replaceAll(/\\(.)/g, '$1')] as const))
  return new Map(entries)
}

/** What a page says in this language, such as the name of a button. */
export function wordsOf(locale: TestedLocale): (key: string, values?: Readonly<Record<string, string>>) => string {
  const catalogue = catalogueOf(locale)
  return (key, values = {}) => {
    const text = catalogue.get(key)
    if (text === undefined) throw new Error(`expected a word "${key}" in ${locale}`)
    return text.replaceAll(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole)
  }
}
