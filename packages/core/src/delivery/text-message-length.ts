/**
 * What a text message costs: GSM 03.38 holds 160 signs in one part, everything else is UCS-2 with 67 units in each of
 * several parts (3GPP TS 23.038 and 23.040).
 */
const basicSigns = '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà'
const basic = new Set(basicSigns)
/** Each costs two. */
const extended = new Set('\f^{}\\[~]|€')

export interface TextMessageLength {
  readonly alphabet: 'gsm-7' | 'ucs-2'
  /** Septets or UTF-16 units. */
  readonly units: number
}

export function textMessageLength(text: string): TextMessageLength {
  let septets = 0
  for (const sign of text) {
    if (basic.has(sign)) septets += 1
    else if (extended.has(sign)) septets += 2
    else return { alphabet: 'ucs-2', units: text.length }
  }
  return { alphabet: 'gsm-7', units: septets }
}

/** One part in GSM-7, two in UCS-2: what a short message aims at. */
export function fitsTextMessage(text: string): boolean {
  if (text.length <= 80) return true // no alphabet makes this more than two parts of UCS-2 or one of GSM-7
  const { alphabet, units } = textMessageLength(text)
  return units <= (alphabet === 'gsm-7' ? 160 : 134)
}

const typographic: Readonly<Record<string, string>> = {
  '“': '"', '”': '"', '„': '"', '‘': "'", '’': "'", '`': "'", '´': "'", '…': '...', '–': '-', '—': '-', '−': '-', '‑': '-', '\u00a0': ' ', '\u202f': ' ', '•': '-', '×': 'x', '→': '->',
}

/** Typographic signs in their GSM-7 form, so that one quotation mark does not halve the room. */
export function plainSigns(text: string): string {
  return text.replace(/[“”„‘’`´…–—−‑\u00a0\u202f•×→]/g, (sign) => typographic[sign] ?? sign)
}
