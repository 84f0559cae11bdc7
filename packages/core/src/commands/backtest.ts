import type { Backtest } from '../backtest.ts'
import { backtestHere } from '../backtest-here.ts'
import type { Report } from './report.ts'

/** Alerts that are printed; `--json` has up to a thousand. */
const shownMax = 20

/** Runs a rule over the events of this machine as if it had been on, and says what would have come of it. */
export async function backtestRule(
  rule: string,
  options: { readonly config: string; readonly data: string; readonly since: string; readonly locale: string; readonly timezone: string },
  env: NodeJS.ProcessEnv,
  progress: (text: string) => void,
): Promise<Report> {
  const { since, timezone } = options
  const result = await backtestHere(rule, { ...options, env, notice: progress, onProgress: (events) => progress(`${events.toLocaleString('en')} events …`) })
  return { lines: linesOf(result, since, timezone), value: result, ok: true }
}

function linesOf(result: Backtest, since: string, timezone: string): readonly string[] {
  const { rule, events, firstMs, alerts, alertsTotal, messages, messagesTotal, decisions } = result
  const time = new Intl.DateTimeFormat('en-GB', { timeZone: timezone, day: '2-digit', month: 'short', hour: '2-digit', minute: '2-digit' })
  const merged = sumOf(decisions, 'merged.')
  const untold = sumOf(decisions, 'refused.')
  const shown = alerts.slice(0, shownMax)
  const head = `Rule ${rule} over the last ${since}: ${count(events, 'event')}${firstMs === undefined ? '' : ` since ${time.format(firstMs)}`}.`
  if (alertsTotal === 0) return [head, events === 0 ? 'There is nothing to look at yet.' : 'It would not have fired.', ...result.notices]
  return [
    head,
    `It would have opened ${count(alertsTotal, 'alert')} and sent ${count(messagesTotal, 'message')}${merged === 0 ? '' : `; ${merged} more were merged into them`}.`,
    '',
    ...shown.map((alert) => `  ${time.format(alert.atMs)}  ${alert.severity.padEnd(8)}  ${alert.title}${alert.count > 1 ? `, ${alert.count} times` : ''}${alert.overAtMs === undefined ? '' : `, over ${time.format(alert.overAtMs)}`}`),
    ...(alertsTotal > shown.length ? [`  … and ${alertsTotal - shown.length} more`] : []),
    '',
    ...messages.map(({ person, channel, count: howMany }) => `  ${person === '*' ? 'everybody there' : person} by ${channel}: ${count(howMany, 'message')}`),
    ...(untold === 0 ? [] : [`  not told: ${count(untold, 'time')} (${reasonsIn(decisions, 'refused.')})`]),
    ...result.notices,
  ]
}

function sumOf(decisions: Backtest['decisions'], start: string): number {
  return Object.entries(decisions).reduce((sum, [reason, times]) => sum + (reason.startsWith(start) ? times : 0), 0)
}

function reasonsIn(decisions: Backtest['decisions'], start: string): string {
  return Object.keys(decisions).filter((reason) => reason.startsWith(start)).toSorted().join(', ')
}

function count(number: number, what: string): string {
  return `${number.toLocaleString('en')} ${what}${number === 1 ? '' : 's'}`
}
