import type { ChannelPause, Transaction } from '../../model/store.ts'
import type { Projects } from './projects.ts'
import { tables } from '../rows/tables.ts'
import type { PauseRow } from '../rows/tables.ts'
import type { Prepare } from './statement.ts'
import { whole } from '../rows/whole.ts'

/** Channels that are paused and addresses that do not work. */
export function troubleKeeper(
  prepare: Prepare,
  projects: Projects,
): Pick<Transaction, 'pauses' | 'pauseChannel' | 'resumeChannel' | 'channelHealth' | 'putChannelHealth' | 'clearChannelHealth' | 'badAddresses' | 'addBadAddress' | 'clearBadAddresses'> {
  const findPauses = prepare.select(tables.pauses, '*', 'where project = ? order by channel')
  const putPause = prepare.put(tables.pauses, ['project', 'channel', 'why', 'cause', 'since_at', 'until_at', 'length_ms', 'failed_probes', 'probe'])
  const removePause = prepare.change('delete from pauses where project = ? and channel = ?')
  const findHealth = prepare.select(tables.channelHealth, '*', 'where project = ? order by channel')
  const putHealth = prepare.put(tables.channelHealth, ['project', 'channel', 'since_at', 'last_at', 'failures', 'first_delivery', 'several'])
  const removeHealth = prepare.change('delete from channel_health where project = ? and channel = ?')
  const findBad = prepare.select(tables.badAddresses, ['code', 'since_at', 'until_at'], 'where project = ? and channel = ? and address = ? and until_at > ?')
  const findAnyBad = prepare.select(tables.badAddresses, ['address'], 'limit 1')
  const putBad = prepare.put(tables.badAddresses, ['project', 'channel', 'address', 'code', 'since_at', 'until_at'])
  const removeBad = prepare.change('delete from bad_addresses where project = ? and channel = ? and address = ?')

  return {
    async pauses(project) {
      return findPauses.all(projects.number(project)).map((row) => pauseOf(row, project))
    },
    async pauseChannel({ project, channel, why, cause, sinceMs, untilMs, lengthMs, failedProbes, probe }) {
      putPause.run(projects.number(project), channel, why, cause, whole(sinceMs), whole(untilMs), whole(lengthMs), failedProbes, probe ?? null)
    },
    async resumeChannel(project, channel) {
      removePause.run(projects.number(project), channel)
    },
    async channelHealth(project) {
      return findHealth.all(projects.number(project)).map(({ channel, since_at, last_at, failures, first_delivery, several }) => ({
        project, channel, failingSinceMs: since_at, lastMs: last_at, failures, firstDelivery: first_delivery, areSeveral: several !== 0,
      }))
    },
    async putChannelHealth({ project, channel, failingSinceMs, lastMs, failures, firstDelivery, areSeveral }) {
      putHealth.run(projects.number(project), channel, whole(failingSinceMs), whole(lastMs), failures, firstDelivery, areSeveral ? 1 : 0)
    },
    async clearChannelHealth(project, channel) {
      removeHealth.run(projects.number(project), channel)
    },
    async badAddresses(addresses, nowMs) {
      // Asked of everything that is claimed, and nearly always there is none.
      if (addresses.length === 0 || findAnyBad.get() === undefined) return addresses.map(() => undefined)
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

function pauseOf({ channel, why, cause, since_at, until_at, length_ms, failed_probes, probe }: PauseRow, project: string): ChannelPause {
  return { project, channel, why, cause, sinceMs: since_at, untilMs: until_at, lengthMs: length_ms, failedProbes: failed_probes, ...(probe !== null && { probe }) }
}
