/**
 * What follows the prefix of a key, matched by hand where it is a run of characters of one class, as nearly all are: a hundred expressions cost
 * more to compile than they ever save, and a run that was read once is known for every prefix inside it, so that a text of nothing but
 * prefixes stays linear.
 */
export interface KeyBody {
  /** Where the body ends that begins at `start`; undefined where none does. */
  endOf(text: string, start: number): number | undefined
}

/** Runs of one class in the text that is searched now. */
class Runs {
  readonly #isIn: Uint8Array
  #text = ''
  #from = 0
  #to = 0

  constructor(source: string) {
    this.#isIn = classOf(source)
  }

  has(code: number): boolean {
    return this.#isIn[code] === 1
  }

  /** Where the run ends that goes on at `start`. */
  endAt(text: string, start: number): number {
    if (text === this.#text && start >= this.#from && start < this.#to) return this.#to
    let end = start
    while (this.has(text.charCodeAt(end))) end++
    if (this.#text === '') held.push(this)
    this.#text = text
    this.#from = start
    this.#to = end
    return end
  }

  /** The text is not held on to. */
  forget(): void {
    this.#text = ''
    this.#to = 0
  }
}

const runs = new Map<string, Runs>()

function runsOf(source: string): Runs {
  const known = runs.get(source) ?? new Runs(source)
  runs.set(source, known)
  return known
}

const held: Runs[] = []

/** To be called when a text was searched. */
export function forgetRuns(): void {
  for (const one of held) one.forget()
  held.length = 0
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
/** `(?=[a]{0,9}[b])[c]{16,32}={0,2}(?![d])` and the parts of it. */
const runPattern = new RegExp(
  String.raw`^(?:\(\?=(?<lead>${classSource})\{0,(?<within>\d+)\}(?<needed>${classSource})\))?(?<run>${classSource})\{(?<min>\d+)(?<open>,?)(?<max>\d*)\}(?<padded>=\{0,2\})?(?:\(\?!(?<after>${classSource})\))?$`,
)

/** @param source of an expression */
export function keyBody(source: string): KeyBody {
  const parts = runPattern.exec(source)?.groups
  return parts === undefined ? bodyByExpression(source) : bodyByRun(parts)
}

function bodyByRun(parts: Readonly<Record<string, string | undefined>>): KeyBody {
  const { lead, within, needed, run = '', min, open, max, padded, after } = parts
  const body = runsOf(run)
  const [least, most] = [Number(min), open === '' ? Number(min) : max === '' ? Infinity : Number(max)]
  const need = lead === undefined || needed === undefined ? undefined : { lead: runsOf(lead), needed: runsOf(needed), within: Number(within) }
  const behind = after === undefined ? undefined : runsOf(after)
  return {
    endOf(text, start) {
      let end = Math.min(body.endAt(text, start), start + most)
      if (end - start < least) return undefined
      if (padded !== undefined) for (let count = 0; count < 2 && text.charAt(end) === '='; count++) end++
      if (behind?.has(text.charCodeAt(end)) === true) return undefined
      if (need === undefined) return end
      for (let index = start; index <= start + need.within; index++) {
        if (need.needed.has(text.charCodeAt(index))) return end
        if (!need.lead.has(text.charCodeAt(index))) return undefined
      }
      return undefined
    },
  }
}

function bodyByExpression(source: string): KeyBody {
  const pattern = new RegExp(source, 'y')
  return {
    endOf(text, start) {
      pattern.lastIndex = start
      return pattern.test(text) ? pattern.lastIndex : undefined
    },
  }
}
