import { seededChance } from '../../packages/core/src/model/chance.ts'
import type { Chance } from '../../packages/core/src/model/chance.ts'

/** Draws from one seeded sequence. Each part of a world has its own, so that one draw more here changes nothing there. */
export class Dice {
  readonly chance: Chance

  constructor(seed: number, part: string) {
    let mixed = seed >>> 0
    for (const letter of part) mixed = Math.imul(mixed ^ letter.charCodeAt(0), 0x01000193) >>> 0
    this.chance = seededChance(Math.imul(mixed, 0x9e3779b1) >>> 0)
  }

  /** Whether something that happens in `share` of all cases happens now. */
  hits(share: number): boolean {
    return this.chance.next() < share
  }

  /** A whole number from `from` to `to`, both included. */
  between(from: number, to: number): number {
    return from + Math.floor(this.chance.next() * (to - from + 1))
  }

  one<T>(of: readonly T[]): T {
    const picked = of[Math.floor(this.chance.next() * of.length)]
    if (picked === undefined) throw new RangeError('expected something to choose from')
    return picked
  }

  /** One of the names, each as often as its weight says. */
  weighted<Name extends string>(weights: Readonly<Record<Name, number>>): Name {
    const entries = Object.entries(weights) as [Name, number][] // Object.entries forgets the names of the keys
    let left = this.chance.next() * entries.reduce((sum, [, weight]) => sum + weight, 0)
    for (const [name, weight] of entries) {
      left -= weight
      if (left < 0) return name
    }
    throw new RangeError('expected weights above 0')
  }

  /** So many characters of an alphabet. */
  text(length: number, alphabet = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789'): string {
    return Array.from({ length }, () => alphabet[Math.floor(this.chance.next() * alphabet.length)]).join('')
  }
}
