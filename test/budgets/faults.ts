import type { Transaction } from '../../packages/core/src/model/store.ts'

/** A fault that the runs must catch: what a process makes of the store's transaction. */
export interface Fault {
  readonly name: string
  readonly says: string
  readonly plant: (tx: Transaction, process: number) => Transaction
}

export const faults: readonly Fault[] = [
  { name: 'forget-crossings', says: 'every crossing counts as new', plant: (tx) => ({ ...tx, recordCrossings: async (all) => (await tx.recordCrossings(all)).map(() => true) }) },
  { name: 'add-twice', says: 'what is sent again is counted again', plant: (tx) => ({ ...tx, insertEvents: async (events) => (await tx.insertEvents(events)).map(() => true) }) },
  { name: 'sums-apart', says: 'each process adds up for itself', plant: (tx, process) => ({ ...tx, addSpend: async (deltas) => (await tx.addSpend(deltas.map((one) => ({ ...one, epoch: `${one.epoch}/${process}` })))).map((change, index) => ({ ...change, epoch: deltas[index]?.epoch ?? '' })) }) },
  { name: 'lose-memory', says: 'what budgets remember is not written', plant: (tx) => ({ ...tx, putRuleStates: async (states) => tx.putRuleStates(states.filter(({ rule }) => rule !== 'budget')) }) },
  { name: 'miss-crossings', says: 'a crossing that is one of several is lost', plant: (tx) => ({ ...tx, recordCrossings: async (all) => (await tx.recordCrossings(all)).map((isNew, index) => isNew && index === 0) }) },
]

/** @throws RangeError where there is none of this name */
export function faultNamed(name: string | undefined): Fault | undefined {
  const found = faults.find((fault) => fault.name === name)
  if (name !== undefined && found === undefined) throw new RangeError(`no fault is named "${name}"; there are ${faults.map((fault) => fault.name).join(', ')}`)
  return found
}
