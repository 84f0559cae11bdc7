import type { SessionChange } from '../../model/session.ts'
import type { Transaction } from '../../model/store.ts'

/** Of each sort that are written down of one commit; where there are more, whoever looks reads anew. */
const notedMax = 500
/** Commits that are kept; the oldest go by so many at a time. */
export const changesKept = 100_000
export const changesForgottenAtOnce = 512

const place = (project: string, id: string): string => `${project}\u0000${id}`

/**
 * What one commit changed of what people look at: one short text a commit, in the order of commits. Alerts and sessions carry the times of
 * events and deliveries those of their processes, so that no time could say what was committed after what.
 */
export class ChangeNotes {
  readonly #alerts = new Set<number>()
  readonly #deliveries = new Set<number>()
  readonly #newsOf = new Set<number>()
  readonly #sessions = new Map<string, readonly [project: string, id: string]>()

  alerts(ids: readonly number[]): void {
    addTo(this.#alerts, ids)
  }

  deliveries(ids: readonly number[]): void {
    addTo(this.#deliveries, ids)
  }

  newsOf(alert: number): void {
    addTo(this.#newsOf, [alert])
  }

  session(project: string, id: string): void {
    if (this.#sessions.size <= notedMax) this.#sessions.set(place(project, id), [project, id])
  }

  /** What is to be written with the commit; absent: it changed nothing that people look at. Begins anew. */
  take(): string | undefined {
    const a = [...this.#alerts]
    const d = [...this.#deliveries]
    const w = [...this.#newsOf]
    const s = [...this.#sessions.values()]
    this.clear()
    if (a.length + d.length + w.length + s.length === 0) return undefined
    const isCut = [a, d, w, s].some((list) => list.length > notedMax)
    return JSON.stringify({
      ...(a.length > 0 && { a: a.slice(0, notedMax) }), ...(d.length > 0 && { d: d.slice(0, notedMax) }),
      ...(w.length > 0 && { w: w.slice(0, notedMax) }), ...(s.length > 0 && { s: s.slice(0, notedMax) }), ...(isCut && { cut: 1 }),
    })
  }

  clear(): void {
    this.#alerts.clear()
    this.#deliveries.clear()
    this.#newsOf.clear()
    this.#sessions.clear()
  }
}

/** One more than are written, so that it is known that there were more. */
function addTo(set: Set<number>, ids: readonly number[]): void {
  for (const id of ids) {
    if (set.size > notedMax) return
    set.add(id)
  }
}

/** The same methods; what they change is noted. A claim is not: it is seen by what becomes of it. */
export function noting(tx: Transaction, notes: ChangeNotes): Transaction {
  return {
    ...tx,
    async insertAlerts(alerts) {
      const ids = await tx.insertAlerts(alerts)
      notes.alerts(ids)
      return ids
    },
    updateAlerts(updates) {
      notes.alerts(updates.map(({ id }) => id))
      return tx.updateAlerts(updates)
    },
    hush(hushes) {
      notes.alerts(hushes.map(({ alert }) => alert))
      return tx.hush(hushes)
    },
    unhush(alerts) {
      notes.alerts(alerts)
      return tx.unhush(alerts)
    },
    async enqueue(notifications) {
      const made = await tx.enqueue(notifications)
      notes.deliveries(made.map(({ delivery }) => delivery))
      return made
    },
    async enqueueInBatch(items) {
      const made = await tx.enqueueInBatch(items)
      notes.deliveries(made.map(({ delivery }) => delivery))
      return made
    },
    async copyBatch(fromDelivery, item) {
      const made = await tx.copyBatch(fromDelivery, item)
      if (made !== undefined) notes.deliveries([made.delivery])
      return made
    },
    async withdraw(alert, ...rest) {
      const withdrawn = await tx.withdraw(alert, ...rest)
      if (withdrawn.length > 0) notes.newsOf(alert)
      return withdrawn
    },
    async settle(settlements) {
      const held = await tx.settle(settlements)
      notes.deliveries(settlements.filter((_one, index) => held[index] === true).map(({ id }) => id))
      return held
    },
    async learn(delivery, ...rest) {
      const isLearnt = await tx.learn(delivery, ...rest)
      if (isLearnt) notes.deliveries([delivery])
      return isLearnt
    },
    finish(ids, ...rest) {
      notes.deliveries(ids)
      return tx.finish(ids, ...rest)
    },
    async applySessions(deltas, walkOf) {
      const changes = await tx.applySessions(deltas, walkOf)
      for (const { before, after } of changes) if (isNews(before, after)) notes.session(after.project, after.sessionId)
      return changes
    },
    async endSilentSessions(sessions, sinceMs) {
      const runOn = await tx.endSilentSessions(sessions, sinceMs)
      sessions.forEach(({ project, sessionId }, index) => {
        if (runOn[index] === undefined) notes.session(project, sessionId)
      })
      return runOn
    },
  }
}

/** It began, ended, runs again, or failed for the first time; that it goes on is no news. */
function isNews(before: SessionChange['before'], after: SessionChange['after']): boolean {
  return before === undefined || before.state !== after.state || (before.firstFailure === undefined && after.firstFailure !== undefined)
}

export interface ReadNotes {
  readonly alerts: readonly number[]
  readonly deliveries: readonly number[]
  readonly newsOf: readonly number[]
  readonly sessions: readonly { readonly project: string; readonly id: string }[]
  readonly isCut: boolean
}

/** What several commits changed, each thing once. */
export function readNotes(texts: readonly string[]): ReadNotes {
  const alerts = new Set<number>()
  const deliveries = new Set<number>()
  const newsOf = new Set<number>()
  const sessions = new Map<string, { readonly project: string; readonly id: string }>()
  let isCut = false
  for (const text of texts) {
    // `ChangeNotes.take` wrote it, and nothing else writes there.
    const noted = JSON.parse(text) as { readonly a?: readonly number[]; readonly d?: readonly number[]; readonly w?: readonly number[]; readonly s?: readonly (readonly [string, string])[]; readonly cut?: 1 }
    for (const id of noted.a ?? []) alerts.add(id)
    for (const id of noted.d ?? []) deliveries.add(id)
    for (const id of noted.w ?? []) newsOf.add(id)
    for (const [project, id] of noted.s ?? []) sessions.set(place(project, id), { project, id })
    isCut ||= noted.cut === 1
  }
  return { alerts: [...alerts], deliveries: [...deliveries], newsOf: [...newsOf], sessions: [...sessions.values()], isCut }
}
