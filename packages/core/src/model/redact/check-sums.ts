/** Check digits of numbers that states give to people. All take what is left when separators are taken out; none throws. */

/** Sum of digits, each by its weight; weights begin anew when they run out. */
function weighted(digits: string, weights: readonly number[]): number {
  let sum = 0
  for (let index = 0; index < digits.length; index++) sum += Number(digits.charAt(index)) * (weights[index % weights.length] ?? 0)
  return sum
}

/** ISO/IEC 7812-1: cards, and the Swedish personal number. */
export function passesLuhn(digits: string): boolean {
  let sum = 0
  for (let index = 0; index < digits.length; index++) {
    const value = Number(digits.charAt(digits.length - 1 - index)) * (index % 2 === 0 ? 1 : 2)
    sum += value > 9 ? value - 9 : value
  }
  return sum % 10 === 0
}

/** Whether two digits of a month and two of a day can be ones. Days may be written with 40 or 60 added (temporary numbers). */
export function isDate(month: string, day: string): boolean {
  const months = Number(month)
  const days = Number(day) % 20
  return months >= 1 && months <= 12 && Number(day) <= 91 && (days > 0 || Number(day) % 40 === 20) && Number(day) % 60 <= 31
}

/** United Kingdom, health: mod 11 with weights 10 to 2. */
export function isHealthService(digits: string): boolean {
  const check = (11 - (weighted(digits.slice(0, 9), [10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11)) % 11
  return check === Number(digits.charAt(9)) && new Set(digits).size > 1
}

/** Brazil, taxpayer: two check digits mod 11. */
export function isBrazilian(digits: string): boolean {
  const checkOf = (part: string): number => {
    const rest = weighted(part, Array.from(part, (_, index) => part.length + 1 - index)) % 11
    return rest < 2 ? 0 : 11 - rest
  }
  return new Set(digits).size > 1 && checkOf(digits.slice(0, 9)) === Number(digits.charAt(9)) && checkOf(digits.slice(0, 10)) === Number(digits.charAt(10))
}

/** Belgium, national register: 97 less the remainder; for births from 2000 on with a 2 before. */
export function isBelgian(digits: string): boolean {
  const check = Number(digits.slice(9))
  return isDate(digits.slice(2, 4), digits.slice(4, 6)) && ['', '2'].some((century) => 97 - (Number(century + digits.slice(0, 9)) % 97) === check)
}

/** France, social security: 97 less the remainder. */
export function isFrench(digits: string): boolean {
  const month = Number(digits.slice(3, 5))
  return ((month >= 1 && month <= 12) || month >= 20) && 97 - (Number(digits.slice(0, 13)) % 97) === Number(digits.slice(13))
}

/** Korea, resident registration. */
export function isKorean(digits: string): boolean {
  const check = (11 - (weighted(digits.slice(0, 12), [2, 3, 4, 5, 6, 7, 8, 9]) % 11)) % 10
  return isDate(digits.slice(2, 4), digits.slice(4, 6)) && /^[1-8]/.test(digits.slice(6)) && check === Number(digits.charAt(12))
}

/** Norway, birth number: two check digits mod 11. */
export function isNorwegian(digits: string): boolean {
  return (
    isDate(digits.slice(2, 4), digits.slice(0, 2)) &&
    weighted(digits.slice(0, 10), [3, 7, 6, 1, 8, 9, 4, 5, 2, 1]) % 11 === 0 &&
    weighted(digits, [5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1]) % 11 === 0
  )
}

/** Finland, personal identity code: the remainder by 31 names a sign. */
export function isFinnish(code: string): boolean {
  return isDate(code.slice(2, 4), code.slice(0, 2)) && '0123456789ABCDEFHJKLMNPRSTUVWXY'.charAt(Number(code.slice(0, 9)) % 31) === code.charAt(9)
}

/** Australia, business number: first digit less one, weights 10, 1, 3 … 19, by 89. */
export function isAustralianBusiness(digits: string): boolean {
  return (weighted(digits, [10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19]) - 10) % 89 === 0
}

/** Australia, Medicare: begins with 2 to 6, mod 10. */
export function isMedicare(digits: string): boolean {
  return /^[2-6]/.test(digits) && weighted(digits.slice(0, 8), [1, 3, 7, 9]) % 10 === Number(digits.charAt(8))
}

/** Spain: the remainder by 23 names a letter; X, Y and Z of foreigners count as 0, 1 and 2. */
export function isSpanish(code: string): boolean {
  const digits = code.slice(0, -1).replace(/^[XYZ]/, (letter) => String('XYZ'.indexOf(letter)))
  return 'TRWAGMYFPDXBNJZSQVHLCKE'.charAt(Number(digits) % 23) === code.at(-1)
}

/** Singapore: a series letter, seven digits, and the letter that their sum names. */
export function isSingaporean(code: string): boolean {
  const series = code.charAt(0)
  const offset = series === 'T' || series === 'G' ? 4 : series === 'M' ? 3 : 0
  const letters = series === 'S' || series === 'T' ? 'JZIHGFEDCBA' : series === 'M' ? 'XWUTRQPNJLK' : 'XWUTRQPNMLK'
  return letters.charAt((weighted(code.slice(1, 8), [2, 7, 6, 5, 4, 3, 2]) + offset) % 11) === code.charAt(8)
}

/** Values of the signs at odd places of the Italian fiscal code, `0` to `9` and `A` to `Z`; the digits count as the first ten letters. */
const oddValues = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23]

/** Italy, fiscal code. */
export function isItalian(code: string): boolean {
  let sum = 0
  for (let index = 0; index < 15; index++) {
    const sign = Number.parseInt(code.charAt(index), 36)
    const value = sign > 9 ? sign - 10 : sign
    sum += index % 2 === 0 ? (oddValues[value] ?? 0) : value
  }
  return String.fromCharCode(0x41 + (sum % 26)) === code.charAt(15)
}

/** Mexico, population register. */
export function isMexican(code: string): boolean {
  let sum = 0
  // The alphabet has an Ñ after N.
  for (let index = 0; index < 17; index++) sum += '0123456789ABCDEFGHIJKLMNÑOPQRSTUVWXYZ'.indexOf(code.charAt(index)) * (18 - index)
  return isDate(code.slice(6, 8), code.slice(8, 10)) && (10 - (sum % 10)) % 10 === Number(code.charAt(17))
}

/** China, resident identity: ISO 7064 mod 11-2 (GB 11643-1999). */
export function isResident(digits: string): boolean {
  let sum = 0
  for (let index = 0; index < 17; index++) sum += Number(digits.charAt(index)) * (2 ** (17 - index) % 11)
  return '10X98765432'.charAt(sum % 11) === digits.charAt(17).toUpperCase()
}

/** United States: social security, and taxpayer numbers (9xx with the groups 50–65, 70–88, 90–92, 94–99). */
export function isSocialSecurity(digits: string): boolean {
  const area = Number(digits.slice(0, 3))
  const group = Number(digits.slice(3, 5))
  const isTaxpayer = area >= 900 && ((group >= 50 && group <= 65) || (group >= 70 && group <= 88) || (group >= 90 && group !== 93))
  const isPerson = area > 0 && area < 900 && area !== 666 && group > 0
  return (isTaxpayer || isPerson) && !digits.endsWith('0000')
}
