import type { Alert } from './alert.ts'

/**
 * What people decided about what they are told, and what waits because of it: silences, acknowledgements and the like, replies such
 * as `STOP`. Rows of the store, so that a decision taken on one machine holds on all of them.
 */

/** What is not told from one instant to another; made while the product runs. Those of the configuration are not rows. */
export interface Silence {
  readonly id: number
  readonly project: string
  /** A CEL condition over `alert`. */
  readonly match: string
  readonly fromMs: number
  readonly untilMs: number
  readonly author: string
  readonly comment: string
}

/** An alert that fires and is not told, and until when. One row an alert. */
export interface Hush {
  readonly alert: number
  readonly project: string
  /** What hushes it: `silence:NAME` of the configuration, `silence#12` of the store, `maintenance:NAME`, `snooze`. */
  readonly by: string
  readonly sinceMs: number
  readonly untilMs: number
}

/** What the page behind the link of a message offers. */
export const linkActions = ['acknowledge', 'snooze', 'resolve', 'expected', 'unacknowledge'] as const
export type LinkAction = (typeof linkActions)[number]

/** What a person did about an alert. `unsnooze`, `unexpected` and `useful` take back what was said before. */
export const alertActions = [...linkActions, 'unsnooze', 'unexpected', 'not-useful', 'useful'] as const
export type AlertAction = (typeof alertActions)[number]

export interface TakenAction {
  readonly alert: number
  readonly action: AlertAction
  /** Who: a person of the configuration, or whoever stands at the machine. */
  readonly by: string
  /** By what: a link in a message of this channel, a command, a button. */
  readonly via: string
  readonly atMs: number
  /** Of `snooze` and `expected`: how long it holds. */
  readonly untilMs?: number
}

/** What a person said is to be expected: alerts of this rule and key are not told until then. */
export interface Expected {
  readonly project: string
  readonly rule: string
  readonly key: string
  readonly by: string
  readonly sinceMs: number
  readonly untilMs: number
}

/** Somebody replied `STOP`: nothing is sent to this address until they reply `START`. */
export interface OptOut {
  readonly project: string
  /** Kind of channel, such as `sms`: who stops one number stops all of them. */
  readonly channelType: string
  readonly address: string
  readonly sinceMs: number
}

/** Everything is held: by whom and since when. */
export interface Hold {
  readonly project: string
  readonly by: string
  readonly sinceMs: number
}

/** The part of a transaction that keeps them. */
export interface Attention {
  /** Those of the store that hold at `nowMs` or will, by their beginning. At most 1,000. */
  silences(project: string, nowMs: number): Promise<readonly Silence[]>
  /** The number of the new one. */
  addSilence(silence: Omit<Silence, 'id'>): Promise<number>
  /** Ends it at `atMs`; `false`: there is none, or it was over. */
  endSilence(project: string, id: number, atMs: number): Promise<boolean>

  /** An alert that is hushed already is hushed by this one from now on. */
  hush(hushes: readonly Hush[]): Promise<void>
  /** For each alert what hushes it, if anything. */
  hushes(alerts: readonly number[]): Promise<readonly (Hush | undefined)[]>
  /** Alerts that this hushes, by number, those after the given one. At most `limit`. */
  hushedBy(project: string, by: string, after: number, limit: number): Promise<readonly Hush[]>
  unhush(alerts: readonly number[]): Promise<void>
  /** All that hushes alerts, as in `Hush.by`. Looks at every hushed alert: for the start of a process. */
  hushers(project: string): Promise<readonly string[]>

  /** Alerts that a collection carries and that are hushed, acknowledged or expected at `nowMs`, by number. At most `limit`. */
  quietIn(delivery: number, nowMs: number, limit: number): Promise<readonly number[]>
  /** Alerts that a collection carries, by number, those after the given one. At most `limit`. */
  membersOf(delivery: number, after: number, limit: number): Promise<readonly Alert[]>
  /** The same of those that are over by now and whose end is told: of 100,000 that fire nothing is read. */
  endedIn(delivery: number, after: number, limit: number): Promise<readonly Alert[]>
  /** Takes alerts out of a collection that waits. */
  takeOut(delivery: number, alerts: readonly number[]): Promise<void>

  /** Alerts that fire or are acknowledged, by number, those after the given one. At most `limit`. */
  openAlerts(project: string, after: number, limit: number): Promise<readonly Alert[]>

  recordAction(action: TakenAction): Promise<void>
  /** What was done about an alert, oldest first. */
  actionsOf(alert: number): Promise<readonly TakenAction[]>

  /** Whether this is the first use of a link; from then on it is used. `expiresMs`: when it need not be remembered any more. */
  useLink(link: string, expiresMs: number): Promise<boolean>

  isLinkUsed(link: string): Promise<boolean>

  /** For each what is expected of it at `nowMs`, if anything. */
  expected(of: readonly Pick<Expected, 'project' | 'rule' | 'key'>[], nowMs: number): Promise<readonly (Expected | undefined)[]>
  expect(expected: Expected): Promise<void>

  /** For each address since when nothing is to be sent to it, if so. */
  optOuts(of: readonly Omit<OptOut, 'sinceMs'>[]): Promise<readonly (number | undefined)[]>
  optOut(one: OptOut): Promise<void>
  optIn(one: Omit<OptOut, 'sinceMs'>): Promise<void>

  /** Who holds everything, if anybody. */
  hold(project: string): Promise<Hold | undefined>
  putHold(hold: Hold): Promise<void>
  /** Ends it; what waits may become as much older as it lasted. `false`: nothing was held. */
  endHold(project: string, nowMs: number): Promise<boolean>

  /** When a group, a storm or the like may be told next, and how often it was: by key. Absent keys are absent. */
  paces(keys: readonly string[]): Promise<ReadonlyMap<string, Pace>>
  putPaces(paces: readonly (Pace & { readonly key: string })[]): Promise<void>
  removePaces(keys: readonly string[]): Promise<void>
}

/** How the keys of the paces begin by which an alert is handed on and told again; its number follows. */
export const escalationPaceStart = 'escalation '
export const repeatPaceStart = 'repeat '

/** How often something that goes on is told. */
export interface Pace {
  /** Since when it goes on. */
  readonly sinceMs: number
  /** When it is told next, or was last. */
  readonly atMs: number
  /** How many times it was told, or is about to be. */
  readonly count: number
}
