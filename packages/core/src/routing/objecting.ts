import type { Config } from '../model/config.ts'
import type { DueDelivery, Transaction } from '../model/store.ts'
import { objectAtClaim, type Objection } from './recheck.ts'
import type { Router } from './route.ts'
import { mayBeQuiet, objectBySilence } from './silences/at-claim.ts'
import type { SilenceParts } from './silences/gate.ts'
import { objectByWish } from './wishes-at-claim.ts'

/** What speaks against a delivery that is due; a promise only where the store has to be asked. */
type Objecting = (tx: Transaction, due: DueDelivery, nowMs: number) => Objection | undefined | Promise<Objection | undefined>

export interface Objectors {
  readonly one: Objecting
  /** The same for these, of which the store is asked together: nearly always it knows nothing against any of them. */
  readonly among: (tx: Transaction, dues: readonly DueDelivery[], nowMs: number) => Promise<Objecting>
}

/** What may have changed since it was enqueued, in the configuration and by what people do. A dry run ends where it would be sent. */
export function createObjectors(config: Config, router: Router, silencing: SilenceParts): Objectors {
  const bySettings = (due: DueDelivery, nowMs: number): Objection | undefined => objectAtClaim(config, due, nowMs, router) ?? objectByWish(config, router.preferences, due)
  const inDryRun = ({ notification: { recipient: { person }, channel } }: DueDelivery): Objection | undefined => (config.dryRun ? { result: 'dry-run', reason: 'refused.dry_run', params: { person, channel } } : undefined)
  const one = async (tx: Transaction, due: DueDelivery, nowMs: number): Promise<Objection | undefined> => bySettings(due, nowMs) ?? (await objectBySilence(tx, silencing, due, nowMs)) ?? inDryRun(due)
  return {
    one,
    async among(tx, dues, nowMs) {
      const isAsked = await mayBeQuiet(tx, silencing, dues, nowMs)
      return (_tx, due, atMs) => (isAsked(due) ? one(tx, due, atMs) : (bySettings(due, atMs) ?? inDryRun(due)))
    },
  }
}
