import type { Clock, Store, StoredEvent } from 'tocsin/engine'
import type { Configuration } from '../projects/configuration.ts'
import { kindOf, type KindName } from '../projects/kinds.ts'
import type { RunningProject } from '../projects/projects.ts'

/** What is looked at to find the first event that an agent sent: our own are about ourselves. */
const looksMax = 50
const counted = ['channels', 'people', 'rules', 'budgets', 'routes'] as const satisfies readonly KindName[]

/** How far somebody has come who begins. */
export async function startOf({ store, configuration, clock, project }: { readonly store: Store; readonly configuration: Configuration; readonly clock: Clock; readonly project: RunningProject }) {
  const { name } = project
  const oldest = await store.read.eventsBetween({ project: name, fromMs: 0, untilMs: clock.nowMs() + aheadMs, limit: looksMax })
  const newest = await store.read.listEvents({ project: name, limit: looksMax })
  const configured = Object.fromEntries(await Promise.all(counted.map(async (kind) => {
    const { items } = await configuration.list(name, kindOf(kind))
    return [kind, items.filter(({ origin }) => origin !== 'default').length] as const
  })))
  // Reason for the cast: fromEntries forgets which names there were.
  return { firstEvent: oldest.find(isOfAgent), lastEvent: newest.items.find(isOfAgent), configured: configured as Record<(typeof counted)[number], number> }
}

/** Clocks of agents may be ahead of ours so far: what is further in the future is taken back to that. */
const aheadMs = 600_000

function isOfAgent({ type }: StoredEvent): boolean {
  return !type.startsWith('tocsin.')
}
