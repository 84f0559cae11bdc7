import { alertName } from '../model/alert.ts'
import { systemClock } from '../model/clock.ts'
import { TocsinError } from '../model/error.ts'
import { giveFeedback, verdicts, type Verdict } from '../rules/unusual/feedback.ts'
import { openExistingStore } from './open-engine.ts'
import type { Report } from './report.ts'

const meaning: Readonly<Record<Verdict, string>> = {
  expected: 'As great a departure says nothing from now on',
  'not-useful': 'Half of such a departure is taken off from now on',
}

/** Tells a rule that learns what a person thinks of its alarm. */
export async function feedback(id: string, verdict: string, options: { readonly data: string }, progress: (text: string) => void): Promise<Report> {
  const known = verdicts.find((one) => one === verdict)
  if (known === undefined) throw new TocsinError('wrong-usage', `expected ${verdicts.join(' or ')}, found "${verdict}"`)
  const number = /^(?:alt_)?(\d{1,15})$/.exec(id)?.[1]
  if (number === undefined) throw new TocsinError('wrong-usage', `expected an alert such as alt_51, found "${id}"`)
  const store = await openExistingStore(options.data, progress)
  try {
    const alert = await store.read.alert(Number(number))
    if (alert === undefined) throw new TocsinError('wrong-usage', `alt_${number} is not in ${options.data}`)
    const isTaken = await store.transaction((tx) => giveFeedback(tx, alert, known, systemClock.nowMs()), alert)
    if (!isTaken) throw new TocsinError('wrong-usage', `${alertName(alert.id)} is of rule ${alert.rule}, which does not learn; expected an alert about something unusual, such as those of spend-anomaly`)
    return { lines: [`${meaning[known]} in ${alert.rule}${alert.key === '' ? '' : ` (${alert.key})`}; that wears off by half in four weeks.`], value: { alert: alert.id, rule: alert.rule, key: alert.key, verdict: known }, ok: true }
  } finally {
    await store.close()
  }
}
