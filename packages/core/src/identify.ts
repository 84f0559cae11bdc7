import { systemChance } from './model/chance.ts'
import { backgroundClock } from './model/clock.ts'
import type { EventInput } from './model/event.ts'

/**
 * Gives each event its identity before it leaves this thread, so that giving it again after a crash changes nothing: a prefix that
 * is this client's alone, and a number.
 */
export function identify(): (event: EventInput) => EventInput & { readonly id: string } {
  const prefix = `${systemChance.id()}${systemChance.id()}`
  let last = 0
  return (event) => {
    last += 1
    return { ...event, id: event.id ?? `${prefix}:${last.toString(36)}`, atMs: event.atMs ?? backgroundClock.nowMs() }
  }
}
