import { budgetSeries, periodAt, spendSeries, spendSpanMax, spentBefore } from 'tocsin/engine'
import { z } from 'zod'
import { seesPart } from '../../access/shown-to.ts'
import { AtOnce } from '../at-once.ts'
import { Problem } from '../problem.ts'
import type { Routes } from '../routes.ts'
import { askingOf, name, readQuery, timeMs } from './asking.ts'

const nano = z.number().meta({ description: 'Nano-dollars.' })
const count = z.number()
const atMs = z.number().meta({ description: 'Milliseconds since 1970.' })
const dayMs = 86_400_000
/** Series that are counted at one time. */
const atOnce = 4
const groupsMax = 20

const seriesQuery = z.strictObject({
  ...readQuery,
  since: timeMs.meta({ description: 'Default: a day ago by hours, 30 days ago by days. At most 35 days by hours and 100 days by days.' }),
  until: timeMs.meta({ description: 'Default: the end of the running day by hours, of the running month by days. What is later than now is foreseen.' }),
  step: z.enum(['hour', 'day']).default('hour'),
  agent: name,
  model: name,
  groupBy: z.enum(['agent', 'model']).optional().meta({ description: 'Also the five that spent most, each with a series of its own, and all others together.' }),
})

const spendShape = z
  .object({
    step: z.enum(['hour', 'day']),
    timezone: z.string(),
    buckets: z.array(
      z.object({
        fromMs: atMs, untilMs: atMs, nanoUsd: nano, calls: count,
        unpriced: count.meta({ description: 'Calls whose price is not known: they are in no sum.' }),
        expected: z.object({ low: nano, expected: nano, high: nano }).optional().meta({ description: 'What the detector of spend held for usual; absent: it was still learning, or this is a part of the spend.' }),
      }),
    ),
    forecast: z.array(z.object({ fromMs: atMs, untilMs: atMs, value: nano, low: nano, high: nano })).meta({ description: 'Of what is left of the running bucket, and of those that come. Empty: too little is known.' }),
    groups: z.array(z.object({ name: z.string().optional().meta({ description: 'Empty: not known. Absent: all others together.' }), nanoUsd: nano, calls: count, unpriced: count, series: z.array(nano).meta({ description: 'By the places of the buckets.' }) })).optional(),
    firstMs: atMs.optional().meta({ description: 'Since when something is known; absent: nothing is.' }),
  })
  .meta({ id: 'SpendSeries' })

const thresholdShape = z.object({ share: z.number(), nanoUsd: nano, crossedAtMs: atMs.optional().meta({ description: 'Absent: not yet.' }) })
const courseShape = z
  .object({
    group: z.string().optional().meta({ description: 'Values of groupBy, with a bar between them; absent: there are no groups, or it names somebody whom your role may not see.' }),
    spentNanoUsd: nano, unpriced: count,
    buckets: z.array(z.object({ fromMs: atMs, untilMs: atMs, nanoUsd: nano, calls: count, unpriced: count, totalNanoUsd: nano.meta({ description: 'All that was spent by its end.' }) })),
    thresholds: z.array(thresholdShape),
    forecast: z
      .object({
        nanoUsd: nano, lowNanoUsd: nano, highNanoUsd: nano, crossesAtMs: atMs.optional(), earliestCrossingMs: atMs.optional(), latestCrossingMs: atMs.optional(),
        buckets: z.array(z.object({ untilMs: atMs, value: nano, low: nano, high: nano })).meta({ description: 'Totals at the ends of the buckets that come.' }),
      })
      .optional()
      .meta({ description: 'At the end of the period; absent: too little is known yet, or it has no end. A crossing that is absent is not in this period.' }),
  })
  .meta({ id: 'BudgetCourse' })

const budgetShape = z
  .object({
    name: z.string(),
    period: z.enum(['hour', 'day', 'week', 'month']).optional(),
    rollingMs: z.number().optional().meta({ description: 'In place of a period: the length of a window that moves on.' }),
    startMs: atMs, endMs: atMs, nowMs: atMs,
    amountNanoUsd: nano.meta({ description: 'Of each group, where there are groups.' }),
    evenNanoUsd: nano.meta({ description: 'What would be spent by now if it were spent evenly.' }),
    groupBy: z.array(z.string()),
    courses: z.array(courseShape).meta({ description: 'Of the groups that spent most; without groups the only one.' }),
    groupsTotal: count,
    spentNanoUsd: nano, unpriced: count,
    last: z.object({ startMs: atMs, endMs: atMs, nanoUsd: nano, highestNanoUsd: nano.meta({ description: 'Of the group that spent most.' }), unpriced: count }).optional().meta({ description: 'The period before; absent: nothing is known of it.' }),
  })
  .meta({ id: 'BudgetSeries' })

const suggestionShape = z
  .object({ period: z.enum(['day', 'week', 'month']), last: z.object({ startMs: atMs, endMs: atMs, nanoUsd: nano, unpriced: count, suggestedUsd: z.number() }).optional().meta({ description: 'What the whole project spent in the period before; absent: nothing, or nobody was counting.' }) })
  .meta({ id: 'BudgetSuggestion' })

/** What was spent, drawn over time. All of it is made of sums that the intake keeps. */
export const spendRoutes: Routes = (app, { store, clock }) => {
  const runs = new AtOnce(atOnce, 'charts of spend')

  app.get(
    '/api/v1/spend/series',
    { config: { access: 'spend:read' }, schema: { summary: 'What was spent, by hours or days', description: 'With the band that is usual, and what is foreseen.', operationId: 'getSpendSeries', tags: ['spend'], querystring: seriesQuery, response: { 200: spendShape } } },
    async (request) => {
      // Reason for the casts, here and below: the schema of the route was checked.
      const query = request.query as z.infer<typeof seriesQuery>
      const { timezone } = askingOf(request, query)
      const { step, agent, model, groupBy } = query
      const nowMs = clock.nowMs()
      const untilMs = query.until ?? periodAt(step === 'hour' ? 'day' : 'month', timezone, nowMs).endMs
      const sinceMs = query.since ?? Math.min(nowMs, untilMs) - (step === 'hour' ? dayMs : 30 * dayMs)
      if (sinceMs >= untilMs || untilMs - sinceMs > spendSpanMax[step] + dayMs) throw new Problem(422, 'invalid', 'One place is not as expected.', { places: [{ pointer: '?since', detail: `expected a time before until, at most ${spendSpanMax[step] / dayMs} days` }] })
      const series = await runs.run(() => spendSeries({ read: store.read, clock }, { project: request.project.name, sinceMs, untilMs, step, timezone, ...(agent !== undefined && { agent }), ...(model !== undefined && { model }), ...(groupBy !== undefined && { groupBy }) }))
      return { step, timezone, ...series }
    },
  )

  const suggestionQuery = z.strictObject({ ...readQuery, period: z.enum(['day', 'week', 'month']).default('month') })
  app.get(
    '/api/v1/spend/suggestion',
    { config: { access: 'spend:read' }, schema: { summary: 'What the last period cost, for a first budget', operationId: 'suggestBudget', tags: ['spend'], querystring: suggestionQuery, response: { 200: suggestionShape } } },
    async (request) => {
      const query = request.query as z.infer<typeof suggestionQuery>
      const { timezone } = askingOf(request, query)
      const last = await runs.run(() => spentBefore({ read: store.read, clock }, request.project.name, query.period, timezone))
      return { period: query.period, ...(last !== undefined && { last }) }
    },
  )

  const one = z.object({ name: z.string().max(200) })
  const budgetQuery = z.strictObject({ ...readQuery, groups: z.coerce.number().int().min(1).max(groupsMax).default(5).meta({ description: 'How many groups are drawn.' }) })
  app.get(
    '/api/v1/budgets/:name/series',
    { config: { access: 'spend:read' }, schema: { summary: 'How the running period of a budget goes', description: 'Its burn-down, what was crossed when, and where it leads.', operationId: 'getBudgetSeries', tags: ['budgets'], params: one, querystring: budgetQuery, response: { 200: budgetShape } } },
    async (request) => {
      const query = request.query as z.infer<typeof budgetQuery>
      const { role } = askingOf(request, query)
      const { name: budget } = request.params as z.infer<typeof one>
      const { config, name: project } = request.project
      const series = await budgetSeries({ read: store.read, clock, config }, budget, query.groups)
      if (series === undefined) throw new Problem(404, 'not-found', `There is no budget "${budget.slice(0, 64)}" in project ${project}.`)
      const { courses, namesUsers, ...rest } = series
      const seesGroups = series.groupBy.length > 0 && (!namesUsers || seesPart(role, 'personalData'))
      const elapsed = (series.nowMs - series.startMs) / Math.max(1, series.endMs - series.startMs)
      return { ...rest, evenNanoUsd: Math.round(series.amountNanoUsd * Math.min(1, elapsed)), courses: courses.map(({ scope, ...course }) => ({ ...course, ...(seesGroups && { group: scope }) })) }
    },
  )
}
