import type { Alert } from '../../../model/alert.ts'
import type { Clock } from '../../../model/clock.ts'
import type { DeliveryRecord, StoredEvent } from '../../../model/reader.ts'
import type { Session } from '../../../model/session.ts'
import type { TellUnreadable } from '../unreadable.ts'
import type { AlertRow, DeliveryRow, EventRow, SessionRow } from '../tables.ts'

export type ListValue = string | number | null

/**
 * What a store brings along for lists; the queries are the same for all. In their text `?` stands for a value and `@` before the names of
 * our tables.
 */
export interface ListBackend {
  readonly tell: TellUnreadable
  /** By which a page that takes long ends early; absent: what is looked at is bounded by its number alone. */
  readonly clock?: Pick<Clock, 'monotonicMs'>
  /** The table of events as it stands in a query for those that failed, where they have an index: `(project, at, id, agent, type) where status = 'error'`. */
  readonly failedEvents?: string
  /** Selects the numbers of deliveries that wait or are under way: two values, the project and how many. @default from the index of what waits among the deliveries */
  readonly waiting?: string
  /** What holds of deliveries that ended without having been sent, as an index of them knows it. @default by their results */
  readonly unsuccessful?: string
  all<Row>(text: string, values: readonly ListValue[]): Promise<readonly Row[]>
  /** The text at this place in a column of JSON; null where there is none. */
  textAt(column: string, name: string): string
  /** A session's id as it stands in the keys. */
  key(sessionId: string): string
  /** The number of a project, if anything of it was ever stored. */
  project(name: string): Promise<number | undefined>
  // Rows that cannot be read are left out and told of.
  alertsOf(rows: readonly AlertRow[]): Promise<readonly Alert[]>
  deliveriesOf(rows: readonly DeliveryRow[]): Promise<readonly DeliveryRecord[]>
  sessionsOf(rows: readonly SessionRow[], project: string): Promise<readonly Session[]>
  eventsOf(rows: readonly EventRow[]): Promise<readonly StoredEvent[]>
}

/** Conditions that all hold, with their values in order. */
export class Conditions {
  readonly #parts: string[] = []
  readonly values: ListValue[] = []

  /** @param text with a `?` for each value */
  and(text: string, ...values: readonly ListValue[]): this {
    this.#parts.push(text)
    this.values.push(...values)
    return this
  }

  /** Nothing is added where nothing is asked for. */
  equals(column: string, value: string | number | undefined): this {
    return value === undefined ? this : this.and(`${column} = ?`, value)
  }

  /** Any of these; none given: everything passes. An empty list passes nothing. */
  anyOf(column: string, values: readonly (string | number)[] | undefined): this {
    if (values === undefined) return this
    return values.length === 0 ? this.and('1 = 0') : this.and(`${column} in (${places(values.length)})`, ...filled(values))
  }

  get isEmpty(): boolean {
    return this.#parts.length === 0
  }

  get text(): string {
    return this.#parts.length === 0 ? '1 = 1' : this.#parts.join(' and ')
  }
}

/** All of them. */
export function allOf(...several: readonly Conditions[]): Conditions {
  const joined = new Conditions()
  for (const one of several) if (!one.isEmpty) joined.and(one.text, ...one.values)
  return joined
}

/** Lists of values are filled up to a few lengths, so that there are few texts to prepare. */
const lengths: readonly number[] = [1, 2, 4, 8, 16, 64, 200, 1_000]

function places(count: number): string {
  return Array.from({ length: lengthFor(count) }, () => '?').join(', ')
}

function filled(values: readonly (string | number)[]): readonly (string | number)[] {
  const last = values.at(-1) ?? 0
  return [...values, ...Array.from({ length: lengthFor(values.length) - values.length }, () => last)]
}

function lengthFor(count: number): number {
  return lengths.find((length) => length >= count) ?? count
}
