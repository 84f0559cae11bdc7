import { budgetsAt, overviewInWords, periodAt, permissions, sleep, usdFromNano, type Clock, type Store } from 'tocsin/engine'
import { z } from 'zod'
import { seesPart, shownKinds } from '../../access/shown-to.ts'
import { SpendToday } from '../../overview/spend-today.ts'
import type { RunningProject } from '../../projects/projects.ts'
import type { Routes } from '../routes.ts'
import { askingOf, readQuery, type Asking } from './asking.ts'

const count = z.number()
const overviewShape = z.object({
  sentence: z.string().meta({ description: 'Such as "2 alerts need you. $41.20 so far, usually $38."' }),
  open: count.meta({ description: 'Alerts that fire and nobody has; at most 1,000 are counted.' }),
  sinceMs: z.number().meta({ description: 'Where today began.' }),
  spend: z.object({ nanoUsd: count, calls: count, unpriced: count, usualNanoUsd: count.optional() }).optional(),
  budgets: z.array(z.object({ name: z.string(), period: z.enum(['hour', 'day', 'week', 'month']), spentNanoUsd: count, amountNanoUsd: count, groups: count.optional() })).optional(),
  sessions: z.object({ running: count, success: count, fail: count, indeterminate: count }).optional(),
  failures: z.array(z.object({ class: z.string(), name: z.string(), provider: z.string(), count })).optional().meta({ description: 'Why calls failed today, of at most the newest 5,000 that did, the most frequent first.' }),
  told: z.object({ sent: count, held: count, merged: count, limited: count, silenced: count, refused: count, failed: count }).meta({ description: 'Of alerts opened today, at most the newest 5,000: messages sent, and why others were not.' }),
  channels: z.array(z.object({ name: z.string(), type: z.string(), state: z.enum(['working', 'failing', 'paused', 'failed']), sinceMs: z.number().optional(), waiting: count })).optional(),
}).meta({ id: 'Overview' })

/** What is looked at of alerts and of deliveries. */
const looksMax = 5_000
/** What is counted for one reader is shown to the next so long, milliseconds. */
const keptMs = 2_000
const failuresMax = 10
const projectsMax = 1_000

/** `GET /api/v1/overview`: what is wrong now, and what it costs. */
export const overviewRoutes: Routes = (app, { store, clock }) => {
  const spends = new Map<string, SpendToday>()
  const kept = new Map<string, { readonly atMs: number; readonly counted: Promise<Counted> }>()

  const spendOf = (project: string): SpendToday => {
    const known = spends.get(project)
    if (known !== undefined) return known
    if (spends.size >= projectsMax) spends.clear()
    const made = new SpendToday({ read: store.read, clock, project })
    spends.set(project, made)
    return made
  }

  const countedToday = (project: string, fromMs: number): Promise<Counted> => {
    const key = `${project}\u0000${fromMs}`
    const known = kept.get(key)
    const nowMs = clock.monotonicMs()
    if (known !== undefined && nowMs - known.atMs < keptMs) return known.counted
    if (kept.size >= projectsMax) kept.clear()
    const counted = readCounted({ store, clock }, project, fromMs, clock.nowMs() + 1)
    kept.set(key, { atMs: nowMs, counted })
    return counted
  }

  app.get(
    '/api/v1/overview',
    { config: { access: 'overview:read' }, schema: { summary: 'What is wrong now, and what it costs', operationId: 'getOverview', tags: ['overview'], querystring: z.strictObject(readQuery), response: { 200: overviewShape } } },
    async (request) => {
      // Reason for the cast: the schema of the route was checked.
      const asking = askingOf(request, request.query as z.infer<z.ZodObject<typeof readQuery>>)
      const { project } = request
      const kinds = shownKinds(asking.role)
      const { startMs } = periodAt('day', asking.timezone, clock.nowMs())
      const seesCost = seesPart(asking.role, 'costDetail')
      const seesWork = permissions[asking.role].does.includes('sessions:read')
      const spend = seesCost ? await spendOf(project.name).of(asking.timezone) : undefined
      const open = await store.read.countFiring(project.name, kinds)
      const counted = await countedToday(project.name, startMs)
      const usd = (nano: number | undefined): number | undefined => (nano === undefined ? undefined : usdFromNano(nano))
      return {
        sentence: overviewInWords({ open, ...(spend !== undefined && { spentUsd: usd(spend.nanoUsd), usualUsd: usd(spend.usualNanoUsd) }) }, asking),
        open,
        sinceMs: startMs,
        ...(spend !== undefined && { spend }),
        ...(seesCost && { budgets: await budgetsOf(store, project, clock.nowMs()) }),
        ...(seesWork && { sessions: { ...counted.sessions }, failures: counted.failures.slice(0, failuresMax).map((one) => ({ ...one })) }),
        told: toldTo(counted, asking),
        ...(kinds.includes('system') && { channels: await channelsOf(store, project) }),
      }
    },
  )
}

async function budgetsOf(store: Store, { config, name }: RunningProject, nowMs: number) {
  const budgets = budgetsAt(config, nowMs)
  const spent = await store.read.reportSpent(name, budgets.map(({ name: budget, epoch, periodStartMs }) => ({ budget, epoch, periodStartMs })))
  return budgets.map(({ name: budget, period, amountNanoUsd, isGrouped }, index) => ({ name: budget, period, amountNanoUsd, spentNanoUsd: spent[index]?.nanoUsd ?? 0, ...(isGrouped && { groups: spent[index]?.groups ?? 0 }) }))
}

async function outcomesOf(store: Store, project: string, sinceMs: number) {
  const outcomes = { running: 0, success: 0, fail: 0, indeterminate: 0 }
  for (const { state, count: sessions } of await store.read.countSessions(project, sinceMs)) outcomes[state] = sessions
  return outcomes
}

async function channelsOf(store: Store, { engine, name }: RunningProject) {
  const trouble = new Map((await store.read.reportTrouble(name)).map((one) => [one.channel, one]))
  const waiting = await store.read.waiting(name)
  return engine.channels.map((channel) => {
    const found = trouble.get(channel.name)
    return {
      name: channel.name, type: channel.type, state: found?.state ?? ('working' as const), ...(found?.sinceMs !== undefined && { sinceMs: found.sinceMs }),
      waiting: waiting.reduce((sum, one) => (one.channel === channel.name ? sum + one.count : sum), 0),
    }
  })
}

interface Counted {
  readonly decided: readonly { readonly kind: string; readonly reason: string; readonly count: number }[]
  readonly told: readonly { readonly kind: string; readonly messages: number }[]
  readonly failures: Awaited<ReturnType<Store['read']['failureCauses']>>
  readonly sessions: Awaited<ReturnType<typeof outcomesOf>>
}

/** One after the other, and between them everybody else has their turn. */
async function readCounted({ store, clock }: { readonly store: Store; readonly clock: Clock }, project: string, fromMs: number, untilMs: number): Promise<Counted> {
  const { decided } = await store.read.reportAlerts({ project, fromMs, untilMs, limit: looksMax })
  await sleep(clock, 0)
  const { told } = await store.read.reportDeliveries({ project, fromMs, untilMs, limit: looksMax })
  await sleep(clock, 0)
  const failures = await store.read.failureCauses(project, fromMs)
  await sleep(clock, 0)
  return { decided, told, failures, sessions: await outcomesOf(store, project, fromMs) }
}

const reasonsCounted = ['held', 'merged', 'limited', 'silenced', 'refused', 'failed'] as const

function toldTo({ decided, told }: Counted, { role }: Asking) {
  const kinds: readonly string[] = shownKinds(role)
  const counts = { sent: 0, held: 0, merged: 0, limited: 0, silenced: 0, refused: 0, failed: 0 }
  for (const { kind, messages } of told) if (kinds.includes(kind)) counts.sent += messages
  for (const { kind, reason, count: times } of decided) {
    const first = reasonsCounted.find((word) => word === reason.split('.', 1)[0])
    if (first !== undefined && kinds.includes(kind)) counts[first] += times
  }
  return counts
}
