import type { Clock } from 'tocsin/engine'
import { BoundedMap } from './bounded-map.ts'

/** Why a key was turned away. */
export const refusedKeyStates = ['revoked', 'expired', 'wrong-scope', 'unknown'] as const
export type RefusedKeyState = (typeof refusedKeyStates)[number]

export interface RefusedKey {
  readonly atMs: number
  readonly state: RefusedKeyState
  /** Its last four signs; absent where there was too little of it. */
  readonly last4?: string
}

const keptMax = 20
const projectsMax = 1_000
/** Of less, four signs would give away too much. */
const telling = 20

/**
 * Keys that were turned away by this node lately: who sets up an agent sees why nothing arrives. Nothing of them is kept but the last four
 * signs.
 */
export class RefusedKeys {
  readonly #clock: Clock
  readonly #byProject = new BoundedMap<string, RefusedKey[]>(projectsMax)
  /** Of no project that is known. */
  readonly #unknown: RefusedKey[] = []

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** @param project whose it is; absent: nobody's, or of all */
  note(key: string, state: RefusedKeyState, project?: string): void {
    const list = project === undefined ? this.#unknown : (this.#byProject.get(project) ?? [])
    list.unshift({ atMs: this.#clock.nowMs(), state, ...(key.length >= telling && { last4: key.slice(-4) }) })
    list.length = Math.min(list.length, keptMax)
    if (project !== undefined) this.#byProject.set(project, list)
  }

  /** Of this project, and of none that is known, newest first. */
  of(project: string): readonly RefusedKey[] {
    return [...(this.#byProject.get(project) ?? []), ...this.#unknown].toSorted((one, other) => other.atMs - one.atMs).slice(0, keptMax)
  }
}
