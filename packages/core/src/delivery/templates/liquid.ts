import { createRequire } from 'node:module'
import type * as LiquidModule from 'liquidjs'
import type { Liquid, LiquidError, LiquidOptions, Template } from 'liquidjs'
import { templateCharsMax, type TemplateForm } from '../../model/template.ts'
import { escapeHtml } from '../neutralise.ts'
import type { TemplateView } from './view.ts'

/** Longest time of one rendering, milliseconds: enough for any template, and short beside a lease. */
const renderMsMax = 250
/** Characters and elements that one rendering may make, as liquidjs counts them. */
const memoryMax = 2_000_000
/** Longest output of one rendering, characters; with it goes what a loop may write. */
const outputCharsMax = 500_000

/** Tags that work on the values alone; none reads another file. */
const tags: readonly string[] = ['assign', 'break', 'capture', 'case', 'comment', 'continue', 'cycle', 'decrement', 'echo', 'for', 'if', 'increment', 'liquid', 'raw', 'unless', '#']

/**
 * Filters that work on texts, numbers and lists. Left out: `raw`, because no value is markup; those of dates, because times
 * are in the reader's words already; those that encode for other formats, or look into objects.
 */
const filters: readonly string[] = [
  'abs', 'append', 'at_least', 'at_most', 'capitalize', 'ceil', 'compact', 'concat', 'default', 'divided_by', 'downcase', 'first', 'floor', 'join', 'last', 'lstrip', 'map', 'minus', 'modulo',
  'plus', 'prepend', 'remove', 'remove_first', 'remove_last', 'replace', 'replace_first', 'replace_last', 'reverse', 'round', 'rstrip', 'size', 'slice', 'sort', 'split', 'strip', 'strip_newlines',
  'sum', 'times', 'truncate', 'truncatewords', 'uniq', 'upcase', 'where',
]

/** A template ready to render. */
export interface Compiled {
  /** Throws where it fails, takes too long or writes too much. */
  render(view: TemplateView): string
  /** Names it reads that it does not set itself, as paths, with the line of each. */
  readonly reads: readonly { readonly path: readonly string[]; readonly line: number }[]
}

export class TemplateProblem extends Error {
  override readonly name = 'TemplateProblem'
  /** From 1, where it is known. */
  readonly line: number | undefined

  constructor(message: string, line: number | undefined) {
    super(message)
    this.line = line
  }
}

/**
 * @param form of a message; `payload`: over what others sent, of which a part that is missing is empty
 * @throws TemplateProblem where it is no template, or asks for a tag or filter that there is not
 */
export function compileTemplate(text: string, form: TemplateForm | 'payload'): Compiled {
  const engine = engineFor(form)
  let parsed: Template[]
  try {
    parsed = engine.parse(text)
  } catch (wrong) {
    throw problemOf(wrong)
  }
  return {
    reads: Object.values(engine.analyzeSync(parsed, { partials: false }).globals).flatMap((uses) => uses.map((use) => ({ path: use.segments.map((segment) => (typeof segment === 'object' ? '' : String(segment))), line: use.location.row }))),
    render(view) {
      const output = renderSync(engine, parsed, view)
      if (output.length > outputCharsMax) throw new TemplateProblem(`wrote ${output.length} characters, at most ${outputCharsMax} are allowed`, undefined)
      return output
    },
  }
}

function renderSync(engine: Liquid, parsed: Template[], view: TemplateView): string {
  try {
    return String(engine.renderSync(parsed, view))
  } catch (wrong) {
    throw problemOf(wrong)
  }
}

type EngineKind = 'html' | 'plain' | 'payload'

const engines = new Map<EngineKind, Liquid>()

function engineFor(form: TemplateForm | 'payload'): Liquid {
  const kind = form === 'html' || form === 'payload' ? form : 'plain'
  let engine = engines.get(kind)
  if (engine === undefined) engines.set(kind, (engine = makeEngine(kind)))
  return engine
}

function makeEngine(kind: EngineKind): Liquid {
  // Loaded with the first template, at once because a configuration is checked at once: whoever has none does not pay for it.
  const { Liquid: LiquidEngine } = createRequire(import.meta.url)('liquidjs') as typeof LiquidModule // what `require` gives is not typed
  const options: LiquidOptions = {
    strictFilters: true, strictVariables: kind !== 'payload', ownPropertyOnly: true, cache: false,
    parseLimit: templateCharsMax, renderLimit: renderMsMax, memoryLimit: memoryMax,
    // In a page every value is text, with its line breaks.
    ...(kind === 'html' ? { outputEscape: (value: unknown) => escapeHtml(textOf(value)).replaceAll('\n', '<br>') } : {}),
  }
  const engine = new LiquidEngine(options)
  for (const name of Object.keys(engine.tags)) if (!tags.includes(name)) delete engine.tags[name]
  for (const name of Object.keys(engine.filters)) if (!filters.includes(name)) delete engine.filters[name]
  return engine
}

/** As liquidjs writes a value: a list without anything between. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  if (value === null || value === undefined) return ''
  return Array.isArray(value) ? value.map(textOf).join('') : JSON.stringify(value)
}

/** What liquidjs found, in a sentence of ours: where it has no better word, its own without the excerpt. */
function problemOf(wrong: unknown): TemplateProblem {
  if (!(wrong instanceof Error)) return new TemplateProblem(String(wrong), undefined)
  const message = wrong.message.replace(/, (?:file:.*, )?line:\d+, col:\d+$/, '').replace(/^(?:Render|Parse|Tokenization)Error: /, '')
  return new TemplateProblem(sentenceFor(message), lineOf(wrong))
}

function sentenceFor(message: string): string {
  const tag = /^tag "([^"]*)" not found$/.exec(message)?.[1]
  if (tag !== undefined) return /^(?:render|include|layout|block)$/.test(tag) ? `the tag "${tag}" reads other files; a template stands alone` : `there is no tag "${tag}"; there are ${tags.join(', ')}`
  const filter = /^undefined filter: (.*)$/.exec(message)?.[1]
  if (filter === 'raw') return 'there is no filter "raw": values are text and never markup'
  if (filter !== undefined) return `there is no filter "${filter}"; there are ${filters.join(', ')}`
  const variable = /^undefined variable: (.*)$/.exec(message)?.[1]
  if (variable !== undefined) return `there is no "${variable}"`
  if (message.startsWith('template render limit')) return `takes longer than ${renderMsMax} ms`
  if (message.startsWith('memory alloc limit')) return 'makes more than it may keep in memory; is there a loop without end?'
  if (message.startsWith('parse length limit')) return `expected at most ${templateCharsMax} characters`
  return message
}

function lineOf(wrong: Error): number | undefined {
  const { token } = wrong as Partial<LiquidError> // every error of liquidjs has one
  if (token === undefined) return undefined
  return token.input.slice(0, token.begin).split('\n').length
}
