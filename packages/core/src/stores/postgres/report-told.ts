import type { AlertKind } from '../../model/alert.ts'
import type { DecisionReason } from '../../model/decision.ts'
import type { DeliveryResult } from '../../model/delivery.ts'
import type { ChannelTrouble } from '../../model/report.ts'
import type { ReportReads } from '../../model/report-reads.ts'
import { atOnce } from '../rows/pages.ts'
import { tables } from '../rows/tables.ts'
import { whole } from '../rows/whole.ts'
import type { ReadContext } from './context.ts'
import { query, select } from './statement.ts'

interface ToldRow {
  readonly rule: string
  readonly kind: AlertKind
  readonly person: string
  readonly route: string
  readonly messages: number
}

const isReport = "message in ('report.day', 'report.week')"
const firstAlert = select(tables.alerts, ['id', 'opened_at'], 'where id < $1 order by id desc limit 1 offset $2')
const openedIn = query<{ readonly rule: string; readonly key: string; readonly kind: AlertKind; readonly alerts: number; readonly informing: number; readonly cycles: number }>(
  `select rule, key, kind, count(*) as alerts, count(*) filter (where severity = 'info') as informing, sum(cycles) as cycles
   from @alerts where id >= $1 and id < $2 and project = $3 and opened_at >= $4 and opened_at < $5 and not ${isReport} group by 1, 2, 3`,
)
const decidedIn = query<{ readonly kind: AlertKind; readonly person: string; readonly reason: DecisionReason; readonly count: number }>(
  `select kind, person, reason, sum(decisions.count) as count from @decisions as decisions join @alerts as alerts on alerts.id = decisions.alert
   where decisions.alert >= $1 and decisions.alert < $2 and alerts.project = $3 and decisions.at >= $4 and decisions.at < $5 and not ${isReport} group by 1, 2, 3`,
)
const firstDelivery = select(tables.deliveries, ['id', 'created_at'], 'where id < $1 order by id desc limit 1 offset $2')
const delivered = '@deliveries as deliveries join @destinations as destinations on destinations.id = deliveries.destination'
const within = 'deliveries.id >= $1 and deliveries.id < $2 and deliveries.project = $3 and deliveries.done_at >= $4 and deliveries.done_at < $5'
const endedIn = query<{ readonly channel: string; readonly person: string; readonly result: DeliveryResult; readonly count: number }>(
  `select deliveries.channel, person, result, count(*) as count from ${delivered} left join @alerts as alerts on alerts.id = deliveries.alert
   where ${within} and result is not null and (message is null or not ${isReport}) group by 1, 2, 3`,
)
const sentIn = `${within} and result in ('sent', 'in-doubt') and not ${isReport} group by 1, 2, 3, 4`
const toldIn = query<ToldRow>(`select rule, kind, person, route, count(*) as messages from ${delivered} join @alerts as alerts on alerts.id = deliveries.alert where ${sentIn}`)
const togetherIn = query<ToldRow>(
  `select rule, kind, person, route, count(distinct deliveries.id) as messages
   from ${delivered} join @batch_items as batch_items on batch_items.delivery = deliveries.id join @alerts as alerts on alerts.id = batch_items.alert
   where deliveries.alert is null and ${sentIn}`,
)
const paused = select(tables.pauses, ['channel', 'since_at'], 'where project = $1 order by channel')
const failing = select(tables.channelHealth, ['channel', 'since_at', 'failures'], 'where project = $1 order by channel')

/**
 * What was told and what was not, in slices from the newest backwards: the numbers of alerts and deliveries rise with time, and
 * there is no other way into them by time that would not cost every write.
 */
export function reportTold({ sql, projects }: ReadContext): Pick<ReportReads, 'reportAlerts' | 'reportDeliveries' | 'reportTrouble'> {
  return {
    async reportAlerts({ project, fromMs, untilMs, after = Number.MAX_SAFE_INTEGER, limit }) {
      const number = await projects.known(project)
      if (number === undefined) return { opened: [], decided: [] }
      const first = await sql.get(firstAlert, after, atOnce(limit) - 1)
      const range = [first?.id ?? 0, after, number, whole(fromMs), whole(untilMs)] as const
      const isPast = first === undefined || first.opened_at < fromMs - (untilMs - fromMs)
      return { opened: await sql.all(openedIn, ...range), decided: await sql.all(decidedIn, ...range), ...(!isPast && { next: first.id }) }
    },
    async reportDeliveries({ project, fromMs, untilMs, after = Number.MAX_SAFE_INTEGER, limit }) {
      const number = await projects.known(project)
      if (number === undefined) return { ended: [], told: [] }
      const first = await sql.get(firstDelivery, after, atOnce(limit) - 1)
      const range = [first?.id ?? 0, after, number, whole(fromMs), whole(untilMs)] as const
      const isPast = first === undefined || first.created_at < fromMs - (untilMs - fromMs)
      return { ended: await sql.all(endedIn, ...range), told: [...(await sql.all(toldIn, ...range)), ...(await sql.all(togetherIn, ...range))], ...(!isPast && { next: first.id }) }
    },
    async reportTrouble(project) {
      const number = await projects.known(project)
      if (number === undefined) return []
      const pauses = (await sql.all(paused, number)).map(({ channel, since_at }): ChannelTrouble => ({ channel, state: 'paused', sinceMs: since_at }))
      const failures = (await sql.all(failing, number)).map(({ channel, since_at, failures: messages }): ChannelTrouble => ({ channel, state: 'failing', sinceMs: since_at, messages }))
      return [...pauses, ...failures.filter(({ channel }) => !pauses.some((pause) => pause.channel === channel))]
    },
  }
}
