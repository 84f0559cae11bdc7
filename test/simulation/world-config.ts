import type { ConfigInput } from '../../packages/core/src/model/config.ts'
import type { Rate } from '../../packages/core/src/model/channel.ts'
import type { Role } from '../../packages/core/src/model/roles.ts'
import type { Dice } from './dice.ts'
import type { WorldAttention } from './world-attention.ts'

export const channelKinds = ['sim-mail', 'sim-text', 'sim-asked', 'sim-hook'] as const
export type ChannelKind = (typeof channelKinds)[number]

/** What a channel of a world is like; the receiver knows it without asking the product. */
export interface WorldChannel {
  readonly name: string
  readonly kind: ChannelKind
  readonly concurrency: number
  readonly rate?: Rate
  readonly ratePerAddress?: Rate
  /** Its own secret, which must not show up anywhere. */
  readonly token: string
}

export interface WorldPerson {
  readonly name: string
  readonly email?: string
  readonly phone?: string
  /** Minutes of the local day between which only critical news may come. */
  readonly quiet?: { readonly fromMinute: number; readonly toMinute: number; readonly zone: string }
}

/** A route in a form that the checks can follow by themselves. */
export interface WorldRoute {
  readonly severities?: readonly string[]
  readonly kind?: string
  readonly to: readonly string[]
  readonly stop: boolean
}

export interface WorldConfig {
  readonly channels: readonly WorldChannel[]
  readonly people: readonly WorldPerson[]
  readonly routes: readonly WorldRoute[]
  readonly budget: { readonly amountNanoUsd: number; readonly periodMs: number; readonly thresholds: readonly number[] }
  /** How long what was reported is kept. */
  readonly keptMs: number
  readonly leaseMs: number
  readonly attemptsMax: number
  /** What the processes are given; each restart takes the next, so that roles and addresses change under way. */
  readonly variants: readonly ConfigInput[]
}

/** At the beginning of a world. */
const zones = { UTC: 0, 'Asia/Shanghai': 480, 'Europe/Berlin': 60 } as const

/** People, channels, routes and budgets of a world. `startMinute` is the UTC minute of the day at which it begins. */
export function drawConfig(dice: Dice, startMinute: number, keptMs: number, attention: WorldAttention, inZone?: keyof typeof zones): WorldConfig {
  const channels = drawChannels(dice)
  const drawnZone = dice.one(['UTC', 'Asia/Shanghai'] as const)
  const zone = inZone ?? drawnZone
  const people = drawPeople(dice, (startMinute + zones[zone]) % 1_440, zone)
  const routes = drawRoutes(dice, channels)
  const leaseMs = dice.one([4_000, 10_000, 30_000])
  const attemptsMax = dice.one([3, 6, 12])
  const thresholds = dice.one([[0.5, 1], [0.5, 0.8, 0.95, 1], [1]])
  const amountUsd = dice.one([0.5, 2, 10])
  const hours = dice.hits(0.5)
  const delivery = {
    leaseMs,
    attemptsMax,
    retryMs: dice.one([200, 1_000, 3_000]),
    retryMaxMs: dice.one([5_000, 60_000]),
    pauseMs: dice.one([5_000, 30_000]),
    batchMs: dice.one([0, 3_000, 30_000]),
    batchMax: dice.one([3, 100]),
  }
  const roles: Role[] = ['admin', 'developer', 'billing', dice.one(['viewer', 'owner'] as const)]
  const variantOf = (given: readonly Role[], withoutPhone: string | undefined): ConfigInput => ({
    project: 'sim',
    channels: Object.fromEntries(channels.map((channel) => [channel.name, channelInput(channel)])),
    people: Object.fromEntries(
      people.map(({ name, email, phone, quiet }, index) => [
        name,
        {
          role: given[index] ?? 'viewer',
          timezone: zone,
          locale: index === 1 ? ('zh-CN' as const) : ('en' as const),
          ...(email !== undefined && { email }),
          ...(phone !== undefined && name !== withoutPhone && { phone }),
          ...(quiet !== undefined && { quietHours: `${clockOf(quiet.fromMinute)}-${clockOf(quiet.toMinute)}` }),
        },
      ]),
    ),
    rules: {
      'session-expensive': { aboveUsd: 0.2 },
      'model-expensive': { aboveUsd: 0.1 },
      'tool-broke': { on: 'tool.call', when: "event.status == 'error'", severity: dice.one(['warning', 'high', 'critical']), groupBy: ['tool'], quiet: dice.one(['20s', '2m', '10m']) },
      ...(dice.hits(0.3) && { 'model-recorded': { on: true as const } }),
    },
    budgets: {
      all: { amountUsd, period: hours ? 'hour' : 'day', timezone: 'UTC', thresholds },
      each: { amountUsd: 0.4, period: 'day', timezone: 'UTC', groupBy: ['agent'], thresholds: [0.9] },
    },
    routes: routes.map(({ input }, index) => ({ ...input, ...attention.route(index) })),
    ...attention.input,
    prices: { 'sim-large': { inputUsd: 3, outputUsd: 15 } },
    delivery,
    retention: { content: `${keptMs / 1_000}s` },
    store: { durability: 'normal' },
  })
  const changed = roles.map((role) => (dice.hits(0.4) ? dice.one(['admin', 'developer', 'billing', 'viewer'] as const) : role))
  const losesPhone = dice.hits(0.4) ? dice.one(people).name : undefined
  return {
    channels,
    people,
    routes: routes.map(({ route }) => route),
    budget: { amountNanoUsd: amountUsd * 1_000_000_000, periodMs: hours ? 3_600_000 : 86_400_000, thresholds },
    keptMs,
    leaseMs,
    attemptsMax,
    variants: [variantOf(roles, undefined), variantOf(changed, losesPhone)],
  }
}

function drawChannels(dice: Dice): readonly WorldChannel[] {
  const draw = (name: string, kind: ChannelKind): WorldChannel => ({
    name,
    kind,
    token: `sim_${dice.text(30)}5`,
    concurrency: dice.one([1, 2, 5]),
    ...(dice.hits(0.6) && { rate: dice.one([{ count: 1, perMs: 500 }, { count: 5, perMs: 2_000 }, { count: 7, perMs: 1_000 }, { count: 20, perMs: 60_000 }]) }),
    ...(kind === 'sim-text' && { ratePerAddress: { count: 3, perMs: 3_000 } }),
  })
  return [draw('mail', 'sim-mail'), draw('text', dice.one(['sim-text', 'sim-asked'] as const)), ...(dice.hits(0.7) ? [draw('hook', 'sim-hook')] : [])]
}

function channelInput({ kind, token, concurrency, rate }: WorldChannel): { readonly type: string } {
  return { type: kind, token, concurrency, ...(rate !== undefined && { rate: `${rate.count}/${rate.perMs}ms` }) } as { readonly type: string } // settings are the type's own
}

function drawPeople(dice: Dice, startMinute: number, zone: string): readonly WorldPerson[] {
  const quiet = (): Pick<WorldPerson, 'quiet'> => {
    if (!dice.hits(0.5)) return {}
    // Near the beginning of the world, so that some of it lies inside and some outside.
    const fromMinute = (startMinute + dice.between(-20, 8) + 1_440) % 1_440
    return { quiet: { fromMinute, toMinute: (fromMinute + dice.between(3, 400)) % 1_440, zone } }
  }
  return [
    { name: 'dana', email: 'dana@example.com', phone: '+8613800000001', ...quiet() },
    { name: 'lee', email: 'lee@example.com', ...quiet() },
    { name: 'kim', email: 'kim@example.com', phone: '+4915100000003', ...quiet() },
    { name: 'pat', phone: '+15005550004', ...quiet() },
  ]
}

interface DrawnRoute {
  readonly route: WorldRoute
  readonly input: NonNullable<ConfigInput['routes']>[number]
}

function drawRoutes(dice: Dice, channels: readonly WorldChannel[]): readonly DrawnRoute[] {
  const names = channels.map(({ name }) => name)
  const via = (): DrawnRoute['input']['via'] => {
    const order = dice.hits(0.5) ? names : names.toReversed()
    if (dice.hits(0.5)) return { first: order, after: dice.one(['3s', '20s', '5m']) }
    return order.slice(0, dice.between(1, order.length))
  }
  const routeTo = (to: readonly string[], when: Pick<WorldRoute, 'severities' | 'kind'>, stop = false): DrawnRoute => {
    const terms = [
      ...(when.severities === undefined ? [] : [`alert.severity in [${when.severities.map((severity) => `'${severity}'`).join(', ')}]`]),
      ...(when.kind === undefined ? [] : [`alert.kind == '${when.kind}'`]),
    ]
    return {
      route: { ...when, to, stop },
      input: { match: terms.length === 0 ? 'true' : terms.join(' && '), to: [...to], via: via(), stop, ...(dice.hits(0.2) && { digest: dice.one(['10s', '1m']) }) },
    }
  }
  return [
    routeTo(['dana', 'pat'], { severities: ['critical', 'high'] }),
    ...(dice.hits(0.4) ? [routeTo(['kim'], { kind: 'cost' }, dice.hits(0.5))] : []),
    ...(dice.hits(0.6) ? [routeTo(['lee'], { kind: 'model' })] : []),
    routeTo(dice.one([['lee'], ['lee', 'kim'], ['dana', 'lee', 'pat']]), dice.hits(0.7) ? {} : { severities: ['critical', 'high', 'warning'] }),
  ]
}

function clockOf(minute: number): string {
  return `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`
}
