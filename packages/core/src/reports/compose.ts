import type { Config, PersonConfig } from '../model/config.ts'
import type { DecisionReason } from '../model/decision.ts'
import type { ChannelTrouble, FailureCause, NoisyRule, Ranked, Report, ToldCounts } from '../model/report.ts'
import { permissions, type Role } from '../model/roles.ts'
import { rulesOf } from '../rules/rules-of.ts'
import { nothing, plus, type Gathered, type Sum } from './gather.ts'
import { mostlyOf, noisyMin, suggest } from './suggest.ts'

/** Names that are listed; the rest is one line. */
const topMax = 10
const rulesMax = 5
const channelsMax = 10
const budgetsMax = 10
/** Longest name that is kept; what is shown of it is shorter still. */
const nameCharsMax = 200

/**
 * What one person is told of what was gathered: only the parts that their role may see, and of what was told and not told only kinds of alert that
 * they may hear. A total that is shown is that of what is shown: nothing that is left out can be worked out from it.
 *
 * @param person absent: of everybody, as an owner sees it
 * @param beforeNanoUsd spent in the period before; absent: not known
 */
export function compose(config: Config, every: Report['every'], gathered: Gathered, person: string | undefined, role: Role, beforeNanoUsd: number | undefined): Report {
  const { receives, sees } = permissions[role]
  const seesCost = receives.includes('cost') && sees.includes('costDetail')
  const seesWork = receives.includes('session')
  const seesFailures = receives.includes('model') && receives.includes('tool')
  const isKeeper = receives.includes('system')
  const { total, agents, models, budgets, sessions, failures, firstFailures } = gathered
  const told = toldTo(gathered, receives, person)
  const rules = noisyRules(config, gathered, permissions[role], isKeeper ? undefined : person)
  const channels = isKeeper ? troubleOf(gathered) : []
  const isQuiet =
    (!seesCost || (total.calls === 0 && total.nanoUsd === 0)) && (!seesWork || Object.values(sessions).every((count) => count === 0)) && (!seesFailures || failures.length === 0) &&
    rules.length === 0 && channels.length === 0 && Object.values(isKeeper ? toldTo(gathered, receives, undefined) : told).every((count) => count === 0)
  return {
    every,
    fromMs: gathered.fromMs,
    untilMs: gathered.untilMs,
    ...(gathered.keptSinceMs > gathered.fromMs && { countedSinceMs: Math.min(gathered.keptSinceMs, gathered.untilMs) }),
    ...(seesCost && {
      spend: {
        ...total,
        ...(beforeNanoUsd !== undefined && { beforeNanoUsd }),
        agents: ranked(agents),
        models: ranked(models),
        budgets: budgets.toSorted((a, b) => b.spentNanoUsd / b.amountNanoUsd - a.spentNanoUsd / a.amountNanoUsd).slice(0, budgetsMax),
      },
    }),
    ...(seesWork && { sessions }),
    ...(seesFailures && { failures: failuresOf(failures, firstFailures) }),
    told,
    ...(person === undefined && { isForAll: true as const }),
    ...(isKeeper && person !== undefined && { toldAll: toldTo(gathered, receives, undefined) }),
    rules,
    ...(channels.length > 0 && { channels }),
    isQuiet,
    watching: { rules: rulesOf(config).length, budgets: seesCost ? Object.keys(config.budgets).length : 0, channels: Object.keys(config.channels).length },
  }
}

/** The role by which somebody reads a report. */
export function roleOf(person: PersonConfig | undefined): Role {
  return person?.role ?? 'owner'
}

function ranked(sums: ReadonlyMap<string, Sum>): Ranked {
  const order = [...sums].toSorted(([a, one], [b, other]) => other.nanoUsd - one.nanoUsd || other.calls - one.calls || (a < b ? -1 : 1))
  const rest = order.slice(topMax).map(([, sum]) => sum)
  return {
    top: order.slice(0, topMax).map(([name, sum]) => ({ name: name.slice(0, nameCharsMax), ...sum })),
    ...(rest.length > 0 && { rest: { name: '', names: rest.length, ...rest.reduce(plus, nothing) } }),
  }
}

function failuresOf(failures: readonly FailureCause[], firstFailures: readonly FailureCause[]): NonNullable<Report['failures']> {
  const bounded = (cause: FailureCause): FailureCause => ({ ...cause, name: cause.name.slice(0, nameCharsMax), provider: cause.provider.slice(0, nameCharsMax) })
  const [first] = firstFailures
  return {
    count: sumOf(failures),
    top: failures.slice(0, topMax).map(bounded),
    rest: sumOf(failures.slice(topMax)),
    ...(first !== undefined && { first: bounded(first) }),
  }
}

function sumOf(counted: readonly { readonly count: number }[]): number {
  return counted.reduce((sum, { count }) => sum + count, 0)
}

/** Of one person, and of kinds that the role may hear: that something of another kind was refused would say that it was. */
function toldTo({ decided, ended }: Gathered, receives: readonly string[], person: string | undefined): ToldCounts {
  const mine = (one: { readonly person: string }): boolean => person === undefined || one.person === person
  const why = decided.filter((one) => mine(one) && receives.includes(one.kind))
  const because = (verdict: string): number => sumOf(why.filter(({ reason }) => verdictOf(reason) === verdict))
  return {
    sent: sumOf(ended.filter((one) => mine(one) && (one.result === 'sent' || one.result === 'in-doubt'))),
    held: because('held'),
    merged: because('merged'),
    limited: because('limited'),
    silenced: because('silenced'),
    refused: because('refused'),
    failed: sumOf(ended.filter((one) => mine(one) && (one.result === 'failed' || one.result === 'bad-address' || one.result === 'too-old'))),
  }
}

function verdictOf(reason: DecisionReason): string {
  return reason.slice(0, reason.indexOf('.'))
}

/** By messages that told of them, of one person or of all. */
function noisyRules(config: Config, { rules, told }: Gathered, { receives, sees }: (typeof permissions)[Role], person: string | undefined): readonly NoisyRule[] {
  const found: NoisyRule[] = []
  for (const [rule, count] of rules) {
    if (!receives.includes(count.kind)) continue
    const of = told.filter((one) => one.rule === rule && receives.includes(one.kind) && (person === undefined || one.person === person))
    const messages = of.reduce((sum, one) => sum + one.messages, 0)
    if (messages === 0 && count.alerts < noisyMin) continue
    const mostly = mostlyOf(count)
    const [most] = of.toSorted((a, b) => b.messages - a.messages)
    const suggestion = suggest(config, { rule, count, route: most?.route, mostly })
    found.push({
      rule: rule.slice(0, nameCharsMax), alerts: count.alerts, messages,
      // What an alert is about may be a user, or something an agent said.
      ...(mostly !== undefined && { mostly: { ...mostly, key: sees.includes('personalData') && sees.includes('sessionContent') ? mostly.key.slice(0, nameCharsMax) : '' } }),
      ...(suggestion !== undefined && { suggestion }),
    })
  }
  return found.toSorted((a, b) => b.messages - a.messages || b.alerts - a.alerts || (a.rule < b.rule ? -1 : 1)).slice(0, rulesMax)
}

/** Those that are in trouble now, and those that did not deliver something. */
function troubleOf({ trouble, ended }: Gathered): readonly ChannelTrouble[] {
  const lost = new Map<string, number>()
  for (const { channel, result, count } of ended) if (result === 'failed' || result === 'too-old') lost.set(channel, (lost.get(channel) ?? 0) + count)
  const failed = [...lost].map(([channel, messages]): ChannelTrouble => ({ channel, state: 'failed', messages }))
  return [...trouble, ...failed.filter(({ channel }) => !trouble.some((one) => one.channel === channel))].slice(0, channelsMax)
}
