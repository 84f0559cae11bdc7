import { RE2JS, RE2JSException } from 're2js'
import type { OwnRules } from '../redact.ts'
import { betweenMarks, type Finder, type Span } from './span.ts'

/** What a configuration says about redaction: `redaction` in `tocsin.yaml`. */
export interface OwnRuleSettings {
  /** Texts that stay though they were found, whole and exactly so; or an expression that fits the whole of what was found. */
  readonly allow: readonly (string | { readonly pattern: string })[]
  /** Kind → expression of what is taken out too. Where it has a group, only what the first group holds. */
  readonly patterns: Readonly<Record<string, string>>
}

/** Matches of one pattern in one text, after which the rest of the text is taken out as a whole. */
const matchesMax = 250

/**
 * Compiles what people said. Expressions are those of RE2 (https://github.com/google/re2/wiki/Syntax) and run in time that grows with the
 * text and no faster.
 *
 * @throws RangeError where an expression is wrong; the configuration was checked by `patternProblem`
 */
export function ownRules({ allow, patterns }: OwnRuleSettings): OwnRules {
  const texts = new Set(allow.filter((one) => typeof one === 'string'))
  const allowed = allow.flatMap((one) => (typeof one === 'string' ? [] : [compiled(one.pattern)]))
  return {
    finders: Object.entries(patterns).map(([kind, pattern]) => finderOf(kind, compiled(pattern))),
    isAllowed: (found) => texts.has(found) || allowed.some((pattern) => pattern.matches(found)),
  }
}

/** What is wrong with an expression, as a sentence; nothing where it can be used. */
export function patternProblem(source: string): string | undefined {
  try {
    return compiled(source).matcher('').find() ? `expected an expression that needs at least one character, found "${source}", which fits everywhere` : undefined
  } catch (wrong) {
    if (!(wrong instanceof RangeError)) throw wrong
    return wrong.message
  }
}

function compiled(source: string): RE2JS {
  try {
    return RE2JS.compile(source)
  } catch (wrong) {
    if (!(wrong instanceof RE2JSException)) throw wrong
    const why = wrong.message.replace(/^error parsing regexp: /, '')
    const hint = /\(\?[=!<]|escape sequence: `\\\d/.test(why) ? '; look-around and back-references have no place in expressions that must not slow down' : ''
    throw new RangeError(`expected a regular expression of RE2, found "${source}": ${why}${hint}`, { cause: wrong })
  }
}

function finderOf(kind: string, pattern: RE2JS): Finder {
  return (text) => {
    const spans: Span[] = []
    let count = 0
    for (const piece of betweenMarks(text)) {
      const matcher = pattern.matcher(text.slice(piece.start, piece.end))
      const group = matcher.groupCount() > 0 ? 1 : 0
      for (; matcher.find(); count++) {
        if (count === matchesMax) return [...spans, { start: piece.start + matcher.start(), end: text.length, kind }]
        const [start, end] = [matcher.start(group), matcher.end(group)]
        if (start >= 0 && end > start) spans.push({ start: piece.start + start, end: piece.start + end, kind })
      }
    }
    return spans
  }
}
