/**
 * What a text message costs: the segments it is cut into on the air (3GPP TS 23.038 and 23.040). A text within the
 * GSM-7 alphabet has 160 septets in one segment or 153 in each of several; one character outside it makes the whole
 * text UCS-2, with 70 or 67 code units. A character of two units (an escape, a surrogate pair) is never split over two
 * segments, so a segment may end one unit early.
 */
const gsmBasic = new Set(
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà',
)
/** Sent behind an escape, so each costs two septets. */
const gsmExtended = new Set('\f^{}\\[~]|€')

const sizes = { 'GSM-7': { single: 160, multi: 153 }, 'UCS-2': { single: 70, multi: 67 } } as const

export interface Segments {
  readonly encoding: 'GSM-7' | 'UCS-2'
  /** 0 for an empty text. */
  readonly count: number
}

/**
 * @example
 * segmentsOf('Tocsin HIGH: refund-bot failed') // { encoding: 'GSM-7', count: 1 }
 */
export function segmentsOf(text: string): Segments {
  const characters = Array.from(text)
  const isGsm = characters.every((character) => gsmBasic.has(character) || gsmExtended.has(character))
  const encoding = isGsm ? 'GSM-7' : 'UCS-2'
  const units = characters.map((character) => (isGsm ? (gsmExtended.has(character) ? 2 : 1) : character.length))
  return { encoding, count: countSegments(units, sizes[encoding]) }
}

function countSegments(units: readonly number[], size: { readonly single: number; readonly multi: number }): number {
  const total = units.reduce((sum, unit) => sum + unit, 0)
  if (total <= size.single) return total === 0 ? 0 : 1
  let count = 1
  let used = 0
  for (const unit of units) {
    if (used + unit > size.multi) {
      count += 1
      used = 0
    }
    used += unit
  }
  return count
}

const plain: Readonly<Record<string, string>> = {
  '“': '"', '”': '"', '„': '"', '‟': '"', '«': '"', '»': '"', '‘': "'", '’': "'", '‚': "'", '‛': "'", '′': "'", '″': '"', '`': "'", '´': "'",
  '…': '...', '–': '-', '—': '-', '―': '-', '−': '-', '‐': '-', '‑': '-', '\u00a0': ' ', '\u2009': ' ', '\u202f': ' ', '\u3000': ' ', '•': '-', '·': '-', '×': 'x', '→': '->',
}
const typographic = new RegExp(`[${Object.keys(plain).join('')}]`, 'g')

/**
 * The text as it goes on the air: curly quotes, dashes, ellipses and unusual spaces become those of GSM-7 where that saves a
 * segment, and only there.
 *
 * @example onTheAir(`“${'a'.repeat(100)}”`) // in straight quotes: one segment instead of two
 */
export function onTheAir(text: string): string {
  const { encoding, count } = segmentsOf(text)
  if (encoding === 'GSM-7') return text
  const straight = text.replace(typographic, (sign) => plain[sign] ?? sign)
  return straight !== text && segmentsOf(straight).count < count ? straight : text
}
