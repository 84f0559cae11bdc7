import type { Alert } from '../../model/alert.ts'
import type { RouteConfig } from '../../model/attention-config.ts'
import type { Config } from '../../model/config.ts'
import type { Pace } from '../../model/attention.ts'
import type { NewNotification, Timer, Transaction } from '../../model/store.ts'
import type { Telling } from '../../model/telling.ts'
import { peopleCalled } from '../people.ts'
import { endsUntold } from '../unsteady.ts'

/** Whom a route tells, and by what: its own people first, then step by step those whom nobody's acknowledgement spares. */
interface Step {
  readonly to: readonly string[]
  readonly via: RouteConfig['via']
  /** So long after the step before was sent; of the first 0. */
  readonly afterMs: number
}

/** A route that goes on with what it told: it hands it on, or tells it again. */
export interface Pursuit {
  readonly route: string
  /** The first is the route's own. */
  readonly steps: readonly [Step, ...Step[]]
  readonly repeatMs?: number
}

export function stepsOf({ to, via, escalate = [] }: RouteConfig): readonly [Step, ...Step[]] {
  return [{ to, via, afterMs: 0 }, ...escalate.map((step) => ({ to: step.to, via: step.via ?? via, afterMs: step.after }))]
}

export function pursuitsOf(routes: readonly { readonly name: string; readonly settings: RouteConfig }[]): readonly Pursuit[] {
  return routes.flatMap(({ name, settings }) => {
    const { escalate, repeatInterval } = settings
    if (escalate === undefined && repeatInterval === undefined) return []
    return [{ route: name, steps: stepsOf(settings), ...(repeatInterval !== undefined && { repeatMs: repeatInterval }) }]
  })
}

/** An alert of which somebody was to be told just now. */
export interface ToldAlert {
  readonly alert: number
  /** What was enqueued of it. */
  readonly news: readonly NewNotification[]
  /** It is told already, and now also to these: what runs for it goes on. */
  readonly isJoined?: true
}

/** By alert and route; names of routes have no spaces. */
export function pursuitKey(alert: number, route: string): string {
  return `${alert} ${route}`
}

export function pursuitOfKey(key: string): { readonly alert: number; readonly route: string } {
  const [alert = '', route = ''] = key.split(' ')
  return { alert: Number(alert), route }
}

/** Whether somebody still has to say that they have it: it fires, or it is grave news, which is over as it opens, and nobody took it. */
export function isOpen({ state, ends, severity, taken }: Alert): boolean {
  return state === 'firing' || (ends === 'at-once' && taken === undefined && (severity === 'critical' || severity === 'high'))
}

/** How soon it is looked again at what is over for the moment, milliseconds. */
const unsteadyAgainMs = 30_000

/** Whether what was due for an alert now is still to be done: the alert, `over` where it is not, or when to ask again. */
export async function stillPursued(tx: Transaction, { project, pause }: Pick<Config, 'project' | 'pause'>, id: number, waitMs: number, nowMs: number): Promise<Alert | 'over' | number> {
  const alert = await tx.alert(id)
  // What ends and fires again and again is over when it has held: nobody is told of it anew meanwhile.
  if (alert?.state === 'resolved' && (await endsUntold(tx, alert))) return nowMs + unsteadyAgainMs
  if (alert === undefined || !isOpen(alert)) return 'over'
  // It is told within its cause, which is pursued by itself.
  const cause = alert.parent === undefined ? undefined : await tx.alert(alert.parent)
  if (cause !== undefined && cause.state !== 'resolved') return 'over'
  const [hush] = await tx.hushes([id])
  // When the hush ends it is told anew, and everything with it begins anew; this is for where that does not come.
  if (hush !== undefined && hush.untilMs > nowMs) return hush.untilMs + waitMs
  // While everything is held nobody can have been told; once it goes on the first gets its time.
  if (pause || (await tx.hold(project)) !== undefined) return nowMs + waitMs
  return alert
}

/** So long at least, and at most, something is left to another process, milliseconds: ever longer, because there may be none. */
const leaveMs = { least: 30_000, most: 3_600_000 } as const

/** So long no process that looked knew it, until that is on record, milliseconds. */
const routeGoneMs = 300_000

/**
 * What this process does not know another may, as long as there is something to be done. Where none that looks knows it, that is on record once: after
 * a while, or when there is nothing to be done any more; whoever knows it later still goes on.
 */
export async function leaveToOthers(tx: Transaction, config: Pick<Config, 'project' | 'pause'>, timer: Timer, { atMs }: Pace, nowMs: number): Promise<void> {
  const { alert, route } = pursuitOfKey(timer.key)
  const still = await stillPursued(tx, config, alert, 0, nowMs)
  const key = `${timer.kind} ${timer.key} left`
  const before = (await tx.paces([key])).get(key)
  // Left at another time, it was in the hands of a process that knows it since. Said, its count is 2.
  const left = before?.atMs === timer.dueMs ? before : undefined
  const sinceMs = left?.sinceMs ?? nowMs
  const isToBeSaid = left?.count === 1 && (still === 'over' || nowMs - sinceMs >= routeGoneMs) && (await tx.alert(alert)) !== undefined
  if (isToBeSaid) await tx.recordDecisions([{ alert, person: '*', channel: '*', reason: 'failed.route_gone', params: { route, time: sinceMs }, atMs: nowMs, count: 1 }])
  if (still === 'over') return
  const waitMs = Math.min(leaveMs.most, Math.max(leaveMs.least, (nowMs - atMs) / 10))
  const dueMs = Math.round(nowMs + waitMs)
  await tx.putTimers([{ ...timer, dueMs }])
  // While it is hushed or held, that is why nobody is asked.
  if (typeof still !== 'number') await tx.putPaces([{ key, sinceMs, atMs: dueMs, count: isToBeSaid ? 2 : (left?.count ?? 1) }])
}

/** Who reads the news of one step. */
export interface Readers {
  readonly people: readonly string[]
  readonly channels: readonly string[]
}

/** Whom a step means at an instant. */
export function readersOf(config: Config, { to, via }: Step, atMs: number): Readers {
  return { people: [...new Set(to.flatMap((name) => peopleCalled(config, name, atMs)))], channels: Array.isArray(via) ? via : via.first }
}

/** A person by whatever channel; and where the channel is the address, whoever is named in it. */
export function isRead({ people, channels }: Readers, { person, channel, address }: Pick<Telling, 'person' | 'channel' | 'address'>): boolean {
  return people.includes(person) || (address === '' && channels.includes(channel))
}

/** Whether they know of the alert from before: it fires again, and they were not told that it was over. */
export async function knowOf(tx: Transaction, alert: number, readers: Readers): Promise<boolean> {
  return (await tx.toldAbout(alert)).some(({ news, recipient, channel }) => news !== 'resolved' && isRead(readers, { ...recipient, channel }))
}

/** Whether they got it. In a dry run what would have been sent counts as sent. */
export function isTold({ result }: Telling): boolean {
  return result === 'sent' || result === 'dry-run'
}

/** The same person and address by the same channel. */
export function isSamePlace({ recipient, channel }: Pick<NewNotification, 'recipient' | 'channel'>, telling: Telling): boolean {
  return telling.channel === channel && telling.address === recipient.address && (recipient.address === '' || telling.person === recipient.person)
}
