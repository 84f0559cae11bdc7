import { weekdays, type RotationConfig } from '../../model/attention-config.ts'
import { turnAt, type TurnRule } from '../../model/calendar.ts'
import type { Config } from '../../model/config.ts'

/** Who is on duty, and when that ends. */
export interface Duty {
  readonly person: string
  /** They stand in for somebody: `rotations.NAME.overrides`. */
  readonly isOverride: boolean
  /** Who comes next and when; absent: nobody else for as far as can be seen. */
  readonly next?: { readonly person: string; readonly atMs: number }
}

/**
 * Who of a rotation is on duty at an instant: of the overrides that cover it the last, else whose turn it is. An override holds from its beginning
 * up to its end, and moves nobody's turn.
 *
 * @example onDuty(config.rotations['on-call'], config, nowMs) // { person: 'dana', isOverride: false, next: { person: 'lee', atMs } }
 */
export function onDuty(rotation: RotationConfig, config: Pick<Config, 'defaults'>, atMs: number): Duty {
  const rule = ruleOf(rotation, config)
  const now = personAt(rotation, rule, atMs)
  let look = now
  // Each step ends at a hand-over or at an edge of an override; after so many the turns have come round with no override left.
  for (let steps = rotation.members.length + 2 * rotation.overrides.length + 1; steps > 0; steps -= 1) {
    const nextMs = look.untilMs
    look = personAt(rotation, rule, nextMs)
    if (look.person !== now.person) return { person: now.person, isOverride: now.isOverride, next: { person: look.person, atMs: nextMs } }
  }
  return { person: now.person, isOverride: now.isOverride }
}

/** The same person, of many asked one after the other: time goes on, so the last answer nearly always holds, and the calendar is not asked again. */
export function personOnDuty(rotation: RotationConfig, config: Pick<Config, 'defaults'>, atMs: number): string {
  const zone = config.defaults.timezone
  const kept = lastAsked.get(rotation)
  if (kept !== undefined && kept.zone === zone && atMs >= kept.fromMs && atMs < kept.untilMs) return kept.person
  const stretch = personAt(rotation, ruleOf(rotation, config), atMs)
  lastAsked.set(rotation, { ...stretch, zone })
  return stretch.person
}

/** By the rotation as it was read: with its configuration it goes. */
const lastAsked = new WeakMap<RotationConfig, Stretch & { readonly zone: string }>()

function ruleOf({ every, at, on, timezone, start }: RotationConfig, { defaults }: Pick<Config, 'defaults'>): TurnRule {
  return { every, at, dayOfWeek: weekdays.indexOf(on) + 1, timezone: timezone ?? defaults.timezone, start }
}

interface Stretch {
  readonly person: string
  /** Since then nothing changed. */
  readonly fromMs: number
  readonly isOverride: boolean
  /** Until then nothing changes; then somebody else may be on duty, or the same. */
  readonly untilMs: number
}

function personAt({ members, overrides }: RotationConfig, rule: TurnRule, atMs: number): Stretch {
  const { number, startMs, endMs } = turnAt(rule, atMs)
  const edges = overrides.flatMap(({ from, until }) => [from, until])
  const fromMs = Math.max(startMs, ...edges.filter((edge) => edge <= atMs))
  const untilMs = Math.min(endMs, ...edges.filter((edge) => edge > atMs))
  const override = overrides.findLast(({ from, until }) => from <= atMs && atMs < until)
  if (override !== undefined) return { person: override.person, isOverride: true, fromMs, untilMs }
  // Turns before the start go round, too: the remainder of a negative number is negative.
  const place = ((number % members.length) + members.length) % members.length
  return { person: members[place] ?? '', isOverride: false, fromMs, untilMs }
}
