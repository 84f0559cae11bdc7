import type { AlertListAsk, Lists, ToldCount } from '../../../model/lists.ts'
import type { ActionRow, AlertRow } from '../tables.ts'
import { whole } from '../whole.ts'
import { Conditions, type ListBackend } from './backend.ts'
import { page, type Walk } from './walk.ts'

/** Entries of the index that are looked at for a page; of rows, whose agent stands in their text, fewer. */
const looksMax = 20_000
const rowLooksMax = 3_000

type Place = NonNullable<AlertListAsk['after']>
/** Databases give sums as numbers or as texts. */
type ToldRow = Readonly<Record<'alert' | 'sent' | 'waiting', number | string>>

export function alertLists(backend: ListBackend): Pick<Lists, 'listAlerts' | 'alertsBefore' | 'countParts' | 'countTold' | 'countFiring' | 'actionsOn' | 'alertsNumbered'> {
  return {
    async listAlerts(ask) {
      const project = await backend.project(ask.project)
      if (project === undefined) return { items: [] }
      const { rule, agent, kinds, severities } = ask
      const { filter, ...way } = wayInto(ask, project)
      filter.anyOf('kind', kinds).anyOf('severity', severities).equals('rule', rule)
      if (agent !== undefined) filter.and(`${backend.textAt('facts', 'agent')} = ?`, agent)
      filter.and("message not in ('report.day', 'report.week')")
      const { items, next } = await page<AlertRow, Place>(backend, { table: 'alerts', ...way }, { filter, after: ask.after, limit: ask.limit, looksMax: agent === undefined ? looksMax : rowLooksMax })
      return { items: await backend.alertsOf(items), ...(next !== undefined && { next }) }
    },
    async countFiring(name, kinds) {
      const project = await backend.project(name)
      if (project === undefined) return 0
      const asked = new Conditions().and('project = ?', project).and("state <> 'resolved'").and("state = 'firing'").and('parent is null').anyOf('kind', kinds)
      const [row] = await backend.all<{ readonly count: number }>(`select count(*) as count from (select id from @alerts where ${asked.text} order by opened_at desc, id desc limit 1000) as open`, asked.values)
      return row?.count ?? 0
    },
    async actionsOn(alert) {
      const rows = await backend.all<ActionRow>('select * from @actions where alert = ? order by id limit 200', [alert])
      return rows.map(({ alert: of, action, by, via, at, until_at: untilAtMs }) => ({ alert: of, action, by, via, atMs: at, ...(untilAtMs !== null && { untilMs: untilAtMs }) }))
    },
    async countParts(alerts) {
      if (alerts.length === 0) return []
      const these = new Conditions().anyOf('parent', alerts)
      const rows = await backend.all<{ readonly parent: number; readonly count: number }>(`select parent, count(*) as count from @alerts where ${these.text} group by parent`, these.values)
      const counts = new Map(rows.map(({ parent, count }) => [parent, count]))
      return alerts.map((id) => counts.get(id) ?? 0)
    },
    async countTold(alerts) {
      if (alerts.length === 0) return []
      const sums = "sum(case when result = 'sent' then 1 else 0 end) as sent, count(*) - count(done_at) as waiting"
      const [own, within] = [new Conditions().anyOf('alert', alerts), new Conditions().anyOf('i.alert', alerts)]
      // Each in the order of its index: together they would have to be sorted.
      const rows = [
        ...(await backend.all<ToldRow>(`select alert, ${sums} from @deliveries where ${own.text} and news = 'firing' group by alert`, own.values)),
        ...(await backend.all<ToldRow>(`select i.alert as alert, ${sums} from @batch_items as i join @deliveries as d on d.id = i.delivery where ${within.text} and d.news = 'firing' group by i.alert`, within.values)),
      ]
      const counts = new Map<number, ToldCount>()
      for (const { alert, sent, waiting } of rows) {
        const known = counts.get(Number(alert))
        counts.set(Number(alert), { sent: Number(sent) + (known?.sent ?? 0), waiting: Number(waiting) + (known?.waiting ?? 0) })
      }
      return alerts.map((id) => counts.get(id) ?? { sent: 0, waiting: 0 })
    },
    async alertsBefore({ id, project: name, rule, key }, limit) {
      const project = await backend.project(name)
      if (project === undefined) return []
      // Said as the index of those that may open again says it.
      const these = new Conditions().and('project = ?', project).and('rule = ?', rule).and('key = ?', key).and("state = 'resolved'").and("ends <> 'at-once'").and('id <> ?', id)
      return backend.alertsOf(await backend.all<AlertRow>(`select * from @alerts where ${these.text} order by resolved_at desc limit ${Math.min(100, Math.max(1, Math.floor(limit)))}`, these.values))
    },
    async alertsNumbered(name, ids) {
      const project = await backend.project(name)
      if (project === undefined || ids.length === 0) return new Map()
      const these = new Conditions().anyOf('id', [...new Set(ids)].slice(0, 1_000)).and('+project = ?', project)
      const found = await backend.alertsOf(await backend.all<AlertRow>(`select * from @alerts where ${these.text}`, these.values))
      return new Map(found.map((alert) => [alert.id, alert]))
    },
  }
}

type Order = Pick<Walk<Place>, 'order' | 'placeOf' | 'valuesOf'>

const byTime: Order = {
  order: ['opened_at', 'id'],
  placeOf: ({ opened_at, id }) => ({ atMs: Number(opened_at), id: Number(id) }),
  valuesOf: ({ atMs, id }) => [whole(atMs), id],
}

/** Their index holds no times. */
const byNumber: Order = { order: ['id'], placeOf: ({ opened_at, id }) => ({ atMs: Number(opened_at ?? 0), id: Number(id) }), valuesOf: ({ id }) => [id] }

/** The narrowest index that leads to them; what it does not say is left to the filter. */
function wayInto({ states, sessionId, parent, sinceMs, untilMs }: AlertListAsk, project: number): Omit<Walk<Place>, 'table'> & { readonly filter: Conditions } {
  const filter = new Conditions().anyOf('state', states)
  if (parent === 'none') filter.and('parent is null')
  else if (parent !== undefined) {
    if (sinceMs !== undefined) filter.and('opened_at >= ?', whole(sinceMs))
    if (untilMs !== undefined) filter.and('opened_at < ?', whole(untilMs))
    if (sessionId !== undefined) filter.equals('session', sessionId)
    return { within: new Conditions().and('parent = ?', parent), filter: filter.and('+project = ?', project), ...byNumber }
  }
  const within = new Conditions().and('project = ?', project)
  if (sessionId !== undefined) within.and('session = ?', sessionId)
  // Said as the index says it: otherwise it is not used.
  else if (states !== undefined && !states.includes('resolved')) within.and("state <> 'resolved'")
  return { within, range: { from: sinceMs, until: untilMs }, filter, ...byTime }
}
