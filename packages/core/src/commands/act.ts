import { userInfo } from 'node:os'
import { stripInvisible } from '../delivery/neutralise.ts'
import { alertName } from '../model/alert.ts'
import type { AlertAction } from '../model/attention.ts'
import { deliveryName } from '../model/delivery.ts'
import { parseDuration } from '../model/duration.ts'
import { TocsinError } from '../model/error.ts'
import { snoozeMs, type ActedOn } from '../routing/acts/act.ts'
import { openEngine, requireDatabase } from './open-engine.ts'
import type { Report } from './report.ts'

interface ActOptions {
  readonly config: string
  readonly data: string
  readonly by?: string
  /** Of `snooze` and `expected`. */
  readonly for?: string
}

/** Does something about alerts, named by themselves or by a delivery that carried them; whoever stands at this machine may. */
export async function actOnAlerts(ids: readonly string[], action: AlertAction, options: ActOptions, env: NodeJS.ProcessEnv, progress: (text: string) => void): Promise<Report> {
  const on = ids.map(whatIsNamed)
  const forMs = options.for === undefined ? undefined : durationOf(options.for, action)
  requireDatabase(options.data)
  const { engine } = await openEngine(options, env, progress)
  try {
    const by = options.by ?? userInfo().username
    const each: ActedOn[] = []
    for (const one of on) {
      const acted = await engine.acting.act(one, { action, by, via: 'command', forMs })
      if (acted.length === 0 && 'delivery' in one) throw new TocsinError('wrong-usage', `${deliveryName(one.delivery)} is not in ${options.data}`)
      each.push(...acted)
    }
    const missing = each.filter(({ result }) => result === 'unknown')
    if (missing.length === each.length) throw new TocsinError('wrong-usage', `${missing.map(({ alert }) => alertName(alert)).join(', ')}: not in this project in ${options.data}`)
    return { lines: each.map((one) => sentenceOf(one, action)), value: { action, by, alerts: each }, ok: each.every(({ result }) => result === 'done' || result === 'already') }
  } finally {
    await engine.close()
  }
}

function whatIsNamed(id: string): { readonly alerts: readonly number[] } | { readonly delivery: number } {
  const [, kind = 'alt_', digits] = /^(alt_|dlv_)?(\d{1,15})$/.exec(id) ?? []
  if (digits === undefined) throw new TocsinError('wrong-usage', `expected an alert such as alt_51 or a delivery such as dlv_12, found "${id}"`)
  return kind === 'dlv_' ? { delivery: Number(digits) } : { alerts: [Number(digits)] }
}

function durationOf(text: string, action: AlertAction): number {
  const ms = parseDuration(text)
  if (ms === undefined) throw new TocsinError('wrong-usage', `--for: expected a duration such as 30m, 1h or 2d, found "${text}"`)
  if (action === 'snooze' && (ms < snoozeMs.min || ms > snoozeMs.max)) throw new TocsinError('wrong-usage', `--for: expected 5m to 7d, found "${text}"`)
  return ms
}

const doneWords: Readonly<Record<AlertAction, string>> = {
  acknowledge: 'acknowledged: nobody else is told while it is no worse',
  unacknowledge: 'fires again; nobody is told anew while it is no worse',
  snooze: 'snoozed',
  resolve: 'ended; those who were told of it are told',
  expected: 'expected: the same is not told',
  unsnooze: 'snoozed no more; whoever was not told is told if it still fires',
  unexpected: 'expected no more; nobody is told anew while it is no worse',
  'not-useful': 'not useful: the same alarm is quieter',
  useful: 'useful after all: the same alarm is as loud as before',
}

function sentenceOf({ alert, result, by, atMs, untilMs }: ActedOn, action: AlertAction): string {
  const until = untilMs === undefined ? '' : ` until ${new Date(untilMs).toISOString()}`
  const first = by === undefined ? '' : ` by ${stripInvisible(by, { lines: 'single' })}`
  const at = atMs === undefined ? '' : ` at ${new Date(atMs).toISOString()}`
  switch (result) {
    case 'done':
      return `${alertName(alert)} ${action === 'unsnooze' && untilMs !== undefined ? doneWords.snooze : doneWords[action]}${until}.`
    case 'already':
      return `${alertName(alert)} was so already${first}${at}${until}; nothing changed.`
    case 'over':
      return `${alertName(alert)} is over${at === '' ? '' : ` since${at.slice(' at'.length)}`}; there is nothing to do about it.`
    case 'not-learning':
      return `${alertName(alert)} is of a rule that learns nothing from that.`
    case 'forbidden':
      return `${alertName(alert)}: not allowed.`
    case 'unknown':
      return `${alertName(alert)} is not in this project.`
  }
}
