import { spellAt } from '../model/calendar.ts'
import type { Spell } from '../model/calendar.ts'
import type { Config } from '../model/config.ts'

/** Quiet hours that hold now. */
export interface QuietSpell {
  readonly untilMs: number
  readonly zone: string
  readonly range: string
}

export interface QuietHours {
  /** Nothing where a person has no quiet hours or they do not hold; nothing for nobody in particular (an empty name). */
  at(person: string, atMs: number): QuietSpell | undefined
}

/** The quiet hours of everybody in the configuration, in their own time zone. */
export function createQuietHours(config: Config): QuietHours {
  // One spell for each person who has quiet hours: time goes on, so the last one nearly always holds.
  const spells = new Map<string, Spell>()
  return {
    at(person, atMs) {
      const settings = Object.hasOwn(config.people, person) ? config.people[person] : undefined
      if (settings?.quietHours === undefined) return undefined
      const zone = settings.timezone ?? config.defaults.timezone
      const kept = spells.get(person)
      const spell = kept !== undefined && atMs >= kept.startMs && atMs < kept.endMs ? kept : spellAt(settings.quietHours, zone, atMs)
      if (spell !== kept) spells.set(person, spell)
      return spell.isQuiet ? { untilMs: spell.endMs, zone, range: settings.quietHours } : undefined
    },
  }
}
