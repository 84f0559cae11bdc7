import type { Store } from '../packages/core/src/model/store.ts'

/** The same store, which tells after each commit how many deliveries it settled. */
export function countingSettled(store: Store, onSettled: (count: number) => void): Store {
  return {
    ...store,
    async transaction(work, scope) {
      let settled = 0
      const result = await store.transaction((tx) =>
        work({
          ...tx,
          settle(settlements) {
            settled += settlements.length
            return tx.settle(settlements)
          },
        }),
        scope,
      )
      if (settled > 0) onSettled(settled)
      return result
    },
  }
}
