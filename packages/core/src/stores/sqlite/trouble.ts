import type { Transaction } from '../../model/store.ts'
import { tables } from './schema.ts'
import type { Prepare } from './statement.ts'
import { whole } from './whole.ts'

/** Channels that are paused and addresses that do not work. */
export function troubleKeeper(prepare: Prepare): Pick<Transaction, 'pauses' | 'pauseChannel' | 'resumeChannel' | 'badAddresses' | 'addBadAddress'> {
  const findPauses = prepare.select(tables.pauses, '*', 'order by channel')
  const putPause = prepare.put(tables.pauses, ['channel', 'cause', 'since_at', 'until_at'])
  const removePause = prepare.change('delete from pauses where channel = ?')
  const findBad = prepare.select(tables.badAddresses, '*', 'where channel = ? and address = ?')
  const putBad = prepare.put(tables.badAddresses, ['channel', 'address', 'code', 'since_at'])

  return {
    async pauses() {
      return findPauses.all().map(({ channel, cause, since_at, until_at }) => ({ channel, cause, sinceMs: since_at, untilMs: until_at }))
    },
    async pauseChannel({ channel, cause, sinceMs, untilMs }) {
      putPause.run(channel, cause, whole(sinceMs), whole(untilMs))
    },
    async resumeChannel(channel) {
      removePause.run(channel)
    },
    async badAddresses(addresses) {
      return addresses.map(({ channel, address }) => {
        const row = findBad.get(channel, address)
        return row === undefined ? undefined : { channel, address, code: row.code, sinceMs: row.since_at }
      })
    },
    async addBadAddress({ channel, address, code, sinceMs }) {
      putBad.run(channel, address, code, whole(sinceMs))
    },
  }
}
