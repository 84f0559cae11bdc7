import { alertName, alertTitle, type Alert, type Store } from 'tocsin/engine'
import { z } from 'zod'
import { shownAlert, shownKinds } from '../../access/shown-to.ts'
import type { Asking } from './asking.ts'

const similarMax = 5
/** Alerts of the same rule and agent that are looked at. */
const looksMax = 20

export const similarShape = z
  .object({
    id: z.string(),
    title: z.string(),
    sameKey: z.boolean().meta({ description: 'Of the very same thing; false: of the same rule and agent.' }),
    openedAtMs: z.number(),
    count: z.number(),
    taken: z.object({ by: z.string(), atMs: z.number() }).optional().meta({ description: 'Who had it.' }),
    ended: z
      .object({ how: z.enum(['by-itself', 'by-somebody', 'at-once', 'expected']), atMs: z.number(), by: z.string().optional() })
      .optional()
      .meta({ description: 'Absent: it fires still. at-once: news that was over as it opened.' }),
  })
  .meta({ id: 'SimilarAlert' })

/** The last alerts that were like this one, with how they ended, as far as whoever asks may see them. */
export async function similarTo(store: Store, alert: Alert, asking: Asking): Promise<z.infer<typeof similarShape>[]> {
  const same = await store.read.alertsBefore(alert, similarMax)
  const { project, rule, agent } = alert
  const others = same.length >= similarMax ? [] : (await store.read.listAlerts({ project, rule, limit: looksMax, kinds: shownKinds(asking.role), ...(agent !== undefined && { agent }) })).items
  const known = new Set([alert.id, ...same.map(({ id }) => id)])
  const isSame = ({ key }: Alert): boolean => key === alert.key
  const found = [...same, ...others.filter(({ id }) => !known.has(id)).toSorted((one, other) => Number(isSame(other)) - Number(isSame(one)))].filter((one) => shownAlert(asking.role, one, asking.person) !== undefined).slice(0, similarMax)
  return Promise.all(found.map(async (one) => {
    const ended = await endOf(store, one)
    return {
      id: alertName(one.id), title: alertTitle(one, asking), sameKey: isSame(one), openedAtMs: one.openedAtMs, count: one.count,
      ...(one.taken !== undefined && { taken: { ...one.taken } }), ...(ended !== undefined && { ended }),
    }
  }))
}

async function endOf(store: Store, { id, ends, state, resolvedAtMs, openedAtMs }: Alert): Promise<z.infer<typeof similarShape>['ended']> {
  if (ends === 'at-once') return { how: 'at-once', atMs: openedAtMs }
  if (state !== 'resolved') return undefined
  const atMs = resolvedAtMs ?? openedAtMs
  // Who ended it did so at that time; what they did to an earlier turn of it is no end.
  const act = (await store.read.actionsOn(id)).findLast((one) => (one.action === 'resolve' || one.action === 'expected') && one.atMs >= openedAtMs)
  if (act === undefined || Math.abs(act.atMs - atMs) > sameMs) return { how: 'by-itself', atMs }
  return { how: act.action === 'resolve' ? 'by-somebody' : 'expected', atMs, by: act.by }
}

const sameMs = 1_000
