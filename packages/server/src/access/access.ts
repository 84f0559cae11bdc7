import type { Chance, Clock } from 'tocsin/engine'
import type { Database } from '../stores/database.ts'
import { createAccounts, type Accounts } from './accounts.ts'
import { createAuth, type Auth } from './auth.ts'
import { createPasswordResets, type PasswordResets } from './password-reset.ts'
import { createPeople, type People } from './people.ts'
import { RefusedKeys } from './refused-keys.ts'
import { RateLimit, rates } from './rate-limit.ts'

/** Who may come in: what the routes of this room work with. */
export interface Access {
  readonly auth: Auth
  readonly people: People
  readonly accounts: Accounts
  readonly resets: PasswordResets
  readonly limits: Readonly<Record<keyof typeof rates, RateLimit>>
  /** Addresses from which the owner of an account has logged in since the start. */
  readonly homes: Homes
  /** Keys that were turned away lately. */
  readonly refusedKeys: RefusedKeys
  /** Over TLS, here or at a proxy. */
  readonly secure: boolean
  /** By which codes are hashed that prove an address: whoever reads the database alone cannot try them all out. */
  readonly addressSecret: () => Uint8Array
  /** Origins whose pages may ask with a key. */
  readonly allowedOrigins: readonly string[]
}

export interface AccessSettings {
  readonly database: Database
  readonly clock: Clock
  readonly chance: Chance
  /** Signs the cookies of sessions. */
  readonly secret: string
  readonly secure: boolean
  readonly addressSecret: () => Uint8Array
  /** @default none */
  readonly allowedOrigins?: readonly string[]
}

export function createAccess({ database, clock, chance, secret, secure, addressSecret, allowedOrigins = [] }: AccessSettings): Access {
  const auth = createAuth({ database, secret, secure })
  const people = createPeople({ db: database.db, clock, auth })
  // Reason for the cast: fromEntries forgets which names there were.
  const limits = Object.fromEntries(Object.entries(rates).map(([name, rate]) => [name, new RateLimit(rate, clock)])) as Access['limits']
  return { auth, people, accounts: createAccounts({ db: database.db, clock, chance, people }), resets: createPasswordResets({ db: database.db, clock, chance, people }), limits, homes: new Homes(), refusedKeys: new RefusedKeys(clock), secure, addressSecret, allowedOrigins }
}

const homesMax = 20_000

/** From where people log in: who guesses somebody's password from elsewhere does not keep them out. */
export class Homes {
  // Bounded by leaving out the oldest, who then count as anybody.
  readonly #known = new Set<string>()

  add(account: string, address: string): void {
    const home = `${account} ${address}`
    this.#known.delete(home)
    this.#known.add(home)
    if (this.#known.size <= homesMax) return
    for (const oldest of this.#known) {
      this.#known.delete(oldest)
      return
    }
  }

  has(account: string, address: string): boolean {
    return this.#known.has(`${account} ${address}`)
  }
}
