import type { Connection } from './audit.ts'

/** Writes a fact that is written once. @returns whether it was not there: of several servers that start at once one hears yes */
export async function claimFact(db: Connection, name: string, value: string): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await db.insertInto('server_facts').values({ name, value }).onConflict((conflict) => conflict.column('name').doNothing()).executeTakeFirst()
  return (numInsertedOrUpdatedRows ?? 0n) > 0n
}

/** Writes a fact over what it was. Whoever else writes it waits until this transaction has ended. */
export async function writeFact(db: Connection, name: string, value: string): Promise<void> {
  await db.insertInto('server_facts').values({ name, value }).onConflict((conflict) => conflict.column('name').doUpdateSet({ value })).execute()
}
