import type { Transaction } from '../../model/store.ts'
import { tables } from '../rows/tables.ts'
import { whole } from '../rows/whole.ts'
import type { Context } from './context.ts'
import { keyText } from './key.ts'
import { changing, insertLists } from './statement.ts'

/** What tells sums apart, and crossings. */
interface Identity {
  readonly project: string
  readonly budget: string
  readonly scope: string
  readonly periodStartMs: number
  readonly epoch: string
}

const identity = { project: 'integer', budget: 'text', scope: 'text', period: 'bigint', epoch: 'text' } as const

const add = changing(
  insertLists(
    { from: 'spend as held' },
    { ...identity, nano: 'bigint', unpriced: 'bigint' },
    `on conflict (project, budget, scope, period, epoch) do update set
       nano = least(${Number.MAX_SAFE_INTEGER}, held.nano + excluded.nano), unpriced = held.unpriced + excluded.unpriced`,
  ),
  tables.spend,
  ['project', 'budget', 'scope', 'period', 'epoch', 'nano', 'unpriced'],
)
const cross = changing(
  insertLists(tables.crossings, { ...identity, threshold: 'double precision', at: 'bigint' }, 'on conflict do nothing'),
  tables.crossings,
  ['project', 'budget', 'scope', 'period', 'epoch', 'threshold'],
)

/** Sums are exact up to 2^53 nano-dollars (9 million dollars) and stay there. */
export function spendWriter({ sql, projects }: Context): Pick<Transaction, 'addSpend' | 'recordCrossings'> {
  const identities = async (of: readonly Identity[]): Promise<readonly (readonly [number, string, string, number, string])[]> => {
    const numberOf = await projects.numbers(of.map(({ project }) => project))
    return of.map(({ project, budget, scope, periodStartMs, epoch }) => [numberOf(project), keyText(budget), keyText(scope), whole(periodStartMs), keyText(epoch)])
  }
  const lists = (of: readonly (readonly [number, string, string, number, string])[]): readonly [number[], string[], string[], number[], string[]] => [
    of.map(([project]) => project), of.map(([, budget]) => budget), of.map(([, , scope]) => scope), of.map(([, , , period]) => period), of.map(([, , , , epoch]) => epoch),
  ]

  return {
    async addSpend(deltas) {
      if (deltas.length === 0) return []
      const ids = await identities(deltas)
      // A statement changes a row once: what a batch adds to one sum is added up here, and taken apart again below.
      const added = new Map<string, { readonly id: (typeof ids)[number]; nano: number; unpriced: number }>()
      for (const [index, delta] of deltas.entries()) {
        const id = ids[index]
        if (id === undefined) continue
        const sum = added.get(JSON.stringify(id)) ?? { id, nano: 0, unpriced: 0 }
        added.set(JSON.stringify(id), sum)
        sum.nano = whole(sum.nano + whole(delta.nanoUsd))
        sum.unpriced = whole(sum.unpriced + whole(delta.unpriced))
      }
      const sums = [...added.values()]
      const rows = await sql.all(add, ...lists(sums.map(({ id }) => id)), sums.map(({ nano }) => nano), sums.map(({ unpriced }) => unpriced))
      const running = new Map<string, { nano: number; unpriced: number }>()
      for (const { project, budget, scope, period, epoch, nano, unpriced } of rows) {
        const key = JSON.stringify([project, budget, scope, period, epoch])
        const sum = added.get(key)
        running.set(key, { nano: nano - (sum?.nano ?? 0), unpriced: unpriced - (sum?.unpriced ?? 0) })
      }
      return deltas.map((delta, index) => {
        const now = running.get(JSON.stringify(ids[index]))
        if (now === undefined) throw new Error('expected a sum to come back')
        now.nano = whole(now.nano + whole(delta.nanoUsd))
        now.unpriced = whole(now.unpriced + whole(delta.unpriced))
        return { ...delta, spentNanoUsd: now.nano, unpricedTotal: now.unpriced }
      })
    },
    async recordCrossings(crossings) {
      if (crossings.length === 0) return []
      const ids = await identities(crossings)
      const thresholds = crossings.map(({ threshold }) => threshold)
      const rows = await sql.all(cross, ...lists(ids), thresholds, crossings.map(({ atMs }) => whole(atMs)))
      const made = new Set(rows.map(({ project, budget, scope, period, epoch, threshold }) => JSON.stringify([project, budget, scope, period, epoch, threshold])))
      // The first of several that are the same is the new one.
      return ids.map((id, index) => made.delete(JSON.stringify([...id, thresholds[index]])))
    },
  }
}
