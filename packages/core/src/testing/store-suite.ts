import { afterEach, beforeEach, describe } from 'vitest'
import type { Store, Transaction } from '../model/store.ts'
import type { ManualClock } from './manual-clock.ts'
import { acceptSuite } from './store-suite/accept.ts'
import { actSuite } from './store-suite/acts.ts'
import { alertSuite } from './store-suite/alerts.ts'
import { attentionSuite } from './store-suite/attention.ts'
import { batchSuite } from './store-suite/batches.ts'
import { claimSuite } from './store-suite/claim.ts'
import { installationSuite } from './store-suite/installation.ts'
import { familySuite } from './store-suite/families.ts'
import { listSuite } from './store-suite/lists.ts'
import { paceSuite } from './store-suite/paces.ts'
import { personalSuite } from './store-suite/personal.ts'
import { projectSuite } from './store-suite/projects.ts'
import { readSuite } from './store-suite/reads.ts'
import { reportSuite } from './store-suite/reports.ts'
import { retentionSuite } from './store-suite/retention.ts'
import { retentionToldSuite } from './store-suite/retention-told.ts'
import { ruleStateSuite } from './store-suite/rule-states.ts'
import { similarSuite } from './store-suite/similar.ts'
import { silentSessionSuite } from './store-suite/silent-sessions.ts'
import { spendReadSuite } from './store-suite/spend-reads.ts'
import { transactionSuite } from './store-suite/transactions.ts'
import { tellingSuite } from './store-suite/tellings.ts'
import { waitSuite } from './store-suite/waits.ts'

/** A store of its own for one test. */
export interface OpenedStore {
  readonly store: Store
  readonly clock: ManualClock
  /** Closes the store and opens it again on the same data. */
  reopen(): Promise<Store>
  /** Closes it and removes its data. */
  dispose(): Promise<void>
}

/** What the tests of a suite are handed: always that of the test that is running. */
export interface StoreUnderTest {
  readonly store: Store
  readonly clock: ManualClock
  reopen(): Promise<Store>
  /** One transaction. */
  write<T>(work: (tx: Transaction) => Promise<T>): Promise<T>
}

/**
 * The contract of a store, as tests. Every store passes all of it.
 *
 * @example storeSuite('SQLite', openTemporaryStore)
 */
export function storeSuite(name: string, open: () => Promise<OpenedStore>): void {
  describe(`store: ${name}`, () => {
    let opened: OpenedStore
    beforeEach(async () => {
      opened = await open()
    })
    afterEach(() => opened.dispose())

    const here: StoreUnderTest = {
      get store() {
        return opened.store
      },
      get clock() {
        return opened.clock
      },
      reopen: () => opened.reopen(),
      write: (work) => opened.store.transaction(work),
    }
    describe('transactions', () => transactionSuite(here))
    describe('accept', () => acceptSuite(here))
    describe('installation', () => installationSuite(here))
    describe('sessions that fall silent', () => silentSessionSuite(here))
    describe('what was spent', () => spendReadSuite(here))
    describe('what rules keep', () => ruleStateSuite(here))
    describe('alerts', () => alertSuite(here))
    describe('alerts that are part of another', () => familySuite(here))
    describe('what became of the news of an alert', () => tellingSuite(here))
    describe('what people decided about what they are told', () => attentionSuite(here))
    describe('what people do about alerts', () => actSuite(here))
    describe('claim and settle', () => claimSuite(here))
    describe('batches', () => batchSuite(here))
    describe('alerts that say the same', () => similarSuite(here))
    describe('rates, timers, pauses and addresses', () => waitSuite(here))
    describe('paces', () => paceSuite(here))
    describe('several projects', () => projectSuite(here))
    describe('what is kept about somebody', () => personalSuite(here))
    describe('reads', () => readSuite(here))
    describe('lists', () => listSuite(here))
    describe('what reports count', () => reportSuite(here))
    describe('what is old is forgotten', () => {
      retentionSuite(here)
      retentionToldSuite(here)
    })
  })
}
