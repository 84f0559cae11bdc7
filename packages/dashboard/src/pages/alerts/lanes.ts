import type { WholeAlert } from './detail'

/** The columns of the drawing, in the order in which a decision is taken. */
export const stages = ['rule', 'cause', 'route', 'person', 'timing', 'channel'] as const
export type Stage = (typeof stages)[number]

type Decision = WholeAlert['decisions'][number]

/** One person's way from the rule to the message, or to where it ended. */
export interface Lane {
  readonly key: string
  /** Empty: of nobody in particular. */
  readonly person: string
  readonly outcome: 'told' | 'waiting' | 'stopped'
  readonly route?: string
  readonly role?: string
  /** What held it, last; absent: at once. */
  readonly held?: Decision
  readonly channel?: string
  readonly atMs?: number
  readonly tookMs?: number
  /** Where it ended, and by which decision. */
  readonly end?: { readonly stage: Stage; readonly decision?: Decision }
  /** The lane into which this one runs: both read the same place. */
  readonly joins?: string
  /** All that was decided, in order. */
  readonly decisions: readonly Decision[]
}

/** Where reasons that do not go by their verdict are decided. */
const stageOfReason: Readonly<Record<string, Stage>> = {
  'merged.cause': 'cause', 'merged.similar': 'cause', 'merged.storm': 'cause', 'merged.flap': 'cause', 'merged.superseded': 'cause', 'merged.higher_threshold': 'cause', 'merged.already_told': 'channel', 'merged.group': 'timing',
  'refused.no_route': 'route', 'refused.nobody': 'route', 'refused.unknown_person': 'route', 'refused.project': 'route', 'refused.dry_run': 'route', 'failed.route_gone': 'route',
  'refused.no_address': 'channel', 'refused.bad_address': 'channel', 'refused.about_channel': 'channel', 'refused.too_old': 'timing', 'refused.resolved_before_told': 'timing',
  'held.retry': 'channel', 'held.channel_paused': 'channel', 'held.rate': 'channel',
}
const stageOfVerdict: Readonly<Record<string, Stage>> = { sent: 'channel', held: 'timing', merged: 'cause', limited: 'timing', silenced: 'timing', refused: 'person', failed: 'channel', doubt: 'channel' }

/** The column in which a reason is decided; one that a newer server knows stands by its verdict. */
export function stageOf(reason: string): Stage {
  return stageOfReason[reason] ?? stageOfVerdict[verdictOf(reason)] ?? 'channel'
}

function verdictOf(reason: string): string {
  return reason.split('.', 1)[0] ?? ''
}

/** Nobody in particular is meant. */
const nobody = '*'
const endings: ReadonlySet<string> = new Set(['refused', 'silenced', 'merged', 'failed', 'limited'])

/** One lane for each person, told first, and those that run into another beneath it; then what was decided for nobody in particular. */
export function lanesOf({ reached, decisions }: WholeAlert): readonly Lane[] {
  const people = reached.map(({ person, outcome, channel, route, atMs, tookMs }): Lane => {
    const own = decisions.filter((decision) => decision.person === person)
    const end = outcome === 'not-told' ? own.findLast(({ reason }) => endings.has(verdictOf(reason))) : undefined
    const held = own.findLast(({ reason }) => stageOf(reason) === 'timing' && (verdictOf(reason) === 'held' || verdictOf(reason) === 'limited' || reason === 'merged.group'))
    const named = route ?? own.map(({ params }) => params['route']).find((name) => typeof name === 'string')
    const role = own.map(({ params }) => params['role']).find((name) => typeof name === 'string')
    const by = channel ?? own.map((decision) => decision.channel).findLast((name) => name !== nobody)
    return {
      key: person, person, outcome: outcome === 'not-told' ? 'stopped' : outcome, decisions: own,
      ...(named !== undefined && { route: named }), ...(role !== undefined && { role }), ...(held !== undefined && { held }), ...(by !== undefined && { channel: by }),
      ...(atMs !== undefined && { atMs }), ...(tookMs !== undefined && { tookMs }), ...(outcome === 'not-told' && { end: { stage: end === undefined ? 'person' : stageOf(end.reason), ...(end !== undefined && { decision: end }) } }),
    }
  })
  const joined = people.map((lane): Lane => {
    if (lane.end?.decision?.reason !== 'merged.already_told') return lane
    const into = people.find((one) => one.end === undefined && one.channel === lane.channel)
    return into === undefined ? lane : { ...lane, joins: into.key }
  })
  const ordered = joined.filter(({ joins }) => joins === undefined).flatMap((lane) => [lane, ...joined.filter(({ joins }) => joins === lane.key)])
  const general = decisions.filter(({ person }) => person === nobody).map((decision, index): Lane => ({ key: `${nobody} ${index}`, person: '', outcome: 'stopped', end: { stage: stageOf(decision.reason), decision }, decisions: [decision], ...(decision.channel !== nobody && { channel: decision.channel }) }))
  return [...ordered, ...general]
}
