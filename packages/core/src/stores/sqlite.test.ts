import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { manualClock } from '../testing/manual-clock.ts'
import { storeSuite } from '../testing/store-suite.ts'
import { sampleMs } from '../testing/store-suite/samples.ts'
import { openSqliteStore } from './sqlite.ts'

storeSuite('SQLite in a file', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-store-'))
  const clock = manualClock(sampleMs)
  const open = () => openSqliteStore({ file: join(folder, 'tocsin.db'), clock, durability: 'normal', isListed: true })
  let store = open()
  return {
    get store() {
      return store
    },
    clock,
    async reopen() {
      await store.close()
      store = open()
      return store
    },
    async dispose() {
      await store.close()
      rmSync(folder, { recursive: true })
    },
  }
})
