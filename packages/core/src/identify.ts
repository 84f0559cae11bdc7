import { systemChance } from './model/chance.ts'
import { backgroundClock } from './model/clock.ts'
import type { EventInput } from './model/event.ts'

/** Gives an event its identity at once, where somebody asks for it; the others get theirs at the hand-over, where it costs less. */
export function identify(): (event: EventInput) => EventInput & { readonly id: string } {
  let prefix = ''
  let last = 0
  return (event) => {
    prefix ||= systemChance.id() + systemChance.id()
    last += 1
    return { ...event, id: event.id ?? `${prefix}:${last.toString(36)}`, atMs: event.atMs ?? backgroundClock.nowMs() }
  }
}
