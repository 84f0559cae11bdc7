import { sql } from 'kysely'
import type { Transaction } from '../../model/store.ts'
import type { Projects } from './projects.ts'
import { given, query } from './statement.ts'
import type { Prepare } from './statement.ts'
import { whole } from './whole.ts'

const sumMax = sql.lit(Number.MAX_SAFE_INTEGER)

/** Sums are exact up to 2^53 nano-dollars (9 million dollars) and stay there. */
export function spendWriter(prepare: Prepare, projects: Projects): Pick<Transaction, 'addSpend' | 'recordCrossings'> {
  const add = prepare(
    query
      .insertInto('spend')
      .values({ project: given(), budget: given(), scope: given(), period: given(), epoch: given(), nano: given(), unpriced: given() })
      .onConflict((conflict) =>
        conflict.columns(['project', 'budget', 'scope', 'period', 'epoch']).doUpdateSet({
          nano: sql<number>`min(${sumMax}, spend.nano + excluded.nano)`,
          unpriced: sql<number>`spend.unpriced + excluded.unpriced`,
        }),
      )
      .returning(['nano', 'unpriced']),
  )
  const cross = prepare(
    query
      .insertInto('crossings')
      .values({ project: given(), budget: given(), scope: given(), period: given(), epoch: given(), threshold: given(), at: given() })
      .onConflict((conflict) => conflict.doNothing()),
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
