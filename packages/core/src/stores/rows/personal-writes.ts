import type { EraseQuery, Erased, Subject } from '../../model/personal.ts'
import { destinationColumns, nextOf, nextText } from './destinations.ts'
import type { Json } from './json.ts'
import { Conditions, type ListValue } from './lists/backend.ts'
import type { AlertFacts, DestinationRow } from './tables.ts'
import { whole } from './whole.ts'

/** What a transaction brings along for erasing; the statements are the same for all stores. `?` stands for a value and `@` before the names of our tables. */
export interface EraseBackend {
  all<Row>(text: string, values: readonly ListValue[]): Promise<readonly Row[]>
  /** @returns how many rows it changed */
  run(text: string, values: readonly ListValue[]): Promise<number>
  project(name: string): Promise<number | undefined>
  /** Its ways have a digest too, by which they are told apart. */
  readonly hasDigest: boolean
}

type Step<Of extends Subject> = (backend: EraseBackend, project: number, query: EraseQuery & { readonly of: Of }, after: number) => Promise<Erased & { readonly place?: number }>
type Person = Extract<Subject, { readonly kind: 'person' }>
type User = Extract<Subject, { readonly kind: 'user' }>

/** Ways to them alone. What several read in one place is sent for the others: whether any is left is asked when it is claimed. */
const theirWays = "(select id from @destinations where person = ? and address <> '')"

/** The same way without them: of what several read in one place it keeps the others, and by what they are told else. */
function withoutPerson(way: DestinationRow, person: string, as: string): DestinationRow {
  const isTheirs = way.person === person
  const { fallback, alsoFor = [] } = nextOf(way.fallback, way.id)
  const others = alsoFor.filter((reader) => reader.person !== person)
  return {
    ...way,
    person: isTheirs ? as : way.person,
    address: isTheirs && way.address !== '' ? `erased ${way.id}` : way.address,
    fallback: nextText(isTheirs ? [] : fallback, others),
    fallback_after_ms: isTheirs && others.length === 0 ? -1 : way.fallback_after_ms,
  }
}

/** What a step has done is no longer found by it: it comes again until it finds less than it may change. */
function until(limit: number, rows: number): Erased & { readonly place?: number } {
  return { rows, ...(rows >= limit && { place: 0 }) }
}

async function withAddresses(backend: EraseBackend, { person, addresses }: Person): Promise<Conditions> {
  const known = await backend.all<{ readonly address: string }>('select distinct address from @destinations where person = ? limit 500', [person])
  return new Conditions().anyOf('address', [...new Set([...addresses, ...known.map(({ address }) => address)])].filter((address) => address !== ''))
}

/** Where they are reached stands in the ways; these go last, so that what was cut short finds it again. */
const personSteps: readonly Step<Person>[] = [
  async (backend, project, { of, limit, nowMs }) => {
    const waiting = await backend.all<{ readonly id: number }>(`select id from @deliveries where project = ? and done_at is null and destination in ${theirWays} order by id limit ?`, [project, of.person, limit])
    if (waiting.length === 0) return { rows: 0 }
    const these = new Conditions().anyOf('id', waiting.map(({ id }) => id))
    const rows = await backend.run(`update @deliveries set result = 'erased', done_at = ?, claimed_at = null, batch_key = null where done_at is null and ${these.text}`, [whole(nowMs), ...these.values])
    return until(limit, rows)
  },
  async (backend, project, { of, limit }) => {
    const theirs = await withAddresses(backend, of)
    const letters = await backend.run(`delete from @inbox where seq in (select seq from @inbox where ${theirs.text} order by seq limit ?)`, [...theirs.values, limit])
    const small = ['opt_outs', 'bad_addresses'].map((table) => backend.run(`delete from @${table} where project = ? and (${theirs.text})`, [project, ...theirs.values]))
    const others = (await Promise.all(small)).reduce((sum, rows) => sum + rows, 0)
    return { rows: letters + others, ...(letters >= limit && { place: 0 }) }
  },
  async (backend, project, { of, as, limit }) =>
    until(limit, await backend.run(
      `update @decisions set person = ?, params = null where person = ? and (alert, channel, reason) in
         (select alert, channel, reason from @decisions where person = ? and alert in (select id from @alerts where project = ?) order by alert limit ?)`,
      [as, of.person, of.person, project, limit],
    )),
  async (backend, project, { of, as, limit }) => {
    const rows = await backend.run('update @actions set by = ? where id in (select id from @actions where by = ? and alert in (select id from @alerts where project = ?) order by id limit ?)', [as, of.person, project, limit])
    const hushes = await backend.run('update @hushes set by = ? where project = ? and by = ?', [as, project, of.person])
    const expected = await backend.run('update @expected set by = ? where project = ? and by = ?', [as, project, of.person])
    const holds = await backend.run('update @holds set by = ? where project = ? and by = ?', [as, project, of.person])
    const silences = await backend.run('update @silences set author = ? where project = ? and author = ?', [as, project, of.person])
    const taken = await backend.run('update @alerts set taken_by = ? where project = ? and taken_by = ?', [as, project, of.person])
    return { rows: rows + hushes + expected + holds + silences + taken, ...(rows >= limit && { place: 0 }) }
  },
  // Alerts and decisions about others that name them, such as that an address does not work.
  async (backend, project, { of, limit }, after) => {
    const { values: addresses } = await withAddresses(backend, of)
    const names = [`"person":${JSON.stringify(of.person)}`, ...new Set(addresses.map((address) => JSON.stringify(address)))]
    const says = (column: string): string => `(${names.map(() => `replace(${column}, ?, '') <> ${column}`).join(' or ')})`
    const alerts = await backend.all<{ readonly id: number; readonly facts: Json<AlertFacts> }>(`select id, facts from @alerts where project = ? and id > ? and ${says('facts')} order by id limit ?`, [project, after, ...names, limit])
    for (const { id, facts } of alerts) await backend.run('update @alerts set facts = ? where id = ?', [withoutContent(facts), id])
    const last = alerts.at(-1)
    if (last !== undefined && alerts.length >= limit) return { rows: alerts.length, place: last.id }
    const decisions = await backend.run(`update @decisions set params = null where params is not null and ${says('params')} and alert in (select id from @alerts where project = ?)`, [...names, project])
    return { rows: alerts.length + decisions }
  },
  // A way is never changed: processes remember it by its number. What went by it goes by another from now on, and it goes.
  async (backend, project, { of, as, limit }) => {
    const theirs = "(person = ? or replace(fallback, ?, '') <> fallback)"
    const named = [of.person, `"person":${JSON.stringify(of.person)}`]
    const [way] = await backend.all<DestinationRow>(`select * from @destinations as way where ${theirs} and exists (select 1 from @deliveries as delivery where delivery.project = ? and delivery.destination = way.id) order by id limit 1`, [...named, project])
    if (way === undefined) return { rows: await backend.run(`delete from @destinations where ${theirs} and not exists (select 1 from @deliveries as delivery where delivery.destination = @destinations.id)`, named) }
    const values = destinationColumns.map((column) => withoutPerson(way, of.person, as)[column])
    const columns = destinationColumns.join(', ')
    const own = backend.hasDigest ? { names: 'digest, ', values: [`erased ${way.id} ${as}`] } : { names: '', values: [] }
    await backend.run(`insert into @destinations(${own.names}${columns}) values (${[...own.values, ...values].map(() => '?').join(', ')}) on conflict do nothing`, [...own.values, ...values])
    const [made] = await backend.all<{ readonly id: number }>(`select id from @destinations where ${destinationColumns.map((column) => `${column} = ?`).join(' and ')} order by id desc limit 1`, values)
    if (made === undefined) throw new Error('expected the way that was made just now')
    return { rows: await backend.run('update @deliveries set destination = ? where id in (select id from @deliveries where project = ? and destination = ? order by id limit ?)', [made.id, project, way.id, limit]), place: 0 }
  },
]

const userSteps: readonly Step<User>[] = [
  async (backend, project, { of, limit }, after) => {
    const [last] = await backend.all<{ readonly seq: number | null }>('select max(seq) as seq from (select seq from @events where seq > ? order by seq limit ?) as looked', [after, limit * eventLooks])
    const place = last?.seq
    if (place === undefined || place === null) return { rows: 0 }
    const rows = await backend.run(
      `update @events set user_id = null, more = null where seq > ? and seq <= ? and project = ?
       and (user_id = ? or (session in (select id from @sessions where project = ? and user_id = ?) and (more is not null or user_id is not null)))`,
      [after, place, project, of.user, project, of.user],
    )
    return { rows, place }
  },
  async (backend, project, { of, limit }, after) => {
    const alerts = await backend.all<{ readonly id: number; readonly facts: Json<AlertFacts> }>(
      'select id, facts from @alerts where project = ? and id > ? and session in (select id from @sessions where project = ? and user_id = ?) order by id limit ?',
      [project, after, project, of.user, limit],
    )
    for (const { id, facts } of alerts) await backend.run('update @alerts set facts = ? where id = ?', [withoutContent(facts), id])
    const last = alerts.at(-1)
    return { rows: alerts.length, ...(last !== undefined && alerts.length >= limit && { place: last.id }) }
  },
  async (backend, project, { of, limit }) =>
    until(limit, await backend.run(
      'update @sessions set user_id = null, name = null, end_reason = null, failure = null, walk = null where project = ? and id in (select id from @sessions where project = ? and user_id = ? order by id limit ?)',
      [project, project, of.user, limit],
    )),
]

/** Events that are looked at in one step, as a multiple of those that may be changed in it. */
const eventLooks = 4

/** As after the time for which content is kept: that it happened stays, and how it ends. */
function withoutContent(text: string): string {
  const { of, aboutChannel, agent, environment } = factsOf(text)
  return JSON.stringify({ params: {}, evidence: {}, ...(of !== undefined && { of }), ...(aboutChannel !== undefined && { aboutChannel }), ...(agent !== undefined && { agent }), ...(environment !== undefined && { environment }) })
}

function factsOf(text: string): Partial<AlertFacts> {
  try {
    // The store wrote it; where it is damaged nothing of it is kept.
    return JSON.parse(text) as Partial<AlertFacts>
  } catch {
    return {}
  }
}

/** One step of erasing. */
export async function eraseStep(backend: EraseBackend, query: EraseQuery): Promise<Erased> {
  const project = await backend.project(query.project)
  if (project === undefined) return { rows: 0 }
  const [number, after] = placeOf(query.after)
  const { of } = query
  const steps = of.kind === 'person' ? personSteps.map((step) => () => step(backend, project, { ...query, of }, after)) : userSteps.map((step) => () => step(backend, project, { ...query, of }, after))
  const step = steps[number]
  if (step === undefined) return { rows: 0 }
  const { rows, place } = await step()
  const goOn = place !== undefined ? `${number} ${place}` : number + 1 < steps.length ? `${number + 1} 0` : undefined
  return { rows, ...(goOn !== undefined && { goOn }) }
}

function placeOf(after: string | undefined): readonly [step: number, place: number] {
  const [step = 0, place = 0] = (after ?? '0 0').split(' ').map(Number)
  return [Number.isSafeInteger(step) ? step : 0, Number.isSafeInteger(place) ? place : 0]
}
