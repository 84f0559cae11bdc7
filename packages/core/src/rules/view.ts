import type { Alert } from '../model/alert.ts'
import type { Event } from '../model/event.ts'
import { usdFromNano } from '../model/money.ts'
import { compile, nearest } from './condition.ts'
import type { Compiled, FieldType } from './condition.ts'

export type { Condition } from './condition.ts'

/**
 * The one declared view of event and alert: conditions, `groupBy` and templates of keys use these names and no others.
 * Numbers are doubles. What an event does not have is missing, and a missing name makes a condition false.
 */
export class EventView {
  readonly #event: Event

  constructor(event: Event) {
    this.#event = event
  }

  get id(): string { return this.#event.id }
  get type(): string { return this.#event.type }
  get source(): string { return this.#event.source }
  get project(): string { return this.#event.project }
  get status(): string { return this.#event.status }
  get atMs(): number { return this.#event.atMs }
  get durationMs(): number { return this.#event.durationMs }
  get sessionId(): string | undefined { return this.#event.sessionId }
  get name(): string | undefined { return this.#event.name }
  get agent(): string | undefined { return this.#event.agent }
  get user(): string | undefined { return this.#event.user }
  get environment(): string | undefined { return this.#event.environment }
  get tags(): Readonly<Record<string, string>> { return this.#event.tags }
  get detail(): Readonly<Record<string, string>> { return this.#event.detail ?? nothing }
  get excerpt(): string | undefined { return this.#event.excerpt }
  get provider(): string | undefined { return this.#event.llm?.provider }
  get model(): string | undefined { return this.#event.llm?.model }
  get requestedModel(): string | undefined { return this.#event.llm?.requestedModel }
  get answerChars(): number | undefined { return this.#event.llm?.answerChars }
  get flaw(): string | undefined { return this.#event.llm?.flaw }
  get operation(): string | undefined { return this.#event.llm?.operation }
  get finishReason(): string | undefined { return this.#event.llm?.finishReason }
  get inputTokens(): number | undefined { return this.#event.llm?.inputTokens }
  get outputTokens(): number | undefined { return this.#event.llm?.outputTokens }
  get cacheReadTokens(): number | undefined { return this.#event.llm?.cacheReadTokens }
  get cacheWriteTokens(): number | undefined { return this.#event.llm?.cacheWriteTokens }
  get reasoningTokens(): number | undefined { return this.#event.llm?.reasoningTokens }
  get timeToFirstTokenMs(): number | undefined { return this.#event.llm?.timeToFirstTokenMs }
  get retries(): number | undefined { return this.#event.llm?.retries }
  /** Missing where the price is not known. */
  get costUsd(): number | undefined {
    const nano = this.#event.llm?.costNanoUsd
    return nano === undefined ? undefined : usdFromNano(nano)
  }
  get costSource(): string | undefined { return this.#event.llm?.costSource }
  get tool(): string | undefined { return this.#event.tool?.name }
  get errorClass(): string | undefined { return this.#event.error?.class }
  get errorMessage(): string | undefined { return this.#event.error?.message }
  get errorCode(): string | undefined { return this.#event.error?.code }
  get statusCode(): number | undefined { return this.#event.error?.statusCode }
  get endState(): string | undefined { return this.#event.endState }
  get endReason(): string | undefined { return this.#event.endReason }
}

/** What a route's `match` sees. */
export class AlertView {
  readonly #alert: Alert

  constructor(alert: Alert) {
    this.#alert = alert
  }

  get kind(): string { return this.#alert.kind }
  get severity(): string { return this.#alert.severity }
  get rule(): string { return this.#alert.rule }
  get key(): string { return this.#alert.key }
  get state(): string { return this.#alert.state }
  get message(): string { return this.#alert.message }
  get count(): number { return this.#alert.count }
  get openedAtMs(): number { return this.#alert.openedAtMs }
  get agent(): string | undefined { return this.#alert.agent }
  get environment(): string | undefined { return this.#alert.environment }
  get sessionId(): string | undefined { return this.#alert.sessionId }
  get tags(): Readonly<Record<string, string>> { return this.#alert.tags ?? nothing }
  get provider(): string | undefined { return textOf(this.#alert.params.provider) }
  get model(): string | undefined { return textOf(this.#alert.params.model) }
  get errorClass(): string | undefined { return textOf(this.#alert.params.errorClass ?? this.#alert.params.causeClass) }
  get budget(): string | undefined { return textOf(this.#alert.params.budget) }
  get percent(): number | undefined { return numberOf(this.#alert.params.percent) }
  /** What the alert says was spent, if it says so. */
  get costUsd(): number | undefined { return numberOf(this.#alert.params.costUsd ?? this.#alert.params.spentUsd) }
}

/** The view that conditions over events are tested against. */
export function viewOfEvent(event: Event): EventView {
  return new EventView(event)
}

/** The view that conditions over alerts are tested against. */
export function viewOfAlert(alert: Alert): AlertView {
  return new AlertView(alert)
}

interface Views {
  readonly event: EventView
  readonly alert: AlertView
}

const eventFields = {
  id: 'string', type: 'string', source: 'string', project: 'string', status: 'string', atMs: 'double', durationMs: 'double', sessionId: 'string',
  name: 'string', agent: 'string', user: 'string', environment: 'string', tags: 'map<string, string>', detail: 'map<string, string>',
  excerpt: 'string', provider: 'string', model: 'string', requestedModel: 'string', answerChars: 'double', flaw: 'string', operation: 'string', finishReason: 'string', inputTokens: 'double',
  outputTokens: 'double', cacheReadTokens: 'double', cacheWriteTokens: 'double', reasoningTokens: 'double', timeToFirstTokenMs: 'double',
  retries: 'double', costUsd: 'double', costSource: 'string', tool: 'string', errorClass: 'string', errorMessage: 'string',
  errorCode: 'string', statusCode: 'double', endState: 'string', endReason: 'string',
} as const satisfies Record<keyof EventView, FieldType>

const alertFields = {
  kind: 'string', severity: 'string', rule: 'string', key: 'string', state: 'string', message: 'string', count: 'double',
  openedAtMs: 'double', agent: 'string', environment: 'string', sessionId: 'string', tags: 'map<string, string>', provider: 'string',
  model: 'string', errorClass: 'string', budget: 'string', percent: 'double', costUsd: 'double',
} as const satisfies Record<keyof AlertView, FieldType>

const declared = {
  event: { view: EventView, fields: eventFields },
  alert: { view: AlertView, fields: alertFields },
}

/**
 * Compiles and type-checks a CEL condition over `event` or `alert`.
 *
 * `test` answers false where the condition needs something that is missing, and throws where it cannot be evaluated
 * for another reason, such as a division by zero; the caller reports that once and goes on.
 *
 * @example
 * const big = compileCondition("event.costUsd > 1 && event.tags.team == 'support'", 'event')
 * if (big.ok) big.test(viewOfEvent(event))
 */
export function compileCondition<Kind extends keyof Views>(expression: string, kind: Kind): Compiled<Views[Kind]> {
  const { view, fields } = declared[kind]
  return compile<Views[Kind]>(expression, { variable: kind, view, fields })
}

/** Names of the event view that are numbers and can be measured: all but the time, of which no sum or mean says anything. */
export const numberFieldNames: readonly string[] = Object.entries(eventFields).flatMap(([name, type]) => (type === 'double' && name !== 'atMs' ? [name] : []))

/** A field of the event view by its name; `undefined` where it is missing or there is none of this name. */
export function viewField(view: EventView, name: string): EventView[keyof EventView] {
  return isEventField(name) ? view[name] : undefined
}

/** What is wrong with a name in `groupBy`; nothing where it is one of the event view's own, `tags.NAME` or `detail.NAME`. */
export function problemOfGroupName(name: string): string | undefined {
  const path = groupPath(name)
  if (path.inner !== undefined ? path.field === 'tags' || path.field === 'detail' : isGroupField(path.field)) return undefined
  const known = Object.keys(eventFields).filter(isGroupField)
  const near = nearest(path.field, known)
  return `expected a name of the event view such as agent, model or tags.team, found "${name}"${near === undefined ? '' : `; did you mean "${near}"?`}`
}

/** The values of these names in an event as text, in order; missing ones are empty. */
export function groupValues(event: Event, names: readonly string[]): readonly string[] {
  return names.length === 0 ? [] : groupReader(names)(viewOfEvent(event))
}

/** The same for many events: the names are looked at once. */
export function groupReader(names: readonly string[]): (view: EventView) => readonly string[] {
  const readers = names.map(valueReader)
  return (view) => readers.map((read) => read(view))
}

/** The value of one of these names. */
export function valueReader(name: string): (view: EventView) => string {
  const { field, inner } = groupPath(name)
  if (!isEventField(field)) return () => ''
  return (view) => {
    const value = view[field]
    if (typeof value === 'string') return value
    if (typeof value === 'object') return inner !== undefined && Object.hasOwn(value, inner) ? (value[inner] ?? '') : ''
    return value === undefined ? '' : String(value)
  }
}

/** The field that a name in `groupBy` begins with: `tags` of `event.tags.team`. */
export function groupNameOf(name: string): string {
  return groupPath(name).field
}

/** Names of the alert view that tell one alert from another for as long as they last: no amounts, and not how it stands. */
const alertGroupFields = ['kind', 'severity', 'rule', 'key', 'message', 'agent', 'environment', 'sessionId', 'provider', 'model', 'errorClass', 'budget'] as const satisfies readonly (keyof AlertView)[]

/** What is wrong with a name in a route's `groupBy`; nothing where it is one of the alert view's own that can group, or `tags.NAME`. */
export function problemOfAlertGroupName(name: string): string | undefined {
  const { field, inner } = groupPath(name, 'alert')
  if (inner !== undefined ? field === 'tags' && inner !== '' : alertGroupFields.some((known) => known === field)) return undefined
  const near = nearest(field, alertGroupFields)
  return `expected a name of the alert view, one of ${alertGroupFields.join(', ')} or tags.NAME, found "${name}"${near === undefined ? '' : `; did you mean "${near}"?`}`
}

/** The value of one of these names in an alert as text; empty where it is missing. */
export function alertValueReader(name: string): (view: AlertView) => string {
  const { field, inner } = groupPath(name, 'alert')
  if (inner !== undefined) return ({ tags }) => (Object.hasOwn(tags, inner) ? (tags[inner] ?? '') : '')
  const known = alertGroupFields.find((one) => one === field)
  return (view) => (known === undefined ? '' : (view[known] ?? ''))
}

function groupPath(name: string, view: keyof Views = 'event'): { readonly field: string; readonly inner?: string } {
  const path = name.startsWith(`${view}.`) ? name.slice(view.length + 1) : name
  const dot = path.indexOf('.')
  return dot < 0 ? { field: path } : { field: path.slice(0, dot), inner: path.slice(dot + 1) }
}

function isEventField(name: string): name is keyof typeof eventFields {
  return Object.hasOwn(eventFields, name)
}

function isGroupField(name: string): boolean {
  return isEventField(name) && !eventFields[name].startsWith('map')
}

const nothing: Readonly<Record<string, string>> = {}

function textOf(value: string | number | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function numberOf(value: string | number | undefined): number | undefined {
  return typeof value === 'number' ? value : undefined
}
