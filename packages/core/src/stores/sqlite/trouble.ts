import type { Transaction } from '../../model/store.ts'
import type { Projects } from './projects.ts'
import { tables } from './schema.ts'
import type { Prepare } from './statement.ts'
import { whole } from './whole.ts'

/** Channels that are paused and addresses that do not work. */
export function troubleKeeper(
  prepare: Prepare,
  projects: Projects,
): Pick<Transaction, 'pauses' | 'pauseChannel' | 'resumeChannel' | 'badAddresses' | 'addBadAddress' | 'clearBadAddresses'> {
  const findPauses = prepare.select(tables.pauses, ['channel', 'cause', 'since_at', 'until_at'], 'where project = ? order by channel')
  const putPause = prepare.put(tables.pauses, ['project', 'channel', 'cause', 'since_at', 'until_at'])
  const removePause = prepare.change('delete from pauses where project = ? and channel = ?')
  const findBad = prepare.select(tables.badAddresses, ['code', 'since_at', 'until_at'], 'where project = ? and channel = ? and address = ? and until_at > ?')
  const findAnyBad = prepare.select(tables.badAddresses, ['address'], 'limit 1')
  const putBad = prepare.put(tables.badAddresses, ['project', 'channel', 'address', 'code', 'since_at', 'until_at'])
  const removeBad = prepare.change('delete from bad_addresses where project = ? and channel = ? and address = ?')

  return {
    async pauses(project) {
      return findPauses.all(projects.number(project)).map(({ channel, cause, since_at, until_at }) => ({ project, channel, cause, sinceMs: since_at, untilMs: until_at }))
    },
    async pauseChannel({ project, channel, cause, sinceMs, untilMs }) {
      putPause.run(projects.number(project), channel, cause, whole(sinceMs), whole(untilMs))
    },
    async resumeChannel(project, channel) {
      removePause.run(projects.number(project), channel)
    },
    async badAddresses(addresses, nowMs) {
      return addresses.map(({ project, channel, address }) => {
        const row = findBad.get(projects.number(project), channel, address, whole(nowMs))
        return row === undefined ? undefined : { project, channel, address, code: row.code, sinceMs: row.since_at, untilMs: row.until_at }
      })
    },
    async addBadAddress({ project, channel, address, code, sinceMs, untilMs }) {
      putBad.run(projects.number(project), channel, address, code, whole(sinceMs), whole(untilMs))
    },
    async clearBadAddresses(addresses) {
      // Asked after every message that was sent, and nearly always there is none.
      if (addresses.length === 0 || findAnyBad.get() === undefined) return
      for (const { project, channel, address } of addresses) removeBad.run(projects.number(project), channel, address)
    },
  }
}
