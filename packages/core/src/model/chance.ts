/** Chance is handed in, like time: a seeded world can be replayed. */
export interface Chance {
  /** A number from 0 (included) to 1 (excluded). */
  next(): number
  /** An identifier of 16 hexadecimal digits, unlike any other. */
  id(): string
}

/** The machine's randomness. */
export const systemChance: Chance = {
  next: () => Math.random(),
  // Loaded at the first id: importing it takes longer than importing everything else that an agent needs of us.
  id: () => process.getBuiltinModule('node:crypto').randomBytes(8).toString('hex'),
}

/**
 * The same sequence for the same seed (mulberry32 by Tommy Ettinger, public domain method).
 *
 * @param seed a whole number; only its lowest 32 bits count
 */
export function seededChance(seed: number): Chance {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
  const word = (): string => Math.floor(next() * 2 ** 32).toString(16).padStart(8, '0')
  return { next, id: () => word() + word() }
}
