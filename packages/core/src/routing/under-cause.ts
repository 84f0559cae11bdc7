import type { Alert, AlertChange } from '../model/alert.ts'
import type { Decision } from '../model/decision.ts'
import type { BatchItem, NewNotification, Transaction } from '../model/store.ts'
import { toldUnder } from '../model/under-cause.ts'
import type { Plan } from './plan.ts'
import type { Router } from './route.ts'

/**
 * What is part of another alert is told within it. Whoever would have been told of it is told of its cause instead, unless they are
 * already; what of it was not sent yet is taken back. In the caller's transaction, after the cause itself was enqueued.
 */
export async function planUnderCause(tx: Transaction, router: Router, members: readonly AlertChange[], nowMs: number): Promise<Plan> {
  const notifications: NewNotification[] = []
  const batched: BatchItem[] = []
  const decisions: Decision[] = []
  for (const [cause, changes] of byCause(members)) {
    const places = new Places(await tx.addressed(cause.id))
    const [hush] = await tx.hushes([cause.id])
    for (const { alert, change } of changes) {
      if (change !== 'opened') await tx.withdraw(alert.id, 'superseded', nowMs)
      decisions.push(toldUnder(alert, cause, nowMs))
      // Whom it was not told to while it lasted need not hear of it any more.
      if (cause.state === 'resolved') continue
      // What is hushed is told to nobody; at its end to all of these.
      if (hush !== undefined && hush.untilMs > nowMs) continue
      const plan = router.plan({ alert: cause, change: 'opened' }, nowMs, alert)
      const isNew = ({ recipient: { person, address }, channel }: NewNotification): boolean => places.isNew(person, channel, address)
      const [more, moreBatched] = [plan.notifications.filter(isNew), plan.batched.filter(isNew)]
      const added = [...more, ...moreBatched]
      for (const { recipient: { person, address }, channel } of added) places.add(person, channel, address)
      notifications.push(...more)
      batched.push(...moreBatched)
      decisions.push(...plan.decisions.filter((one) => added.some(({ recipient, channel }) => one.channel === channel && one.person === (recipient.person === '' ? '*' : recipient.person))))
    }
  }
  return { notifications, batched, decisions, failed: [] }
}

/** Whom an alert is told to: people by whatever channel, and places that several read. */
class Places {
  readonly #people = new Set<string>()
  readonly #shared = new Set<string>()

  constructor(known: readonly { readonly person: string; readonly channel: string; readonly address: string }[]) {
    for (const { person, channel, address } of known) this.add(person, channel, address)
  }

  isNew(person: string, channel: string, address: string): boolean {
    return !this.#people.has(person) && !(address === '' && this.#shared.has(channel))
  }

  add(person: string, channel: string, address: string): void {
    if (person !== '') this.#people.add(person)
    if (address === '') this.#shared.add(channel)
  }
}

function byCause(members: readonly AlertChange[]): ReadonlyMap<Alert, readonly AlertChange[]> {
  const groups = new Map<number, { readonly cause: Alert; readonly changes: AlertChange[] }>()
  for (const member of members) {
    const { under } = member
    if (under === undefined) continue
    const group = groups.get(under.id) ?? { cause: under, changes: [] }
    groups.set(under.id, group)
    group.changes.push(member)
  }
  return new Map([...groups.values()].map(({ cause, changes }) => [cause, changes]))
}
