import { eventBounds } from '../model/event.ts'
import type { AnswerFlaw } from '../model/event.ts'
import { secretMarginChars } from './read.ts'

/** What an answer shows of itself beside its text. */
export interface AnswerSigns {
  /** Characters of text, and of the arguments of the tools it asked for. 0: an empty answer. */
  readonly answerChars: number
  readonly flaw?: AnswerFlaw
  /** Where something is wrong with it, its beginning: content, to be redacted and cut at the door. */
  readonly excerpt?: string
}

const headCharsMax = eventBounds.textCharsMax + secretMarginChars
/** Longer JSON is not checked: parsing it would hold up the agent. */
const jsonCharsMax = 65_536
const tailCharsMax = 2_000
/** Shorter text is not searched for repetition. */
const repetitionCharsMin = 400
const repetitionsMin = 8
const toolsMax = 10

/**
 * Reads one answer, whole or piece by piece, for what can be wrong with it whatever it says: nothing in it, JSON that is
 * none, the same words over and over, a refusal that the provider marked. Keeps at most its beginning and its end, or
 * 64 kB where JSON was asked for. A piece costs an addition or two; the judging comes once, at the end.
 */
export class AnswerReader {
  readonly #isJson: boolean
  #chars = 0
  #head = ''
  #tail = ''
  #isRefused = false
  /** Arguments by the place of the tool call; absent where it is too long to be checked. */
  readonly #tools = new Map<number, string | undefined>()

  /** @param isJson the program asked for JSON as the whole answer */
  constructor(isJson = false) {
    this.#isJson = isJson
  }

  text(piece: unknown): void {
    if (typeof piece !== 'string' || piece === '') return
    this.#chars += piece.length
    const headMax = this.#isJson ? jsonCharsMax : headCharsMax
    if (this.#head.length < headMax) this.#head += piece.length > headMax ? copied(piece.slice(0, headMax)) : piece
    else this.#tail = piece.length >= tailCharsMax ? copied(piece.slice(-tailCharsMax)) : (this.#tail + piece).slice(-tailCharsMax)
  }

  /** A piece of the arguments of the tool call at this place; anything but a text is arguments that are parsed already. */
  tool(place: number, piece: unknown): void {
    if (this.#tools.size >= toolsMax && !this.#tools.has(place)) return
    if (typeof piece !== 'string') {
      this.#chars += 2
      this.#tools.set(place, undefined)
      return
    }
    this.#chars += piece.length
    const known = this.#tools.has(place) ? this.#tools.get(place) : ''
    const whole = known === undefined || known.length + piece.length > jsonCharsMax ? undefined : known + piece
    this.#tools.set(place, whole)
  }

  /** The provider says that this is a refusal. */
  refused(text: unknown): void {
    if (typeof text !== 'string' || text === '') return
    this.#isRefused = true
    this.text(text)
  }

  /** @param finishReason why it ended, in our words: what was cut off is not judged by its form */
  signs(finishReason: string | undefined): AnswerSigns {
    const flaw = this.#flaw(finishReason)
    const isOdd = flaw !== undefined || finishReason === 'length' || finishReason === 'content-filter'
    // The arguments of a call that cannot be read are what a person wants to see of it.
    const shown = flaw === 'malformed-tool-call' ? ([...this.#tools.values()].find((one) => one !== undefined && !isReadable(one)) ?? this.#head) : this.#head
    return { answerChars: this.#chars, ...(flaw !== undefined && { flaw }), ...(isOdd && shown !== '' && { excerpt: shown.slice(0, headCharsMax) }) }
  }

  #flaw(finishReason: string | undefined): AnswerFlaw | undefined {
    if (this.#isRefused) return 'refusal'
    if (finishReason === 'stopped-reading') return undefined
    if (finishReason !== 'length') {
      for (const whole of this.#tools.values()) if (whole !== undefined && whole.trim() !== '' && !isReadable(whole)) return 'malformed-tool-call'
      if (this.#isJson && this.#tools.size === 0 && this.#head.trim() !== '' && this.#chars <= jsonCharsMax && finishReason !== 'content-filter' && !isReadable(this.#head)) return 'malformed-json'
    }
    return this.#chars >= repetitionCharsMin && isRepetitive(`${this.#head.slice(-tailCharsMax)}${this.#tail}`.slice(-tailCharsMax)) ? 'repetition' : undefined
  }
}

/** A part of a long text that does not keep the whole of it in memory, as a slice does. */
function copied(part: string): string {
  return Buffer.from(part, 'utf16le').toString('utf16le')
}

function isReadable(json: string): boolean {
  try {
    JSON.parse(json)
    return true
  } catch (unreadable) {
    if (unreadable instanceof SyntaxError) return false
    throw unreadable
  }
}

/**
 * Whether a text ends in the same piece at least eight times in a row, over 400 characters or more; a row of one sign, such as
 * a line of dashes, is none. The period of each suffix comes from the prefix function of the reversed text (Knuth, Morris,
 * Pratt 1977): linear.
 */
export function isRepetitive(text: string): boolean {
  const { length } = text
  const at = (index: number): number => text.charCodeAt(length - 1 - index)
  const border = new Uint16Array(length)
  let k = 0
  for (let i = 1; i < length; i++) {
    while (k > 0 && at(i) !== at(k)) k = border[k - 1] ?? 0
    if (at(i) === at(k)) k += 1
    border[i] = k
    const period = i + 1 - k
    if (period > 1 && i + 1 >= repetitionCharsMin && i + 1 >= period * repetitionsMin && !isOneSign(text.slice(length - period))) return true
  }
  return false
}

function isOneSign(piece: string): boolean {
  const [first = ''] = piece
  return piece.replaceAll(first, '').trim() === ''
}
