import type { AlertAction } from '../../packages/core/src/model/attention.ts'
import type { ConfigInput } from '../../packages/core/src/model/config.ts'
import type { Dice } from './dice.ts'

/** What is not told for a while; its alerts are of one kind, so that the checks need no conditions. */
export interface WorldSilence {
  readonly name: string
  readonly kind: string
  /** Wall time. */
  readonly fromMs: number
  readonly untilMs: number
}

/** Somebody does something about what is open then. */
export interface WorldAct {
  /** Elapsed time. */
  readonly atMs: number
  readonly action: AlertAction
  /** Which of those that are open, as a share of them. */
  readonly pick: number
  readonly by: string
  /** Of a snooze. */
  readonly forMs: number
}

/** What people of a world decided about what they are told. */
export interface WorldAttention {
  /** Messages to one person on one channel that are not critical, and critical ones beside; absent: no limit. */
  readonly limits?: { readonly perHour: number; readonly criticalPerHour: number }
  readonly silences: readonly WorldSilence[]
  readonly acts: readonly WorldAct[]
  /** The whole of it as configuration. */
  readonly input: Pick<ConfigInput, 'teams' | 'rotations' | 'limits' | 'storm' | 'flapping' | 'silences'>
  /** In place of what the route at this place says. */
  readonly route: (index: number) => Partial<NonNullable<ConfigInput['routes']>[number]>
}

/** A world in which nobody decided anything: what they are told is what the routes say. */
export const noAttention: WorldAttention = { silences: [], acts: [], input: { limits: false, storm: false, flapping: false }, route: () => ({}) }

const kinds = ['session', 'model', 'tool', 'cost']

/** Groups, digests, limits, storms, silences, people who act, and people who are asked when nobody does. */
export function drawAttention(dice: Dice, startWallMs: number, activeMs: number): WorldAttention {
  const limits = dice.hits(0.6) ? { perHour: dice.between(3, 8), criticalPerHour: dice.between(2, 6) } : undefined
  const silences = Array.from({ length: dice.hits(0.6) ? dice.between(1, 2) : 0 }, (_, index): WorldSilence => {
    const fromMs = startWallMs + dice.between(0, activeMs)
    return { name: `quiet-${index}`, kind: dice.one(kinds), fromMs, untilMs: fromMs + dice.between(5_000, 200_000) }
  })
  const acts = Array.from({ length: dice.between(0, 8) }, (): WorldAct => ({
    atMs: dice.between(0, activeMs + 60_000),
    action: dice.one(['acknowledge', 'acknowledge', 'snooze', 'resolve', 'expected', 'unacknowledge'] as const),
    pick: dice.chance.next(),
    by: dice.one(['dana', 'kim']),
    forMs: dice.one([300_000, 600_000]),
  }))
  const routes = Array.from({ length: 4 }, () => drawRoute(dice))
  return {
    ...(limits !== undefined && { limits }),
    silences,
    acts,
    input: {
      teams: { both: ['lee', 'kim'] },
      rotations: { duty: { members: ['kim', 'dana'], every: 'day', at: dice.one(['00:00', '09:00', '23:30']), timezone: 'Europe/Berlin', start: '2026-03-01' } },
      limits: limits === undefined ? false : { perHour: limits.perHour, perDay: 10 * limits.perHour, critical: { perHour: limits.criticalPerHour, perDay: 10 * limits.criticalPerHour } },
      storm: dice.hits(0.6) ? { count: dice.between(2, 5), within: '20s', every: dice.one(['10s', '30s']), everyMost: dice.one(['1m', '10m']) } : false,
      flapping: dice.hits(0.6) ? { count: dice.between(2, 3), within: dice.one(['5m', '30m']) } : false,
      silences: silences.map(({ name, kind, fromMs, untilMs }) => ({ name, match: `alert.kind == '${kind}'`, from: new Date(fromMs).toISOString(), until: new Date(untilMs).toISOString(), author: 'dana', comment: 'as planned' })),
    },
    route: (index) => routes[index % routes.length] ?? {},
  }
}

function drawRoute(dice: Dice): Partial<NonNullable<ConfigInput['routes']>[number]> {
  const told = dice.weighted({ asIs: 3, grouped: 4, hourly: 1, daily: 1 })
  return {
    ...(told === 'grouped' && { digest: undefined, groupBy: dice.one([['agent'], ['kind', 'rule'], ['severity']]), groupWait: dice.one(['0s', '5s', '30s']), groupInterval: dice.one(['10s', '1m', '5m']) }),
    ...(told === 'hourly' && { digest: 'hourly' as const }),
    ...(told === 'daily' && { digest: { daily: dice.one(['02:30', '09:00', '00:00']) } }),
    ...(dice.hits(0.3) && { repeatInterval: dice.one(['30m', '1h']) }),
    ...(dice.hits(0.4) && { escalate: [{ after: dice.one(['10s', '1m']), to: [dice.one(['rotation:duty', 'team:both', 'dana'])] }, ...(dice.hits(0.5) ? [{ after: '30s', to: ['dana'] }] : [])] }),
  }
}
