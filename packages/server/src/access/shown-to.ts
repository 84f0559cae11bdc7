import { mayHear, partOfParam, permissions, type Alert, type AlertKind, type Decision, type DeliveryRecord, type Event, type Part, type Role, type Session } from 'tocsin/engine'

/**
 * What a role gets to see of what is on record: the same as it would be told in a message. Whatever the API, the stream or an export
 * gives out goes through here. `undefined`: it does not exist for them. Ask `shownKinds` before reading, so that pages and counts
 * are made of what they may see.
 */

/** The kinds of alert that are there for this role: put them into the query, so that no count, filter or cursor tells of others. */
export function shownKinds(role: Role): readonly AlertKind[] {
  return permissions[role].receives
}

export function seesPart(role: Role, part: Part): boolean {
  return permissions[role].sees.includes(part)
}

/** Without `pattern` and `report`, which are the engine's own; `key` only where it names nobody and says nothing that is hidden. */
export type ShownAlert = Omit<Alert, 'key' | 'pattern' | 'report' | 'renews'> & { readonly key?: string }

/** @param person who asks, by their name in the configuration; absent: nobody's own news */
export function shownAlert(role: Role, alert: Alert, person = ''): ShownAlert | undefined {
  if (!mayHear(role, person, alert)) return undefined
  const { pattern: _pattern, report: _report, renews: _renews, key, announcement, ...rest } = alert
  const seesAll = permissions[role].sees.length === allParts.length
  const ofParam: Readonly<Record<string, Part | undefined>> = partOfParam
  const hidden = (name: string): boolean => {
    const part = Object.hasOwn(ofParam, name) ? ofParam[name] : undefined
    return part !== undefined && !seesPart(role, part)
  }
  const names = Object.keys(alert.params)
  // What a rule groups by is in its key too.
  const keyTells = names.some((name) => groupNames.has(name) && hidden(name))
  return {
    ...rest,
    ...(!keyTells && { key }),
    params: Object.fromEntries(Object.entries(alert.params).filter(([name]) => !hidden(name))),
    evidence: seesAll ? alert.evidence : Object.fromEntries(Object.entries(alert.evidence).filter(([name]) => seesEvidence(role, name, alert))),
    ...(announcement !== undefined && { announcement: seesPart(role, 'personalData') ? announcement : withoutAddress(announcement) }),
  }
}

const allParts: readonly Part[] = ['costDetail', 'sessionContent', 'personalData']
const groupNames: ReadonlySet<string> = new Set(['groupUser', 'groupContent', 'scopeUser', 'madeUser', 'madeUser2', 'address'])

/** Evidence that says nothing but ids, times, counts and the rule's own settings. What a rule adds later is hidden until it is named here. */
const plainEvidence: ReadonlySet<string> = new Set([
  'event', 'lastEvent', 'type', 'session', 'process', 'request', 'provider', 'model', 'requestedModel', 'errorClass', 'code', 'flaw', 'finishReason', 'endState', 'rule',
  'durationMs', 'limitMs', 'windowMs', 'sinceMs', 'absentMs', 'lastAtMs', 'judgedAtMs', 'startedAtMs', 'periodStartMs', 'everyMs', 'spanMs', 'toCapMs', 'since', 'last', 'window', 'minutes',
  'samples', 'least', 'count', 'times', 'calls', 'errors', 'failed', 'failures', 'answerChars', 'inputTokens', 'outputTokens', 'turns', 'depth', 'groupsMax', 'threshold', 'share', 'epoch', 'score', 'kind', 'unit', 'scale', 'late',
])
/** Numbers of a rule that may measure money. */
const measured: ReadonlySet<string> = new Set(['value', 'limit', 'expected', 'low', 'high'])

function seesEvidence(role: Role, name: string, { params }: Alert): boolean {
  if (plainEvidence.has(name)) return true
  if (/usd/i.test(name)) return seesPart(role, 'costDetail')
  return measured.has(name) && (seesPart(role, 'costDetail') || !Object.keys(params).some((param) => param.endsWith('Usd')))
}

function withoutAddress({ direct, ...rest }: NonNullable<Alert['announcement']>): NonNullable<Alert['announcement']> {
  return direct === undefined ? rest : { ...rest, direct: { ...direct, address: '' } }
}

/** What the rules keep of its steps is never shown; amounts, content and the user by permission. */
export type ShownSession = Omit<Session, 'walk' | 'costNanoUsd' | 'unpriced'> & Partial<Pick<Session, 'costNanoUsd' | 'unpriced'>>

export function shownSession(role: Role, session: Session): ShownSession | undefined {
  if (!permissions[role].does.includes('sessions:read')) return undefined
  const { walk: _walk, costNanoUsd, unpriced, user, endReason, firstFailure, ...rest } = session
  const content = seesPart(role, 'sessionContent')
  return {
    ...rest,
    ...(seesPart(role, 'costDetail') && { costNanoUsd, unpriced }),
    ...(user !== undefined && seesPart(role, 'personalData') && { user }),
    ...(endReason !== undefined && content && { endReason }),
    ...(firstFailure !== undefined && { firstFailure: content ? firstFailure : { ...firstFailure, message: '' } }),
  }
}

/** Of a call its form, its times and how it ended; what was said, what it cost and for whom it was, by permission. */
export function shownEvent<Kept extends Event>(role: Role, event: Kept): Kept | undefined {
  if (!permissions[role].does.includes('sessions:read')) return undefined
  const hidden: (keyof Event)[] = [
    ...(seesPart(role, 'personalData') ? [] : (['user'] as const)),
    ...(seesPart(role, 'sessionContent') ? [] : (['excerpt', 'endReason', 'detail', 'announcement'] as const)),
  ]
  const kept: Kept = { ...event }
  for (const name of hidden) Reflect.deleteProperty(kept, name)
  return {
    ...kept,
    ...(event.error !== undefined && !seesPart(role, 'sessionContent') && { error: { ...event.error, message: '' } }),
    ...(event.llm !== undefined && !seesPart(role, 'costDetail') && { llm: withoutCost(event.llm) }),
    ...(kept.announcement !== undefined && !seesPart(role, 'personalData') && { announcement: withoutAddress(kept.announcement) }),
  }
}

function withoutCost({ costNanoUsd: _cost, costSource: _source, ...rest }: NonNullable<Event['llm']>): NonNullable<Event['llm']> {
  return rest
}

/**
 * What anybody was sent is for those who may `messages:read`; everybody sees what they were sent themselves.
 *
 * @param person who asks, by their name in the configuration
 */
export function shownDelivery<Kept extends Pick<DeliveryRecord, 'person' | 'address'>>(role: Role, delivery: Kept, person = ''): Kept | undefined {
  const isOwn = person !== '' && delivery.person === person
  if (!isOwn && !permissions[role].does.includes('messages:read')) return undefined
  return isOwn || seesPart(role, 'personalData') ? delivery : { ...delivery, address: '' }
}

const personalDecisionParams: ReadonlySet<string> = new Set(['address'])

/**
 * Why somebody was or was not told, for whoever may see the alert: names of people are part of the answer, addresses are not.
 *
 * @param alert the one that it is about
 */
export function shownDecision<Kept extends Decision>(role: Role, decision: Kept, alert: Alert, person = ''): Kept | undefined {
  if (!mayHear(role, person, alert)) return undefined
  if (seesPart(role, 'personalData') || (person !== '' && decision.person === person)) return decision
  return { ...decision, params: Object.fromEntries(Object.entries(decision.params).filter(([name]) => !personalDecisionParams.has(name))) }
}
