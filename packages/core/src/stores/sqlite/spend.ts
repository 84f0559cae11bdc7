import type { Transaction } from '../../model/store.ts'
import type { Projects } from './projects.ts'
import { tables } from '../rows/tables.ts'
import type { Prepare } from './statement.ts'
import { whole } from '../rows/whole.ts'

/** Sums are exact up to 2^53 nano-dollars (9 million dollars) and stay there. */
export function spendWriter(prepare: Prepare, projects: Projects): Pick<Transaction, 'addSpend' | 'recordCrossings'> {
  const add = prepare.insert(
    tables.spend,
    ['project', 'budget', 'scope', 'period', 'epoch', 'nano', 'unpriced'],
    `on conflict do update set
       nano = min(${Number.MAX_SAFE_INTEGER}, spend.nano + excluded.nano), unpriced = spend.unpriced + excluded.unpriced`,
    ['nano', 'unpriced'],
  )
  const cross = prepare.insert(
    tables.crossings,
    ['project', 'budget', 'scope', 'period', 'epoch', 'threshold', 'at'],
    'on conflict do nothing',
  )

  return {
    async addSpend(deltas) {
      return deltas.map((delta) => {
        const row = add.get(
          projects.number(delta.project), delta.budget, delta.scope, whole(delta.periodStartMs), delta.epoch, whole(delta.nanoUsd), whole(delta.unpriced),
        )
        if (row === undefined) throw new Error('expected a sum to come back')
        return { ...delta, spentNanoUsd: row.nano, unpricedTotal: row.unpriced }
      })
    },
    async recordCrossings(crossings) {
      return crossings.map(
        (one) =>
          cross.run(projects.number(one.project), one.budget, one.scope, whole(one.periodStartMs), one.epoch, one.threshold, whole(one.atMs)).changes > 0,
      )
    },
  }
}
