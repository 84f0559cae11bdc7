/** Who hears about problems, where somebody begins. */
export const audiences = ['me', 'team', 'on-call'] as const
export type Audience = (typeof audiences)[number]

/** As it is written in a configuration. */
export interface StarterRouting {
  readonly teams?: Readonly<Record<string, readonly string[]>>
  readonly rotations?: Readonly<Record<string, object>>
  readonly routes?: readonly ({ readonly name: string } & Readonly<Record<string, unknown>>)[]
  readonly reports?: readonly ({ readonly name: string } & Readonly<Record<string, unknown>>)[]
}

/**
 * Who is told what by what, to begin with. Without routes everybody hears everything, which is what one person wants. The file that `tocsin init`
 * writes says the same, with comments: see `commands/starter-file.ts`.
 *
 * @param channels by which they are told, at least one
 */
export function starterRouting(audience: Audience, { people, channels }: { readonly people: readonly string[]; readonly channels: readonly string[] }): StarterRouting {
  if (audience === 'me') return {}
  const everyone = ['team:everyone']
  const match = "alert.severity in ['critical', 'high']"
  const urgent =
    audience === 'team'
      ? { name: 'urgent', match, to: everyone, via: channels, groupBy: ['agent', 'rule'], stop: true }
      : { name: 'urgent', match, to: ['rotation:primary'], via: { first: channels, after: '5m' }, repeatInterval: '30m', stop: true }
  return {
    teams: { everyone: people },
    ...(audience === 'on-call' && { rotations: { primary: { members: people, every: 'week', on: 'mon', at: '09:00' } } }),
    routes: [urgent, { name: 'rest', to: everyone, via: channels, digest: '15m' }],
    reports: [{ name: 'week', every: 'week', to: everyone, via: channels }],
  }
}

/** The budget of a month, to begin with. */
export function starterBudget(amountUsd: number): object {
  return { amountUsd, period: 'month', thresholds: [0.5, 0.8, 1] }
}
