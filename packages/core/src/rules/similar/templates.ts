import { z } from 'zod'
import { keptJson } from '../kept.ts'
import { wildcard } from './words.ts'

/** One kind of message: its words, with `<*>` where they differ. Its number never changes and is never given to another. */
export interface Template {
  readonly id: number
  readonly words: readonly string[]
  /** When it last fitted, in whole hours since 1970: a finer time would be written with every message. */
  readonly usedHour: number
}

/** Templates of one length: the first branch of the tree. */
export interface Branch {
  readonly nextId: number
  readonly templates: readonly Template[]
}

/** Bounds of one branch: beyond them what was not used for longest is forgotten, and told apart anew when it comes again. */
const templatesMax = 200
const branchCharsMax = 15_000

/** More than this share of the words has to be the same. */
const similarLeast = 0.5

const hourMs = 3_600_000

const branchForm = z.object({ n: z.int().min(1), t: z.array(z.tuple([z.int().min(1), z.int().min(0), z.string()])).max(templatesMax) })

/**
 * Finds the template that a message fits, or makes one of it, after P. He, J. Zhu, Z. Zheng and M. R. Lyu, “Drain: An Online Log Parsing
 * Approach with Fixed Depth Tree”, ICWS 2017: messages of one length (the branch) that begin alike are compared word by word; of the most
 * similar template, words that differ become `<*>`, unless they are names of errors. A wildcard is the same as a wildcard, because values were masked before (`wordsOf`). The
 * outcome follows from the branch and the words alone.
 *
 * @param words at least one, as many as those of every template of the branch
 * @returns its template, and the branch with it: the same one where nothing has to be written
 */
export function learn(branch: Branch, words: readonly string[], nowMs: number): { readonly template: Template; readonly branch: Branch } {
  const usedHour = Math.floor(nowMs / hourMs)
  const found = mostSimilar(branch.templates, words)
  if (found === undefined) {
    const template: Template = { id: branch.nextId, words, usedHour }
    return { template, branch: { nextId: branch.nextId + 1, templates: withoutUnused([...branch.templates, template]) } }
  }
  const isWider = found.words.some((word, place) => word !== words[place] && word !== wildcard)
  if (!isWider && usedHour <= found.usedHour) return { template: found, branch }
  const template: Template = { id: found.id, words: isWider ? found.words.map((word, place) => (word === words[place] ? word : wildcard)) : found.words, usedHour: Math.max(usedHour, found.usedHour) }
  return { template, branch: { ...branch, templates: branch.templates.map((one) => (one === found ? template : one)) } }
}

function mostSimilar(templates: readonly Template[], words: readonly string[]): Template | undefined {
  let best: Template | undefined
  let most = Math.floor(words.length * similarLeast)
  for (const template of templates) {
    if (template.words[0] !== words[0]) continue
    const same = sameWords(template.words, words)
    if (same <= most) continue
    most = same
    best = template
  }
  return best
}

/** How many words are the same; 0 where a code is another one. */
function sameWords(one: readonly string[], other: readonly string[]): number {
  let same = 0
  for (let place = 0; place < one.length; place += 1) {
    const [word = '', otherWord = ''] = [one[place], other[place]]
    if (word === otherWord) same += 1
    else if (code.test(word) || code.test(otherWord)) return 0
  }
  return same
}

/** Names of errors say what the trouble is: `ECONNRESET`, `RESOURCE_EXHAUSTED`, `overloaded_error`, `TypeError`. They never become a wildcard. */
const code = /^[A-Z][A-Z_]{3,}$|(?:[a-z]_e|[a-z]E)rror$|Exception$/

/** The last of them is the newest, and stays. */
function withoutUnused(templates: readonly Template[]): readonly Template[] {
  let chars = 0
  for (const { words } of templates) chars += charsOf(words)
  let over = templates.length - templatesMax
  if (over <= 0 && chars <= branchCharsMax) return templates
  const forgotten = new Set<Template>()
  for (const one of templates.slice(0, -1).toSorted((a, b) => a.usedHour - b.usedHour || a.id - b.id)) {
    if (over <= 0 && chars <= branchCharsMax) break
    forgotten.add(one)
    over -= 1
    chars -= charsOf(one.words)
  }
  return templates.filter((one) => !forgotten.has(one))
}

/** What one takes in the text of a branch, at most. */
function charsOf(words: readonly string[]): number {
  let chars = numbersCharsMax
  for (const word of words) chars += word.length + 1
  return chars
}

const numbersCharsMax = 24

/** Branches that were read or written last: reading one takes longer than all the rest. A text is always the same branch, so that it matters to nobody who else holds it. */
const memory = new Map<string, Branch>()
const memoryMax = 64

/** A branch as the store keeps it; what cannot be read begins anew. */
export function readBranch(text: string | undefined): Branch {
  if (text === undefined) return { nextId: 1, templates: [] }
  const known = memory.get(text)
  if (known !== undefined) return known
  const { data } = branchForm.safeParse(keptJson(text))
  return remember(text, data === undefined ? { nextId: 1, templates: [] } : { nextId: data.n, templates: data.t.map(([id, usedHour, words]) => ({ id, usedHour, words: words.split(' ') })) })
}

export function branchText(branch: Branch): string {
  const text = JSON.stringify({ n: branch.nextId, t: branch.templates.map(({ id, usedHour, words }) => [id, usedHour, words.join(' ')]) })
  remember(text, branch)
  return text
}

function remember(text: string, branch: Branch): Branch {
  const [oldest] = memory.keys()
  if (memory.size >= memoryMax && oldest !== undefined) memory.delete(oldest)
  memory.set(text, branch)
  return branch
}
