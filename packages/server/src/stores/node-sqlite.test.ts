import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSqliteStore, systemClock } from 'tocsin/engine'
import { afterEach, expect, test } from 'vitest'
import { openDatabase } from './database.ts'

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
})

test('what is written while the engine of the same process writes waits for it without holding it up', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-database-'))
  folders.push(folder)
  const file = join(folder, 'tocsin.db')
  const store = openSqliteStore({ file, clock: systemClock, durability: 'normal' })
  const database = await openDatabase({ file }, systemClock)
  const begunMs = performance.now()
  const put = (name: string): Promise<unknown> => database.db.insertInto('server_facts').values({ name, value: '1' }).execute()
  await Promise.all(
    Array.from({ length: 20 }, async (_, index) => {
      await Promise.all([
        store.transaction((tx) => tx.putTimers([{ project: 'bots', kind: 'test', key: String(index), dueMs: 0 }])),
        put(`one ${index}`),
        database.db.transaction().execute(async (tx) => {
          await tx.insertInto('server_facts').values({ name: `two ${index}`, value: '1' }).execute()
          await tx.insertInto('server_facts').values({ name: `three ${index}`, value: '1' }).execute()
        }),
      ])
    }),
  )
  const rows = await database.db.selectFrom('server_facts').select('name').execute()
  expect(rows).toHaveLength(60)
  expect(performance.now() - begunMs).toBeLessThan(5_000)
  await database.close()
  await store.close()
})
