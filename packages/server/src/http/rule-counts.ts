import { z } from 'zod'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import type { Store } from 'tocsin/engine'
import { shownKinds } from '../access/shown-to.ts'
import type { Routes } from './routes.ts'

const dayMs = 86_400_000
const lookedBackMs = 7 * dayMs
/** The newest alerts and messages that are looked at. */
const looksMax = 5_000
/** What is counted for one reader is shown to the next so long, milliseconds. */
const keptMs = 5_000
const projectsMax = 1_000

const answer = z
  .strictObject({
    fromMs: z.number(),
    untilMs: z.number(),
    isCut: z.boolean().meta({ description: `There was more: the newest ${looksMax} alerts and as many messages are counted.` }),
    items: z.array(z.strictObject({ rule: z.string(), opened: z.int().meta({ description: 'Alerts that it opened.' }), told: z.int().meta({ description: 'Messages that told of them; one that tells of several rules counts for each.' }) })),
  })
  .meta({ id: 'RuleCounts' })

/** `GET /api/v1/rule-counts`: which rules are noisy. */
export const ruleCountRoutes: Routes = (untyped, { store, clock }) => {
  const app = untyped.withTypeProvider<ZodTypeProvider>()
  const kept = new Map<string, { readonly atMs: number; readonly counted: Promise<Counted> }>()

  app.get('/api/v1/rule-counts', { config: { access: 'rules:read' }, schema: { summary: 'How often each rule opened alerts and was told lately', description: 'Over the last seven days, the noisiest first; of the kinds that your role is told about.', tags: ['rules'], operationId: 'countByRule', response: { 200: answer } } }, async ({ project: { name }, principal }) => {
    const kinds: readonly string[] = shownKinds(principal.roleIn(name) ?? 'viewer')
    const { fromMs, untilMs, isCut, opened, told } = await countedOf(name)
    const counts = new Map<string, { opened: number; told: number }>()
    const of = (rule: string): { opened: number; told: number } => {
      const one = counts.get(rule) ?? { opened: 0, told: 0 }
      counts.set(rule, one)
      return one
    }
    for (const one of opened) if (kinds.includes(one.kind)) of(one.rule).opened += one.alerts
    for (const one of told) if (kinds.includes(one.kind)) of(one.rule).told += one.messages
    const items = [...counts].map(([rule, times]) => ({ rule, ...times })).toSorted((one, other) => other.told - one.told || other.opened - one.opened || one.rule.localeCompare(other.rule))
    return { fromMs, untilMs, isCut, items }
  })

  function countedOf(project: string): Promise<Counted> {
    const known = kept.get(project)
    const nowMs = clock.monotonicMs()
    if (known !== undefined && nowMs - known.atMs < keptMs) return known.counted
    if (kept.size >= projectsMax) kept.clear()
    const counted = countIn(store, project, clock.nowMs() + 1)
    kept.set(project, { atMs: nowMs, counted })
    // What failed is asked anew by whoever comes next.
    counted.catch(() => kept.delete(project))
    return counted
  }
}

type Slices = Awaited<ReturnType<Store['read']['reportAlerts']>>['opened']
type Told = Awaited<ReturnType<Store['read']['reportDeliveries']>>['told']

interface Counted {
  readonly fromMs: number
  readonly untilMs: number
  readonly isCut: boolean
  readonly opened: Slices
  readonly told: Told
}

async function countIn(store: Store, project: string, untilMs: number): Promise<Counted> {
  const span = { project, fromMs: untilMs - lookedBackMs, untilMs, limit: looksMax }
  const { opened, next } = await store.read.reportAlerts(span)
  const { told, next: further } = await store.read.reportDeliveries(span)
  return { fromMs: span.fromMs, untilMs, isCut: next !== undefined || further !== undefined, opened, told }
}
