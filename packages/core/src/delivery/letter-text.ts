import type { Translator } from '../locales/catalogue.ts'
import { sayFrame, type Letter } from './letter.ts'
import { sectionText } from './report-text.ts'
import { cutText, shorten } from './shorten.ts'

/** The letter as plain text, of blocks with an empty line between them. */
function letterText(letter: Letter, translator: Translator, isHeadingShown: boolean): string {
  const blocks: (readonly string[])[] = [
    isHeadingShown ? [letter.heading] : [],
    [...letter.lines, ...letter.quotes],
    letter.facts.map((fact) => sayFrame(translator, 'factLine', fact) ?? ''),
    ...(letter.sections ?? []).map(sectionText),
    [...letter.items.map((item) => itemLine(item, translator)), ...(letter.moreItems === undefined ? [] : [letter.moreItems])],
    letter.notes,
    [...letter.links.map(({ line }) => line), ...(letter.why === undefined ? [] : [letter.why])],
  ]
  return blocks
    .filter((block) => block.length > 0)
    .map((block) => block.join('\n'))
    .join('\n\n')
}

export function itemLine(item: Letter['items'][number], translator: Translator): string {
  return sayFrame(translator, 'batchItem', item.time === '' ? { title: item.title } : { time: item.time, title: item.title }) ?? item.title
}

/**
 * The letter within `charsMax` characters of text: first items are left out from the end, and counted; then the longest
 * pieces are cut, with a note of how much. What is cut here is cut from the HTML as well.
 *
 * @param unlisted alerts that stand in none of its items
 */
export function fitLetter(letter: Letter, translator: Translator, charsMax: number, unlisted: number, isHeadingShown: boolean): Fitted {
  const textOf = (candidate: Letter): string => letterText(candidate, translator, isHeadingShown)
  let fitted = letter
  let text = textOf(letter)
  if (text.length <= charsMax) return { letter, text }
  // Tables go from the end: what matters most stands first.
  for (let count = (letter.sections?.length ?? 0) - 1; count >= 0 && text.length > charsMax; count -= 1) {
    fitted = { ...letter, sections: letter.sections?.slice(0, count) ?? [] }
    text = textOf(fitted)
  }
  if (letter.items.length > 0) {
    let low = 0
    let high = letter.items.length - 1
    while (low < high) {
      const middle = Math.ceil((low + high) / 2)
      if (textOf(withItems(letter, middle, unlisted, translator)).length <= charsMax) low = middle
      else high = middle - 1
    }
    fitted = withItems(letter, low, unlisted, translator)
    text = textOf(fitted)
  }
  for (let round = 0; round < cutRoundsMax && text.length > charsMax; round += 1) {
    fitted = cutLongest(fitted, text.length - charsMax, translator)
    text = textOf(fitted)
  }
  return { letter: fitted, text }
}

/** A letter and its plain text, which may still be too long where it has nothing more to cut. */
export interface Fitted {
  readonly letter: Letter
  readonly text: string
}

/** A letter has at most a body, a few sentences and a quotation that can be long. */
const cutRoundsMax = 4
/** No piece is cut below this many characters, the note included. */
const pieceCharsMin = 40

function withItems(letter: Letter, count: number, unlisted: number, translator: Translator): Letter {
  const moreItems = sayFrame(translator, 'moreItems', { count: letter.items.slice(count).reduce((sum, { alerts }) => sum + alerts, unlisted) }) ?? ''
  return { ...letter, items: letter.items.slice(0, count), moreItems }
}

function cutLongest(letter: Letter, over: number, translator: Translator): Letter {
  const pieces = [...letter.lines, ...letter.quotes]
  const longest = pieces.reduce((best, piece, index) => (piece.length > (pieces[best]?.length ?? 0) ? index : best), 0)
  const cut = (piece: string, index: number): string => (index === longest ? cutWithNote(piece, over, translator) : piece)
  return { ...letter, lines: letter.lines.map(cut), quotes: letter.quotes.map((piece, index) => cut(piece, letter.lines.length + index)) }
}

export function cutWithNote(piece: string, over: number, translator: Translator): string {
  const noteOf = (count: number): string => `… ${sayFrame(translator, 'cut', { count }) ?? ''}`
  const room = Math.max(pieceCharsMin, piece.length - over) - noteOf(piece.length).length
  const kept = cutText(piece, Math.max(0, room))
  const cut = kept + noteOf(piece.length - kept.length)
  return cut.length < piece.length ? cut : shorten(piece, Math.max(0, piece.length - over), '…')
}
