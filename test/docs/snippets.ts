import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export const root = join(import.meta.dirname, '../..')

/** One fenced block of a page. */
export interface Snippet {
  /** Page, from the root of the repository. */
  readonly page: string
  /** Line of the opening fence. */
  readonly line: number
  readonly language: string
  /** What stands behind the language, such as `wrong` or `no-run: needs a provider account`. */
  readonly mark: string
  readonly text: string
}

/** Everything a reader is told to read, without the records of decisions. */
export function pages(): readonly string[] {
  const docs = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
  return ['README.md', 'README.zh-CN.md', 'CONTRIBUTING.md', ...docs.filter((file) => file.endsWith('.md') && !file.startsWith('adr')).map((file) => `docs/${file}`)].sort()
}

export function textOf(page: string): string {
  return readFileSync(join(root, page), 'utf8')
}

export function snippetsIn(page: string): readonly Snippet[] {
  const found: Snippet[] = []
  let open: { readonly line: number; readonly info: string; readonly lines: string[] } | undefined
  for (const [index, line] of textOf(page).split('\n').entries()) {
    const fence = /^```(.*)$/.exec(line)
    if (fence === null) open?.lines.push(line)
    else if (open === undefined) open = { line: index + 1, info: (fence[1] ?? '').trim(), lines: [] }
    else {
      const [language = '', ...mark] = open.info.split(' ')
      found.push({ page, line: open.line, language, mark: mark.join(' '), text: open.lines.join('\n') })
      open = undefined
    }
  }
  if (open !== undefined) throw new Error(`${page}:${open.line} the block does not end`)
  return found
}

/** Blocks of one language that have no mark, of all pages. The Chinese README has the same ones, which is tested by itself. */
export function allSnippets(language: string): readonly Snippet[] {
  return pages().filter((page) => page !== 'README.zh-CN.md').flatMap(snippetsIn).filter((snippet) => snippet.language === language)
}

/** As test names and files call it: `docs/concepts.md:12`. */
export function placeOf({ page, line }: Snippet): string {
  return `${page}:${line}`
}
