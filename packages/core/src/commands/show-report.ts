import { configurationFrom } from '../configuration.ts'
import { reportLines } from '../delivery/report-lines.ts'
import { secretsOf } from '../load-config.ts'
import { systemClock } from '../model/clock.ts'
import { TocsinError } from '../model/error.ts'
import { createRedactor } from '../model/redact.ts'
import { ownRules } from '../model/redact/own-rules.ts'
import { reportHere } from '../reports/report-here.ts'
import { openExistingStore } from './open-engine.ts'
import type { Report } from './report.ts'

/** What the report of the last whole day or week says, from the database of this machine; it is sent to nobody. */
export async function showReport(
  options: { readonly day?: true; readonly week?: true; readonly until?: string; readonly person?: string; readonly locale?: string; readonly config: string; readonly data: string; readonly terminalLocale: string },
  env: NodeJS.ProcessEnv,
  progress: (text: string) => void,
): Promise<Report> {
  const { day, week, until, person, locale, data } = options
  if (day === true && week === true) throw new TocsinError('wrong-usage', 'expected --day or --week, found both')
  if (locale !== undefined && locale !== 'en' && locale !== 'zh-CN') throw new TocsinError('wrong-usage', `--locale: expected en or zh-CN, found "${locale}"`)
  const config = configurationFrom(options.config, [], env)
  const settings = person !== undefined && Object.hasOwn(config.people, person) ? config.people[person] : undefined
  if (person !== undefined && settings === undefined) throw new TocsinError('wrong-usage', `--person: nobody is called "${person}" in ${options.config}; expected ${Object.keys(config.people).join(', ') || 'somebody under people:'}`)
  const timezone = settings?.timezone ?? config.defaults.timezone
  const untilMs = until === undefined ? systemClock.nowMs() : instantOf(until)
  const store = await openExistingStore(data, progress)
  try {
    const { report, params } = await reportHere({ config, store, clock: systemClock }, { every: day === true ? 'day' : 'week', untilMs, timezone, person })
    const redact = createRedactor({ extraSecrets: secretsOf(config), key: store.redactionKey, own: ownRules(config.redaction), personalData: false })
    return { lines: reportLines(report, params, redact, locale ?? settings?.locale ?? options.terminalLocale, timezone), value: report, ok: true }
  } finally {
    await store.close()
  }
}

/** A date, whose noon it is, so that it is that day in nearly every zone; or a time with its zone. */
function instantOf(text: string): number {
  const atMs = Date.parse(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T12:00:00Z` : text)
  if (Number.isNaN(atMs) || !/^\d{4}-\d\d-\d\d(?:T.*(?:Z|[+-]\d\d:\d\d))?$/.test(text)) throw new TocsinError('wrong-usage', `--until: expected a date such as 2026-11-23, or a time with its zone, found "${text}"`)
  return atMs
}
