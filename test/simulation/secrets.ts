import type { Dice } from './dice.ts'

/** A secret as it stands in some text, and the part of it that must never be seen outside. */
export interface PlantedSecret {
  readonly text: string
  readonly secret: string
}

/** Kinds of secret that come up in what agents say. */
const kinds: readonly ((dice: Dice) => PlantedSecret)[] = [
  (dice) => about(`sk-proj-${dice.text(32)}7`, (key) => `Incorrect API key provided: ${key}`),
  (dice) => about(`sk-ant-api03-${dice.text(40)}`, (key) => `401 for ${key}, see the console`),
  (dice) => about(`ghp_${dice.text(36)}`, (key) => `remote refused ${key}`),
  (dice) => about(`${dice.text(10)}9`, (password) => `connect failed: postgres://app:${password}@db.internal:5432/app`),
  (dice) => about(`${dice.text(28)}4`, (token) => `Authorization: Bearer ${token}`),
  (dice) => about(`${dice.text(12)}8`, (password) => `login failed, password=${password}`),
  (dice) => about(cardNumber(dice), (card) => `charge declined for card ${card}`),
  (dice) => {
    const signature = dice.text(43)
    return { secret: signature, text: `token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.${signature} has expired` }
  },
]

export function plantedSecret(dice: Dice): PlantedSecret {
  return dice.one(kinds)(dice)
}

function about(secret: string, text: (secret: string) => string): PlantedSecret {
  return { secret, text: text(secret) }
}

/** Sixteen digits that a bank could have given out: the last makes the sum right (ISO/IEC 7812-1). */
function cardNumber(dice: Dice): string {
  const digits = `4${dice.text(14, '0123456789')}`
  const sum = digits.split('').reverse().reduce((total, digit, index) => {
    const value = Number(digit) * (index % 2 === 0 ? 2 : 1)
    return total + (value > 9 ? value - 9 : value)
  }, 0)
  return `${digits}${(10 - (sum % 10)) % 10}`
}
