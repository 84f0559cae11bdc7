import { decisionRow, plain } from '../delivery/explain.ts'
import { sayFrame } from '../delivery/letter.ts'
import { columnLines, columnsMax, wrapColumns } from '../delivery/terminal-lines.ts'
import { translator } from '../locales/catalogue.ts'
import type { FrameName } from '../locales/shape.ts'
import type { NewNotification } from '../model/store.ts'
import type { Routed } from '../routed.ts'
import { firstLine, toldSentence, traceSentence } from '../routed-words.ts'

/** For a terminal: what each route says, who would be told and when, and why. At most 80 columns. */
export function routeLines({ alert, atMs, routes, plan }: Routed, locale: string): string[] {
  const words = translator(locale, 'UTC')
  const say = (frame: FrameName, values: Readonly<Record<string, string | number>> = {}): string => plain(sayFrame(words, frame, values) ?? '')
  const { rule, agent, environment, sessionId } = alert
  const about = Object.entries({ rule, agent, environment, sessionId }).flatMap(([name, value]) => (value === undefined ? [] : [`${name} ${value}`]))
  const head = say('routeAlert', { severity: words.words.severities[alert.severity], kind: words.words.kinds[alert.kind], list: words.list(about) })
  const told = [...plan.notifications, ...plan.batched].toSorted((one, other) => one.dueMs - other.dueMs)
  const toldRows = told.map((one) => ({ cells: [one.recipient.person || '*', one.channel], sentence: plain(toldSentence(one, atMs, words, locale)) }))
  const whyRows = plan.decisions.map((decision) => {
    const { person, verdict, channel, sentence } = decisionRow(decision, alert, translator(locale, zoneOf(decision.person, told)))
    return { cells: [person, verdict, channel], sentence: plain(sentence) }
  })
  return [
    ...wrapColumns(head, columnsMax),
    ...(routes.length === 0 ? [] : ['', say('routeRoutes'), ...columnLines(routes.map((one, index) => ({ cells: [`${index + 1}`, one.route], sentence: traceSentence(one, say) })))]),
    '',
    ...(told.length === 0 ? [say('routeNobody')] : [say('routeTold'), ...columnLines(toldRows)]),
    '',
    say('routeWhy'),
    ...columnLines(whyRows),
    // Those of routes stand above.
    ...plan.failed.filter(({ where }) => where.startsWith('people.')).flatMap(({ where, cause }) => wrapColumns(`${where}: ${say('routeFails', { cause: firstLine(cause) })}`, columnsMax)),
  ]
}

function zoneOf(person: string, told: readonly NewNotification[]): string {
  return told.find(({ recipient }) => recipient.person === person)?.recipient.timezone ?? 'UTC'
}
