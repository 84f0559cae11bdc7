/**
 * Patterns are matched by a machine that backtracks: `(a+)+$` can take longer than the universe on thirty characters. CEL
 * means RE2, which cannot; here a pattern is refused that repeats what itself repeats or chooses, or repeats without bound
 * more than once. What is left takes at most the square of a text of 2,000 characters.
 */
export function problemOfPattern(pattern: string): string | undefined {
  try {
    void new RegExp(pattern)
  } catch (malformed) {
    if (malformed instanceof SyntaxError) return `expected a regular expression, found "${pattern}": ${malformed.message.replace(/^Invalid regular expression: /, '')}`
    throw malformed
  }
  if (/\\[1-9k]|\(\?(?:[=!]|<[=!])/.test(pattern)) return `expected a pattern without references and look-around, found "${pattern}"`
  return problemOfRepeats(pattern)
}

/** Choices that bounded repeats such as `{2,40}` and `?` may come to together. */
const choicesMax = 10_000
const repeat = /^(?:([*+])|\{(\d+)(,)?(\d*)\}|(\?))[?+]?/

interface Group {
  /** Whether something in it repeats or chooses. */
  isLoose: boolean
}

function problemOfRepeats(pattern: string): string | undefined {
  const open: Group[] = [{ isLoose: false }]
  let closed: Group | undefined
  let unbounded = 0
  let choices = 1
  for (let at = 0; at < pattern.length; ) {
    const here = open.at(-1) ?? { isLoose: false }
    const [text = '', star, least, comma, most, maybe] = repeat.exec(pattern.slice(at)) ?? []
    if (text !== '') {
      const isEndless = star !== undefined || (comma !== undefined && most === '')
      if (closed?.isLoose === true && maybe === undefined) return `expected a pattern that repeats nothing that itself repeats or chooses, found "${pattern}"`
      if (isEndless) unbounded += 1
      else choices *= maybe === undefined ? Math.max(1, Number(most === '' || most === undefined ? least : most) - Number(least) + 1) : 2
      here.isLoose = true
      closed = undefined
      at += text.length
      continue
    }
    closed = undefined
    const sign = pattern[at]
    if (sign === '(') {
      open.push({ isLoose: false })
      at += /^\((?:\?(?:<[A-Za-z]\w*>|[a-z-]*:))?/.exec(pattern.slice(at))?.[0].length ?? 1
      continue
    }
    if (sign === ')') {
      closed = open.pop()
      const outer = open.at(-1)
      if (outer !== undefined && closed?.isLoose === true) outer.isLoose = true
    }
    if (sign === '|') here.isLoose = true
    at += lengthOfOne(pattern, at)
  }
  if (unbounded > 1) return `expected a pattern with at most one of *, + and {n,}, found "${pattern}"; several conditions joined by && do the same`
  return choices > choicesMax ? `expected a pattern with fewer choices, found "${pattern}"` : undefined
}

/** Characters of what stands here: a class in brackets, an escaped sign, or one sign. */
function lengthOfOne(pattern: string, at: number): number {
  if (pattern[at] === '\\') return 2
  if (pattern[at] !== '[') return 1
  return /^\[(?:\\.|[^\]\\])*\]/.exec(pattern.slice(at))?.[0].length ?? 1
}
