import { translator } from '../locales/catalogue.ts'
import type { Alert } from '../model/alert.ts'
import type { MessageParams } from '../model/message.ts'
import type { Redact } from '../model/redact.ts'
import type { Report } from '../model/report.ts'
import { alertValues, type Reader } from './alert-values.ts'
import { reportSections } from './report-sections.ts'
import { sectionText } from './report-text.ts'
import { titleOf } from './title.ts'

/** A report as it would stand in a mail, for a terminal: nothing is sent. */
export function reportLines(report: Report, params: MessageParams, redact: Redact, locale: string, timezone: string): readonly string[] {
  const reader: Reader = { translator: translator(locale, timezone), redact, without: [] }
  const alert: Alert = {
    id: 0, project: '', rule: 'report', key: '', kind: 'system', severity: 'info', state: 'resolved', message: report.every === 'day' ? 'report.day' : 'report.week', params, ends: 'at-once',
    quietMs: 0, evidence: {}, count: 1, openedAtMs: report.untilMs, updatedAtMs: report.untilMs, report,
  }
  const values = alertValues(alert, reader)
  const { translator: words } = reader
  const said = words.words.messages[alert.message].lines.map((sentences) => words.sentences(sentences, values)).filter((line) => line !== '')
  return [titleOf(alert, reader, 'firing', values), '', ...said, ...reportSections(report, reader).flatMap((section) => ['', ...sectionText(section)])]
}
