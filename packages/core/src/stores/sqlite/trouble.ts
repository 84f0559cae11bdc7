import type { Transaction } from '../../model/store.ts'
import { given, query } from './statement.ts'
import type { Prepare } from './statement.ts'
import { whole } from './whole.ts'

/** Channels that are paused and addresses that do not work. */
export function troubleKeeper(prepare: Prepare): Pick<Transaction, 'pauses' | 'pauseChannel' | 'resumeChannel' | 'badAddresses' | 'addBadAddress'> {
  const findPauses = prepare(query.selectFrom('pauses').selectAll().orderBy('channel'))
  const putPause = prepare(query.insertInto('pauses').orReplace().values({ channel: given(), cause: given(), since_at: given(), until_at: given() }))
  const removePause = prepare(query.deleteFrom('pauses').where('channel', '=', given<string>()))
  const findBad = prepare(query.selectFrom('bad_addresses').selectAll().where('channel', '=', given<string>()).where('address', '=', given<string>()))
  const putBad = prepare(query.insertInto('bad_addresses').orReplace().values({ channel: given(), address: given(), code: given(), since_at: given() }))

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
