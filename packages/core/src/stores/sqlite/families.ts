import type { Transaction } from '../../model/store.ts'
import { alertOf } from '../rows/alert.ts'
import type { Destinations } from './destinations.ts'
import type { Projects } from './projects.ts'
import { tables } from '../rows/tables.ts'
import type { Prepare } from './statement.ts'
import { readOrTell } from '../rows/unreadable.ts'
import type { TellUnreadable } from '../rows/unreadable.ts'
import { whole } from '../rows/whole.ts'

/** Alerts that are part of another, and whom the other one is told to. */
export function familyKeeper(
  prepare: Prepare,
  projects: Projects,
  destinations: Destinations,
  tell: TellUnreadable,
): Pick<Transaction, 'withCause' | 'openUnder' | 'addressed' | 'hurry'> {
  const findOfCause = prepare.select(tables.alerts, '*', 'where project = ? and cause = ? and opened_at >= ? and parent is null order by id limit ?')
  const findUnder = prepare.select(tables.alerts, '*', "where parent = ? and state <> 'resolved' order by id limit ?")
  const findAddressed = prepare.select(tables.deliveries, ['id', 'destination'], "where alert = ? and news = 'firing'")
  const findAddressedInBatch = prepare.select(
    tables.deliveries,
    ['id', 'destination'],
    "where news = 'firing' and id in (select delivery from batch_items where alert = ?)",
  )
  const hurry = prepare.change(
    // Named: of several indices of the project only this one holds nothing but what waits.
    `update deliveries indexed by deliveries_due set due_at = ? where done_at is null and claimed_at is null and project = ? and batch_key is null and alert is not null
     and attempts = 0 and due_at > ? and due_at <= created_at + ?`,
  )

  return {
    async withCause({ project, cause, sinceMs, limit }) {
      const number = projects.known(project)
      return number === undefined ? [] : findOfCause.all(number, cause, whole(sinceMs), limit).map((row) => alertOf(row, row.id, project, tell))
    },
    async openUnder(parent, limit) {
      return findUnder.all(parent, limit).map((row) => alertOf(row, row.id, projects.name(row.project), tell))
    },
    async addressed(alert) {
      return [...findAddressed.all(alert), ...findAddressedInBatch.all(alert)].flatMap((row) => {
        const destination = readOrTell(tell, `delivery ${row.id}`, () => destinations.get(row.destination))
        return destination === undefined ? [] : [{ person: destination.recipient.person, channel: destination.channel, address: destination.recipient.address }]
      })
    },
    async hurry(project, waitMs, nowMs) {
      const number = projects.known(project)
      if (number !== undefined) hurry.run(whole(nowMs), number, whole(nowMs), whole(waitMs))
    },
  }
}
