import type { AlertKind } from '../../model/alert.ts'
import type { DecisionReason } from '../../model/decision.ts'
import type { DeliveryResult } from '../../model/delivery.ts'
import type { ChannelTrouble } from '../../model/report.ts'
import type { ReportReads } from '../../model/report-reads.ts'
import type { Projects } from './projects.ts'
import { atOnce } from '../rows/pages.ts'
import { tables } from '../rows/tables.ts'
import type { Source } from '../rows/source.ts'
import type { Prepare } from './statement.ts'
import { whole } from '../rows/whole.ts'

const opened: Source<{ rule: string; key: string; kind: AlertKind; alerts: number; informing: number; cycles: number }> = {
  from: 'alerts',
  qualified: { alerts: 'count(*)', informing: "sum(severity = 'info')", cycles: 'sum(cycles)' },
}

const decided: Source<{ kind: AlertKind; person: string; reason: DecisionReason; count: number }> = {
  from: 'decisions join alerts on alerts.id = decisions.alert',
  qualified: { count: 'sum(decisions.count)' },
}

const ended: Source<{ channel: string; person: string; result: DeliveryResult; count: number }> = {
  from: 'deliveries join destinations on destinations.id = deliveries.destination left join alerts on alerts.id = deliveries.alert',
  qualified: { channel: 'deliveries.channel', count: 'count(*)' },
}

interface ToldRow {
  rule: string
  kind: AlertKind
  person: string
  route: string
  messages: number
}

const told: Source<ToldRow> = {
  from: 'deliveries join destinations on destinations.id = deliveries.destination join alerts on alerts.id = deliveries.alert',
  qualified: { messages: 'count(*)' },
}

const toldTogether: Source<ToldRow> = {
  from: 'deliveries join destinations on destinations.id = deliveries.destination join batch_items on batch_items.delivery = deliveries.id join alerts on alerts.id = batch_items.alert',
  qualified: { messages: 'count(distinct deliveries.id)' },
}

/**
 * What was told and what was not, in slices from the newest backwards: the numbers of alerts and deliveries rise with time, and
 * there is no other way into them by time that would not cost every write. The project is no way either: by its index SQLite would read all of its
 * alerts, and for each look for what was decided.
 */
export function reportTold(prepare: Prepare, projects: Projects): Pick<ReportReads, 'reportAlerts' | 'reportDeliveries' | 'reportTrouble'> {
  const firstAlert = prepare.select(tables.alerts, ['id', 'opened_at'], 'where id < ? order by id desc limit 1 offset ?')
  const isReport = "message in ('report.day', 'report.week')"
  const openedIn = prepare.select(opened, ['rule', 'key', 'kind', 'alerts', 'informing', 'cycles'], `where id >= ? and id < ? and +project = ? and opened_at >= ? and opened_at < ? and not ${isReport} group by 1, 2, 3`)
  const decidedIn = prepare.select(decided, ['kind', 'person', 'reason', 'count'], `where decisions.alert >= ? and decisions.alert < ? and +alerts.project = ? and decisions.at >= ? and decisions.at < ? and not ${isReport} group by 1, 2, 3`)
  const firstDelivery = prepare.select(tables.deliveries, ['id', 'created_at'], 'where id < ? order by id desc limit 1 offset ?')
  const within = 'deliveries.id >= ? and deliveries.id < ? and deliveries.project = ? and deliveries.done_at >= ? and deliveries.done_at < ?'
  const endedIn = prepare.select(ended, ['channel', 'person', 'result', 'count'], `where ${within} and result is not null and (message is null or not ${isReport}) group by 1, 2, 3`)
  const sentIn = `${within} and result in ('sent', 'in-doubt') and not ${isReport} group by 1, 2, 3, 4`
  const toldIn = prepare.select(told, ['rule', 'kind', 'person', 'route', 'messages'], `where ${sentIn}`)
  const togetherIn = prepare.select(toldTogether, ['rule', 'kind', 'person', 'route', 'messages'], `where deliveries.alert is null and ${sentIn}`)
  const paused = prepare.select(tables.pauses, ['channel', 'since_at'], 'where project = ? order by channel')
  const failing = prepare.select(tables.channelHealth, ['channel', 'since_at', 'failures'], 'where project = ? order by channel')

  return {
    async reportAlerts({ project, fromMs, untilMs, after = Number.MAX_SAFE_INTEGER, limit }) {
      const number = projects.known(project)
      if (number === undefined) return { opened: [], decided: [] }
      const first = firstAlert.get(after, atOnce(limit) - 1)
      const range = [first?.id ?? 0, after, number, whole(fromMs), whole(untilMs)] as const
      const isPast = first === undefined || first.opened_at < fromMs - (untilMs - fromMs)
      return { opened: openedIn.all(...range), decided: decidedIn.all(...range), ...(!isPast && { next: first.id }) }
    },
    async reportDeliveries({ project, fromMs, untilMs, after = Number.MAX_SAFE_INTEGER, limit }) {
      const number = projects.known(project)
      if (number === undefined) return { ended: [], told: [] }
      const first = firstDelivery.get(after, atOnce(limit) - 1)
      const range = [first?.id ?? 0, after, number, whole(fromMs), whole(untilMs)] as const
      const isPast = first === undefined || first.created_at < fromMs - (untilMs - fromMs)
      return { ended: endedIn.all(...range), told: [...toldIn.all(...range), ...togetherIn.all(...range)], ...(!isPast && { next: first.id }) }
    },
    async reportTrouble(project) {
      const number = projects.known(project)
      if (number === undefined) return []
      const pauses = paused.all(number).map(({ channel, since_at }): ChannelTrouble => ({ channel, state: 'paused', sinceMs: since_at }))
      const failures = failing.all(number).map(({ channel, since_at, failures: messages }): ChannelTrouble => ({ channel, state: 'failing', sinceMs: since_at, messages }))
      return [...pauses, ...failures.filter(({ channel }) => !pauses.some((pause) => pause.channel === channel))]
    },
  }
}
