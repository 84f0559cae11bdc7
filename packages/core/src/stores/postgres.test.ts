import { afterAll, beforeAll } from 'vitest'
import { postgresWorld, storesOf } from '../testing/postgres-store.ts'
import type { PostgresWorld } from '../testing/postgres-store.ts'
import { storeSuite } from '../testing/store-suite.ts'

let world: PostgresWorld

beforeAll(async () => {
  world = await postgresWorld()
}, 60_000)
afterAll(() => world.dispose())

storeSuite('PostgreSQL', storesOf(() => world))
