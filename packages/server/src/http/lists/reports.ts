import { createRedactor, reportHere, reportLines, type Role } from 'tocsin/engine'
import { z } from 'zod'
import type { RunningProject } from '../../projects/projects.ts'
import { Problem } from '../problem.ts'
import type { Routes } from '../routes.ts'
import { askingOf, readQuery, timeMs, wordOf } from './asking.ts'

const every = ['day', 'week'] as const
const text = z.string()
const count = z.number()
const nano = z.number().meta({ description: 'Nano-dollars.' })
const spendOf = z.object({ name: text, nanoUsd: nano, calls: count, unpriced: count })
const ranked = z.object({ top: z.array(spendOf), rest: spendOf.extend({ names: count }).optional().meta({ description: 'Everything else in one.' }) })
const failureCause = z.object({ class: text, name: text, provider: text, count })
const toldCounts = z.object({ sent: count, held: count, merged: count, limited: count, silenced: count, refused: count, failed: count })
const reportShape = z
  .object({
    every: z.enum(every), fromMs: count, untilMs: count,
    countedSinceMs: count.optional().meta({ description: 'What happened before is not kept any more and not counted.' }),
    spend: z
      .object({
        nanoUsd: nano, calls: count, unpriced: count, beforeNanoUsd: nano.optional().meta({ description: 'Of the period before.' }), agents: ranked, models: ranked,
        budgets: z.array(z.object({ name: text, period: z.enum(['hour', 'day', 'week', 'month']), spentNanoUsd: nano, amountNanoUsd: nano, groups: count.optional() })),
      })
      .optional().meta({ description: 'Absent: not for your role.' }),
    sessions: z.object({ running: count, success: count, fail: count, indeterminate: count }).optional(),
    failures: z.object({ count, top: z.array(failureCause), rest: count, first: failureCause.optional() }).optional(),
    told: toldCounts,
    isForAll: z.literal(true).optional().meta({ description: '`told` is of everybody.' }),
    toldAll: toldCounts.optional(),
    rules: z.array(z.object({
      rule: text, alerts: count, messages: count, mostly: z.object({ key: text, alerts: count }).optional(),
      suggestion: z.object({ kind: wordOf(['count', 'after', 'aboveUsd', 'share', 'above', 'quiet', 'groupBy', 'digest', 'off']), setting: text, now: count.optional() }).optional().meta({ description: 'What could be done about it.' }),
    })),
    channels: z.array(z.object({ channel: text, state: wordOf(['paused', 'failing', 'failed']), sinceMs: count.optional(), messages: count.optional() })).optional(),
    isQuiet: z.boolean(),
    watching: z.object({ rules: count, budgets: count, channels: count }),
  })
  .meta({ id: 'Report' })
const madeShape = z.object({ report: reportShape, lines: z.array(z.string()).meta({ description: 'The same as a text, in the language asked for.' }) }).meta({ id: 'MadeReport' })
const query = z.strictObject({ ...readQuery, until: timeMs.meta({ description: 'The last whole day or week before it. Default: now.' }) })

type Made = Awaited<ReturnType<typeof reportHere>>

/** Reports that are kept: what is over counts the same again. */
const keptMax = 50
/** What came late is in it after so long, milliseconds. */
const keptMs = 600_000
/** Reports that are counted at one time: each reads all events of its time twice. */
const countedMax = 2

/** `GET /api/v1/reports/day` and `/week`: what happened, counted for the role of whoever reads. */
export const reportRoutes: Routes = (app, { store, clock }) => {
  const kept = new Map<string, { readonly atMs: number; readonly made: Promise<Made> }>()
  let counting = 0

  const reportFor = (project: RunningProject, role: Role, which: (typeof every)[number], untilMs: number, timezone: string): Promise<Made> => {
    const key = JSON.stringify([project.name, role, which, timezone, Math.floor(untilMs / 3_600_000)])
    const known = kept.get(key)
    if (known !== undefined && clock.monotonicMs() - known.atMs < keptMs) return known.made
    if (counting >= countedMax) throw new Problem(503, 'busy', 'Other reports are being counted; ask again.', { retryAfterSeconds: 5 })
    if (kept.size >= keptMax) kept.delete([...kept.keys()][0] ?? '')
    counting += 1
    const made = reportHere({ config: project.config, store, clock }, { every: which, untilMs, timezone, person: undefined, role }).finally(() => {
      counting -= 1
    })
    kept.set(key, { atMs: clock.monotonicMs(), made })
    made.catch(() => kept.delete(key))
    return made
  }

  for (const which of every) {
    app.get(
      `/api/v1/reports/${which}`,
      { config: { access: 'reports:read' }, schema: { summary: `The last whole ${which}, counted`, operationId: `get${which === 'day' ? 'Day' : 'Week'}Report`, tags: ['reports'], querystring: query, response: { 200: madeShape } } },
      async (request) => {
        // Reason for the cast: the schema of the route was checked.
        const asked = request.query as z.infer<typeof query>
        const { role, locale, timezone } = askingOf(request, asked)
        const { report, params } = await reportFor(request.project, role, which, asked.until ?? clock.nowMs(), timezone)
        return { report: { ...report }, lines: [...reportLines(report, params, redact, locale, timezone)] }
      },
    )
  }
}

/** What is counted was redacted before it was stored. */
const redact = createRedactor({ personalData: false })
