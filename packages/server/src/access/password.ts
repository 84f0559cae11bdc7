import { hash, verify } from '@node-rs/argon2'
import { TocsinError } from 'tocsin/engine'

/**
 * Argon2id as OWASP asks for: https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html
 * 19 MiB, two passes, one lane. The hash says by what it was made, so that stronger ones can stand beside it later.
 */
const argon2id = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const

/** Characters of a password. Longer texts would only keep the machine busy. */
export const passwordChars = { min: 12, max: 128 } as const

/** Each takes 19 MiB and a thread for some 30 ms. Threads are shared with everything else that the server does, so they never get all of them. */
const atOnceMax = 2
const waitingMax = 50

let running = 0
const waiting: (() => void)[] = []

export function hashPassword(password: string): Promise<string> {
  return inTurn(() => hash(normal(password), argon2id))
}

/** @returns whether it is the password; a hash that is none is the password of nobody */
export function verifyPassword({ hash: kept, password }: { readonly hash: string; readonly password: string }): Promise<boolean> {
  return inTurn(() => verify(kept, normal(password)).catch(() => false))
}

/** The same text, however a keyboard puts its accents together. */
function normal(password: string): string {
  return password.normalize('NFKC')
}

/** @throws TocsinError `store-busy` where too many wait already */
async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (running < atOnceMax) running += 1
  else {
    if (waiting.length >= waitingMax) throw new TocsinError('store-busy', `Expected at most ${waitingMax} passwords to be checked at once. Try again in a moment.`)
    // Whoever is done hands their place on.
    await new Promise<void>((resolve) => waiting.push(resolve))
  }
  try {
    return await work()
  } finally {
    const next = waiting.shift()
    if (next === undefined) running -= 1
    else next()
  }
}
