import type { Catalogue } from './shape.ts'

type Numbers = Catalogue['numbers']

/**
 * Dollars as text, whole ones without cents and less than a cent with two digits that count; without the currency formatter of Intl, which rounds $0.0042 to nothing and costs 2 µs.
 *
 * @example moneyText(1234.5, en.numbers) // '$1,234.50'
 */
export function moneyText(usd: number, numbers: Numbers): string {
  const amount = Math.abs(usd)
  const [before, behind] = numbers.dollars
  const show = (digits: string, less = ''): string => `${usd < 0 ? '-' : ''}${less}${before}${digits}${behind}`
  if (amount === 0 || amount >= 0.00995) {
    const [whole = '0', cents = '00'] = amount.toFixed(2).split('.')
    const grouped = whole.replace(/\B(?=(\d{3})+$)/g, numbers.group)
    return show(cents === '00' ? grouped : `${grouped}${numbers.decimal}${cents}`)
  }
  const digits = Math.min(9, Math.ceil(-Math.log10(amount)) + 1)
  const text = amount.toFixed(digits).replace(/0+$/, '')
  return text === '0.' ? show(inDecimals('0.000000001', numbers), '<') : show(inDecimals(text, numbers))
}

/** 80 is `80%`, 82.46 is `82.5%`. */
export function percentText(percent: number, numbers: Numbers): string {
  const [before, behind] = numbers.percent
  return `${before}${inDecimals(String(Math.round(percent * 10) / 10), numbers)}${behind}`
}

/** `1.9` with the reader's decimal sign. */
export function inDecimals(digits: string, { decimal }: Numbers): string {
  return decimal === '.' ? digits : digits.replace('.', decimal)
}

const unitSizes = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
] as const

type Unit = 'ms' | 's' | 'min' | 'h' | 'd'

/** A duration as its largest unit and what is left in the next: 185_000 is 3 min 5 s. Below 10 s with one decimal. */
export function durationPieces(durationMs: number): readonly { readonly count: number; readonly unit: Unit }[] {
  const ms = Math.max(0, Math.round(durationMs))
  if (ms < 1_000) return [{ count: ms, unit: 'ms' }]
  if (ms < 9_950) return [{ count: Math.round(ms / 100) / 10, unit: 's' }]
  const whole = Math.round(ms / 1_000) * 1_000
  const index = unitSizes.findIndex(([, size]) => whole >= size)
  const [unit, size] = unitSizes[index] ?? ['s', 1_000]
  const pieces: { count: number; unit: Unit }[] = [{ count: Math.floor(whole / size), unit }]
  const next = unitSizes[index + 1]
  const rest = next === undefined ? 0 : Math.floor((whole % size) / next[1])
  if (next !== undefined && rest > 0) pieces.push({ count: rest, unit: next[0] })
  return pieces
}
