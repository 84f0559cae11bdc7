import { Expression } from './expression.ts'

/**
 * What follows the prefix of a key, matched by hand where it is a run of characters of one class, as nearly all are: a hundred expressions cost
 * more to compile than they ever save, and a run that was read once is known for every prefix inside it, so that a text of nothing but
 * prefixes stays linear.
 */
export interface KeyBody {
  /** Where the body ends that begins at `start`; undefined where none does. */
  endOf(text: string, start: number): number | undefined
}

/** One text is searched at a time; what was read of the one before counts no more. */
let searchedNow = 0

/** To be called before a text is searched. */
export function forgetRuns(): void {
  searchedNow++
}

/** Runs of one class in the text that is searched now. */
class Runs {
  readonly #isIn: Uint8Array
  #searched = -1
  #from = 0
  #to = 0

  constructor(source: string) {
    this.#isIn = classOf(source)
  }

  hasAt(text: string, index: number): boolean {
    if (index >= text.length) return false
    const code = text.charCodeAt(index)
    return code < 128 && this.#isIn[code] === 1
  }

  /** Where the run ends that goes on at `start`. */
  endAt(text: string, start: number): number {
    if (this.#searched === searchedNow && start >= this.#from && start < this.#to) return this.#to
    let end = start
    const isIn = this.#isIn
    for (; end < text.length; end++) {
      const code = text.charCodeAt(end)
      if (code >= 128 || isIn[code] !== 1) break
    }
    this.#searched = searchedNow
    this.#from = start
    this.#to = end
    return end
  }
}

const runs = new Map<string, Runs>()

function runsOf(source: string): Runs {
  const known = runs.get(source) ?? new Runs(source)
  runs.set(source, known)
  return known
}

/** `[\w+/-]` → for each code of ASCII whether it is in. */
function classOf(source: string): Uint8Array {
  const isIn = new Uint8Array(128)
  const inside = source.startsWith('[') ? source.slice(1, -1) : source
  for (const [, wide, first = '', last = first] of inside.replaceAll(String.raw`\w`, 'A-Za-z0-9_').matchAll(/(\\d)|([^\\])(?:-([^\]]))?/g)) {
    const [from, to] = wide === undefined ? [first, last] : ['0', '9']
    for (let code = from.charCodeAt(0); code <= to.charCodeAt(0); code++) isIn[code] = 1
  }
  return isIn
}

const classSource = String.raw`\[[^\]]+\]|\\[wd]`
/** `(?=[a]{0,9}[b])[c]{16,32}={0,2}(?![d])` and the parts of it, by number. */
const runPattern = new Expression(
  String.raw`^(?:\(\?=(${classSource})\{0,(\d+)\}(${classSource})\))?(${classSource})\{(\d+)(,?)(\d*)\}(=\{0,2\})?(?:\(\?!(${classSource})\))?$`,
)

/** By their source: many shapes go on alike. */
const bodies = new Map<string, KeyBody>()

/** @param source of an expression */
export function keyBody(source: string): KeyBody {
  const known = bodies.get(source)
  if (known !== undefined) return known
  const parts = runPattern.first(source)
  const body = parts === null ? bodyByExpression(source) : bodyByRun(parts)
  bodies.set(source, body)
  return body
}

function bodyByRun([, lead, within, needed, run = '', min, open, max, padded, after]: readonly (string | undefined)[]): KeyBody {
  const body = runsOf(run)
  const [least, most] = [Number(min), open === '' ? Number(min) : max === '' ? Infinity : Number(max)]
  const need = lead === undefined || needed === undefined ? undefined : { lead: runsOf(lead), needed: runsOf(needed), within: Number(within) }
  const behind = after === undefined ? undefined : runsOf(after)
  return {
    endOf(text, start) {
      let end = Math.min(body.endAt(text, start), start + most)
      if (end - start < least) return undefined
      if (padded !== undefined) for (let count = 0; count < 2 && text.startsWith('=', end); count++) end++
      if (behind?.hasAt(text, end) === true) return undefined
      if (need === undefined) return end
      for (let index = start; index <= start + need.within; index++) {
        if (need.needed.hasAt(text, index)) return end
        if (!need.lead.hasAt(text, index)) return undefined
      }
      return undefined
    },
  }
}

function bodyByExpression(source: string): KeyBody {
  const pattern = new Expression(source, 'y')
  return { endOf: (text, start) => pattern.endAt(text, start) }
}
