import type { PersonalAsk, PersonalPage, PersonalReads, PersonalRecord, Subject } from '../../model/personal.ts'
import { Conditions, type ListBackend, type ListValue } from './lists/backend.ts'
import type { ActionRow, DecisionRow, DeliveryRow, EventRow, InboxRow, SessionRow } from './tables.ts'

const projectsMax = 10_000

type Place = readonly ListValue[]

interface Found {
  readonly items: readonly PersonalRecord[]
  /** Where to go on in this part; absent: it is over. */
  readonly next?: Place
}

type Part = (backend: ListBackend, project: number, ask: PersonalAsk, after: Place | undefined) => Promise<Found>

/** In this order, one after the other. */
const partsOf: { readonly [Kind in Subject['kind']]: readonly ((of: Extract<Subject, { readonly kind: Kind }>) => Part)[] } = {
  person: [
    ({ person }) => async (backend, project, { limit }, [after = 0] = []) => {
      const rows = await backend.all<DeliveryRow>('select * from @deliveries where project = ? and id > ? and destination in (select id from @destinations where person = ?) order by id limit ?', [project, after, person, limit])
      return page(rows, limit, ({ id }) => [id], (await backend.deliveriesOf(rows)).map((value) => ({ kind: 'delivery', value })))
    },
    (of) => async (backend, _project, { limit }, [after = 0] = []) => {
      const theirs = new Conditions().anyOf('address', of.addresses)
      const rows = await backend.all<InboxRow>(`select * from @inbox where seq > ? and (${theirs.text}) order by seq limit ?`, [after, ...theirs.values, limit])
      return page(rows, limit, ({ seq }) => [seq], rows.map(({ seq, id, channel, address, subject, body, severity, at }) => ({ kind: 'message', value: { seq, id, channel, to: address, subject, text: body, severity, atMs: at } })))
    },
    ({ person }) => async (backend, project, { limit }, [alert = 0, channel = '', reason = ''] = []) => {
      const rows = await backend.all<DecisionRow>(
        'select * from @decisions where (alert, channel, reason) > (?, ?, ?) and person = ? and alert in (select id from @alerts where project = ?) order by alert, channel, reason limit ?',
        [alert, channel, reason, person, project, limit],
      )
      return page(rows, limit, (row) => [row.alert, row.channel, row.reason], rows.map(({ params: _params, at, ...row }) => ({ kind: 'decision', value: { ...row, atMs: at } })))
    },
    ({ person }) => async (backend, project, { limit }, [after = 0] = []) => {
      const rows = await backend.all<ActionRow>('select * from @actions where id > ? and by = ? and alert in (select id from @alerts where project = ?) order by id limit ?', [after, person, project, limit])
      return page(rows, limit, ({ id }) => [id], rows.map(({ alert, action, by, at }) => ({ kind: 'action', value: { alert, action, by, atMs: at } })))
    },
    (of) => async (backend, project) => {
      const theirs = new Conditions().anyOf('address', of.addresses)
      const optOuts = await backend.all<{ readonly channel_type: string; readonly address: string; readonly since_at: number }>(`select channel_type, address, since_at from @opt_outs where project = ? and (${theirs.text})`, [project, ...theirs.values])
      const bad = await backend.all<{ readonly channel: string; readonly address: string; readonly code: string; readonly since_at: number }>(`select channel, address, code, since_at from @bad_addresses where project = ? and (${theirs.text})`, [project, ...theirs.values])
      return {
        items: [
          ...optOuts.map((row): PersonalRecord => ({ kind: 'opt-out', value: { channelType: row.channel_type, address: row.address, sinceMs: row.since_at } })),
          ...bad.map((row): PersonalRecord => ({ kind: 'bad-address', value: { channel: row.channel, address: row.address, code: row.code, sinceMs: row.since_at } })),
        ],
      }
    },
  ],
  user: [
    ({ user }) => async (backend, project, { limit, project: name }, [after = ''] = []) => {
      const rows = await backend.all<SessionRow>('select * from @sessions where project = ? and id > ? and user_id = ? order by id limit ?', [project, after, user, limit])
      return page(rows, limit, ({ id }) => [id], (await backend.sessionsOf(rows, name)).map((value) => ({ kind: 'session', value })))
    },
    ({ user }) => async (backend, project, { limit }, [after = 0] = []) => {
      // No index knows the user of an event: so many are looked at, whosoever they are.
      const [last] = await backend.all<{ readonly seq: number | null }>('select max(seq) as seq from (select seq from @events where seq > ? order by seq limit ?) as looked', [after, limit])
      const until = last?.seq
      if (until === undefined || until === null) return { items: [] }
      const rows = await backend.all<EventRow>(
        'select * from @events where seq > ? and seq <= ? and project = ? and (user_id = ? or session in (select id from @sessions where project = ? and user_id = ?)) order by seq',
        [after, until, project, user, project, user],
      )
      return { items: (await backend.eventsOf(rows)).map((value) => ({ kind: 'event', value })), next: [until] }
    },
  ],
}

function page<Row>(rows: readonly Row[], limit: number, placeOf: (row: Row) => Place, items: readonly PersonalRecord[]): Found {
  const last = rows.at(-1)
  return { items, ...(last !== undefined && rows.length >= limit && { next: placeOf(last) }) }
}

/** What is kept about somebody, part after part. */
export function personalReads(backend: ListBackend): PersonalReads {
  return {
    projects: async () => (await backend.all<{ readonly name: string }>('select name from @projects order by name limit ?', [projectsMax])).map(({ name }) => name),
    async personal(ask): Promise<PersonalPage> {
      const project = await backend.project(ask.project)
      if (project === undefined) return { items: [] }
      const { of } = ask
      const parts = of.kind === 'person' ? partsOf.person.map((part) => part(of)) : partsOf.user.map((part) => part(of))
      // Reason for the cast: a cursor that is none begins anew, and a part that is not there ends.
      const [number, place] = ask.after === undefined ? [0, undefined] : (JSON.parse(ask.after) as [number, Place | null])
      const part = parts[number]
      if (part === undefined) return { items: [] }
      const { items, next } = await part(backend, project, ask, place ?? undefined)
      const after = next !== undefined ? [number, next] : number + 1 < parts.length ? [number + 1, null] : undefined
      return { items, ...(after !== undefined && { next: JSON.stringify(after) }) }
    },
  }
}
