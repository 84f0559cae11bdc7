import type { DecisionListAsk, DecisionPlace, EventListAsk, Lists } from '../../../model/lists.ts'
import type { InboxMessage } from '../../../model/reader.ts'
import { parsed } from '../json.ts'
import type { DecisionRow, EventRow, InboxRow, SessionRow } from '../tables.ts'
import { whole } from '../whole.ts'
import { Conditions, type ListBackend } from './backend.ts'
import { page, type Walk } from './walk.ts'

/**
 * Rows that are looked at for a page. Events have no index by session: it would cost every write a sixth and the slowest ones twice their time, so the
 * events of a session are looked for in the time in which it ran.
 */
const looksMax = 5_000
const sessionLooksMax = 10_000
/** Entries of the index of failed events, which holds all that is asked for. */
const failedLooksMax = 10_000
const decisionLooksMax = 5_000

type Place = NonNullable<EventListAsk['after']>

/** How events are walked: along their key, by time. */
export const eventPlaces: Pick<Walk<Place>, 'order' | 'placeOf' | 'valuesOf'> = {
  order: ['at', 'id'],
  placeOf: ({ at, id }) => ({ atMs: Number(at), id: String(id) }),
  valuesOf: ({ atMs, id }) => [whole(atMs), id],
}

export function eventLists(backend: ListBackend): Pick<Lists, 'listEvents' | 'listDecisions' | 'messagesKept'> {
  return {
    async listEvents(ask) {
      const { sessionId, sinceMs, untilMs, types, agent, status, after, limit } = ask
      const project = await backend.project(ask.project)
      if (project === undefined) return { items: [] }
      const within = new Conditions().and('project = ?', project)
      const filter = new Conditions().equals('session', sessionId).anyOf('type', types).equals('agent', agent)
      const failed = status === 'error' && sessionId === undefined ? backend.failedEvents : undefined
      // Said as the index says it: otherwise it is not used.
      if (failed !== undefined) within.and("status = 'error'")
      else filter.equals('status', status)
      let range: Walk<Place>['range'] = { from: sinceMs, until: untilMs }
      if (sessionId !== undefined) {
        const [session] = await backend.all<Pick<SessionRow, 'first_at' | 'last_at'>>('select first_at, last_at from @sessions where project = ? and id = ?', [project, backend.key(sessionId)])
        if (session === undefined) return { items: [] }
        range = { from: Math.max(range.from ?? session.first_at, session.first_at), until: Math.min(range.until ?? Infinity, session.last_at + 1) }
      }
      const { items, next } = await page<EventRow, Place>(
        backend,
        {
          table: failed ?? 'events',
          within,
          range,
          ...eventPlaces,
          oldestFirst: sessionId !== undefined,
        },
        { filter, after, limit, looksMax: failed !== undefined ? failedLooksMax : sessionId === undefined ? looksMax : sessionLooksMax, isWhole: sessionId !== undefined },
      )
      return { items: await backend.eventsOf(items), ...(next !== undefined && { next }) }
    },

    async listDecisions(ask) {
      const project = await backend.project(ask.project)
      if (project === undefined) return { items: [] }
      const { alert, limit, after } = ask
      const { items, next } = await page<DecisionRow, DecisionPlace>(
        backend,
        {
          table: 'decisions',
          within: new Conditions().equals('alert', alert),
          // Of all alerts: something has to lead into the index.
          ...(alert === undefined && { range: { from: 1 } }),
          order: ['alert', 'person', 'channel', 'reason'],
          // The columns of the key, as they stand in the row.
          placeOf: (row) => ({ alert: Number(row['alert']), person: String(row['person']), channel: String(row['channel']), reason: String(row['reason']) as DecisionPlace['reason'] }),
          valuesOf: (place) => [place.alert, place.person, place.channel, place.reason],
        },
        { filter: decisionFilter(ask, project), after, limit, looksMax: decisionLooksMax },
      )
      return {
        items: items.map((row) => ({
          alert: row.alert,
          person: row.person,
          channel: row.channel,
          reason: row.reason,
          params: row.params === null ? {} : parsed(row.params, {}, backend.tell, `decision ${row.reason} of alert ${row.alert}`),
          atMs: row.at,
          count: row.count,
        })),
        ...(next !== undefined && { next }),
      }
    },

    async messagesKept(ids) {
      if (ids.length === 0) return new Map()
      const these = new Conditions().anyOf('id', [...new Set(ids)].slice(0, 1_000))
      const rows = await backend.all<InboxRow>(`select * from @inbox where ${these.text}`, these.values)
      return new Map(rows.map(({ seq, id, channel, address, subject, body, severity, at }): [string, InboxMessage] => [id, { seq, id, channel, to: address, subject, text: body, severity, atMs: at }]))
    },
  }
}

/** The project of a decision is that of its alert. */
function decisionFilter({ person, reasons, kinds, sinceMs }: DecisionListAsk, project: number): Conditions {
  const ofAlert = new Conditions().and('alerts.id = alert').and('alerts.project = ?', project).anyOf('alerts.kind', kinds)
  const filter = new Conditions().equals('person', person).anyOf('reason', reasons)
  if (sinceMs !== undefined) filter.and('at >= ?', whole(sinceMs))
  return filter.and(`exists (select 1 from @alerts as alerts where ${ofAlert.text})`, ...ofAlert.values)
}
