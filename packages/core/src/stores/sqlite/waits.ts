import type { Transaction } from '../../model/store.ts'
import type { Projects } from './projects.ts'
import { tables } from '../rows/tables.ts'
import type { Prepare } from './statement.ts'
import { whole } from '../rows/whole.ts'

/** What makes work wait: rates, and timers, which are rows so that nothing waits in memory. */
export function waitKeeper(prepare: Prepare, projects: Projects): Pick<Transaction, 'rates' | 'putRates' | 'putTimers' | 'putFirstTimer' | 'putMissingTimers' | 'takeTimers' | 'dueTimers' | 'removeTimers'> {
  const findRate = prepare.select(tables.rates, ['tat'], 'where key = ?')
  const putRate = prepare.put(tables.rates, ['key', 'tat'])
  const putTimer = prepare.put(tables.timers, ['project', 'kind', 'key', 'due_at'])
  const findKind = prepare.select(tables.timers, ['key'], 'where project = ? and kind = ? limit 1')
  const putMissing = prepare.insert(tables.timers, ['project', 'kind', 'key', 'due_at'], 'on conflict do nothing')
  const take = prepare.change('delete from timers where project = ? and kind = ? and key = ? and due_at = ?')
  const findTimers = prepare.select(tables.timers, ['kind', 'key', 'due_at'], 'where project = ? and due_at <= ? order by due_at limit ?')
  const removeTimer = prepare.change('delete from timers where project = ? and kind = ? and key = ?')

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
      for (const { project, kind, key, dueMs } of timers) putTimer.run(projects.number(project), kind, key, whole(dueMs))
    },
    async putFirstTimer({ project, kind, key, dueMs }) {
      const number = projects.number(project)
      if (findKind.get(number, kind) === undefined) putTimer.run(number, kind, key, whole(dueMs))
    },
    async putMissingTimers(timers) {
      for (const { project, kind, key, dueMs } of timers) putMissing.run(projects.number(project), kind, key, whole(dueMs))
    },
    async takeTimers(timers) {
      return timers.map(({ project, kind, key, dueMs }) => take.run(projects.number(project), kind, key, whole(dueMs)).changes > 0)
    },
    async dueTimers(project, nowMs, limit) {
      return findTimers.all(projects.number(project), whole(nowMs), limit).map(({ kind, key, due_at }) => ({ project, kind, key, dueMs: due_at }))
    },
    async removeTimers(timers) {
      for (const { project, kind, key } of timers) removeTimer.run(projects.number(project), kind, key)
    },
  }
}
