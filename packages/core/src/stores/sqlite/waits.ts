import type { Transaction } from '../../model/store.ts'
import { given, query } from './statement.ts'
import type { Prepare } from './statement.ts'
import { whole } from './whole.ts'

/** What makes work wait: rates, and timers, which are rows so that nothing waits in memory. */
export function waitKeeper(prepare: Prepare): Pick<Transaction, 'rates' | 'putRates' | 'putTimers' | 'dueTimers' | 'removeTimers'> {
  const findRate = prepare(query.selectFrom('rates').select('tat').where('key', '=', given<string>()))
  const putRate = prepare(query.insertInto('rates').orReplace().values({ key: given(), tat: given() }))
  const putTimer = prepare(query.insertInto('timers').orReplace().values({ kind: given(), key: given(), due_at: given() }))
  const findTimers = prepare(query.selectFrom('timers').selectAll().where('due_at', '<=', given<number>()).orderBy('due_at').limit(given<number>()))
  const removeTimer = prepare(query.deleteFrom('timers').where('kind', '=', given<string>()).where('key', '=', given<string>()))

  return {
    async rates(keys) {
      const found = new Map<string, number>()
      for (const key of keys) {
        const row = findRate.get(key)
        if (row !== undefined) found.set(key, row.tat)
      }
      return found
    },
    async putRates(rates) {
      for (const [key, tat] of rates) putRate.run(key, whole(tat))
    },
    async putTimers(timers) {
      for (const { kind, key, dueMs } of timers) putTimer.run(kind, key, whole(dueMs))
    },
    async dueTimers(nowMs, limit) {
      return findTimers.all(whole(nowMs), limit).map(({ kind, key, due_at }) => ({ kind, key, dueMs: due_at }))
    },
    async removeTimers(timers) {
      for (const { kind, key } of timers) removeTimer.run(kind, key)
    },
  }
}
