import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { backtest, decisionReasons, pack, parseDuration, parts, permissions, severities, sleep, type Backtest, type Config, type Role, type Store } from 'tocsin/engine'
import { seesPart } from '../access/shown-to.ts'
import { kindOf } from '../projects/kinds.ts'
import type { RunningProject } from '../projects/projects.ts'
import { AtOnce } from './at-once.ts'
import { askingOf, readQuery } from './lists/asking.ts'
import { Problem } from './problem.ts'
import type { Routes } from './routes.ts'

const atOnce = 2
const runMs = 30_000
const eventsMax = 200_000
const sinceMsMax = 90 * 86_400_000
/** Name under which a definition that is not saved is tried, where none is given. */
const triedName = 'backtest'
const dayMs = 86_400_000
/** What was replayed of saved rules is kept so long, milliseconds, and of so many. */
const savedMs = 60_000
const savedMax = 50

const body = z
  .strictObject({
    rule: z.string().min(1).max(64).optional().meta({ description: 'A rule of the configuration, a built-in one (also one that is off), or a budget. With a definition: the name under which that is tried, and what is saved under it is tried as well.' }),
    definition: z.union([kindOf('rules').schema, kindOf('budgets').schema]).optional().meta({ description: 'A rule or a budget that is not saved.' }),
    definitionOf: z.enum(['rule', 'budget']).default('rule').meta({ description: 'What the definition is.' }),
    since: z.string().max(20).default('7d').meta({ description: 'How far back, such as `12h` or `7d`; at most 90 days.' }),
    person: z.string().max(64).optional().meta({ description: 'Only messages to this person, and marks of them; with those on channels that are their own address.' }),
    locale: readQuery.locale,
    timezone: readQuery.timezone,
  })
  .refine(({ rule, definition }) => rule !== undefined || definition !== undefined, { error: 'expected a rule or a definition' })

const atMs = z.number().meta({ description: 'Milliseconds since 1970.' })
const count = z.int()

const chart = z
  .strictObject({
    kind: z.enum(['threshold', 'anomaly', 'budget']),
    measure: z.string(),
    unit: z.enum(['usd', 'ms', 'tokens', 'percent', 'per-minute', 'plain']).meta({ description: 'Of all values; percent: a share from 0 to 1.' }),
    stepMs: z.number(),
    groupBy: z.array(z.string()),
    groups: count.meta({ description: 'Groups that were looked at.' }),
    series: z
      .array(z.strictObject({
        group: z.string().optional().meta({ description: 'Values of groupBy, with a bar between them; absent: there are no groups, or your role may not see whom it names.' }),
        points: z.array(z.strictObject({ atMs, value: z.number(), low: z.number().optional(), expected: z.number().optional(), high: z.number().optional() })),
      }))
      .meta({ description: 'Of the groups that went furthest, at most five. A point is the most extreme of its step; where there is none nothing was measured.' }),
    thresholds: z.array(z.strictObject({ value: z.number(), isBelow: z.boolean(), until: z.number().optional().meta({ description: 'It is over when it is back there.' }), share: z.number().optional().meta({ description: 'Of the amount of a budget.' }) })),
  })
  .meta({ id: 'BacktestChart' })

const mark = z
  .strictObject({
    kind: z.enum(['told', 'merged', 'held']), atMs, untilMs: atMs.optional().meta({ description: 'Of what is held, where it is known.' }), person: z.string().meta({ description: '`*`: everybody, or a channel that is its own address.' }), channel: z.string(),
    reason: z.enum(decisionReasons).optional(),
    alerts: z.array(count).meta({ description: 'Places in the list of alerts, from 0; at most ten.' }), moreAlerts: count,
  })
  .meta({ id: 'BacktestMark' })

const result = z
  .strictObject({
    rule: z.string(),
    fromMs: atMs,
    untilMs: atMs,
    events: count,
    cutMs: atMs.optional().meta({ description: `It ended here: after ${eventsMax} events or ${runMs / 1_000} seconds.` }),
    daysOfData: z.number().meta({ description: 'From the first event in this time to its end; 0: there is none.' }),
    alerts: z.array(z.strictObject({ atMs, severity: z.enum(severities), title: z.string(), key: z.string(), count: z.number(), overAtMs: atMs.optional() })),
    alertsTotal: count,
    messages: z.array(z.strictObject({ person: z.string(), channel: z.string(), count })),
    messagesTotal: count,
    decisions: z.record(z.string(), z.number()),
    notices: z.array(z.string()),
    chart: chart.optional().meta({ description: 'What it measured; absent: it measures nothing, or your role may not see amounts.' }),
    marks: z.array(mark).meta({ description: 'Oldest first, at most 500 of each kind.' }),
    markTotals: z.strictObject({ told: count, merged: count, held: count }),
    saved: z.strictObject({ alertsTotal: count, messagesTotal: count }).optional().meta({ description: 'What is saved under this name over the same time; absent: nothing is, or there was no time left for it.' }),
  })
  .meta({ id: 'Backtest' })

/** What a rule would have told, by the events on record. */
export const backtestRoutes: Routes = (untyped, { store, clock, configuration }) => {
  const app = untyped.withTypeProvider<ZodTypeProvider>()
  const runs = new AtOnce(atOnce, 'backtests')
  const savedBefore = new Map<string, { readonly atMs: number; readonly done: Pick<Backtest, 'alertsTotal' | 'messages'> }>()

  app.post('/api/v1/backtests', {
    config: { access: 'backtests:run' },
    // What a definition is, the core says: see entries.ts. The rest is checked below.
    schema: { summary: 'Tells what a rule would have told', description: 'Over the events on record. Nothing is sent and nothing changed.', tags: ['backtests'], operationId: 'runBacktest', body, response: { 200: result } },
    validatorCompiler: () => (data: unknown) => ({ value: data }),
  }, async (request, reply) => {
    const { project } = request
    // Whoever edits on has left this one behind: it makes room for the next.
    let isLeft = false
    reply.raw.once('close', () => (isLeft = !reply.raw.writableFinished))
    const given = requestOf(request.body)
    const { role, locale, timezone } = askingOf(request, given)
    const { rule: name = triedName, definition, definitionOf, person } = given
    const sinceMs = parseDuration(given.since)
    if (sinceMs === undefined || sinceMs <= 0 || sinceMs > sinceMsMax) throw new Problem(422, 'invalid', 'One place is not as expected.', { places: [{ pointer: '/since', detail: `expected a duration of at most 90d such as 12h or 7d, found "${given.since}"` }] })
    const isAboutCosts = definition === undefined ? isAboutMoney(name, project.config) : definitionOf === 'budget'
    if (!permissions[role].receives.includes('session') && !isAboutCosts) throw new Problem(403, 'forbidden', 'Your role is told about costs only: expected a budget, or a built-in rule about costs.')
    const config = definition === undefined ? project.config : await withDefinition(project, name, definitionOf, definition)
    const untilMs = clock.nowMs()
    const fromMs = untilMs - sinceMs
    const deadlineMs = clock.monotonicMs() + runMs
    const replay = (of: Config, toMs: number): Promise<Backtest> => backtest({
      config: of, rule: name, read: inPauses(store.read), fromMs, untilMs: toMs, draws: true, locale, timezone, ...(person !== undefined && { person }),
      without: parts.filter((part) => !permissions[role].sees.includes(part)),
      enough: (events) => isLeft || events >= eventsMax || clock.monotonicMs() >= deadlineMs,
    })
    return runs.run(async () => {
      const done = await replay(config, untilMs)
      const isSaved = definition !== undefined && (definitionOf === 'budget' ? Object.hasOwn(project.config.budgets, name) : Object.hasOwn(project.config.rules, name) || pack.some((one) => one.name === name))
      const saved = isSaved ? await savedOf(project.name, project.config, { name, fromMs, untilMs: done.cutMs ?? untilMs }, replay) : undefined
      const { messages, total } = messagesTo(person, done.messages)
      return {
        rule: done.rule, fromMs: done.fromMs, untilMs: done.untilMs, events: done.events, ...(done.cutMs !== undefined && { cutMs: done.cutMs }),
        daysOfData: done.firstMs === undefined ? 0 : Math.round(((untilMs - done.firstMs) / dayMs) * 10) / 10,
        alerts: done.alerts.map(({ atMs: openedAtMs, severity, title, key, count: findings, overAtMs }) => ({ atMs: openedAtMs, severity, title, key, count: findings, ...(overAtMs !== undefined && { overAtMs }) })),
        alertsTotal: done.alertsTotal, messages, messagesTotal: total,
        decisions: { ...done.decisions }, notices: [...done.notices],
        marks: (done.marks ?? []).map((one) => ({ ...one, alerts: [...one.alerts], reason: decisionReasons.find((reason) => reason === one.reason) })),
        markTotals: { told: 0, merged: 0, held: 0, ...done.markTotals },
        ...(done.chart !== undefined && mayDraw(done.chart, role) && { chart: chartAnswer(done.chart, role) }),
        ...(saved !== undefined && { saved: { alertsTotal: saved.alertsTotal, messagesTotal: messagesTo(person, saved.messages).total } }),
      }
    })
  })

  /** While somebody edits, what is saved is not replayed anew for every letter. */
  async function savedOf(project: string, config: Config, { name, fromMs, untilMs }: { readonly name: string; readonly fromMs: number; readonly untilMs: number }, replay: (of: Config, toMs: number) => Promise<Backtest>): Promise<Pick<Backtest, 'alertsTotal' | 'messages'> | undefined> {
    const key = JSON.stringify([project, name, config.rules[name], config.budgets[name], Math.round((untilMs - fromMs) / 60_000)])
    const known = savedBefore.get(key)
    if (known !== undefined && clock.monotonicMs() - known.atMs < savedMs) return known.done
    const { cutMs, alertsTotal, messages } = await replay(config, untilMs)
    if (cutMs !== undefined) return undefined
    const done = { alertsTotal, messages }
    if (savedBefore.size >= savedMax) savedBefore.delete([...savedBefore.keys()][0] ?? '')
    savedBefore.set(key, { atMs: clock.monotonicMs(), done })
    return done
  }

  async function withDefinition(project: RunningProject, name: string, of: 'rule' | 'budget', definition: unknown): Promise<Config> {
    // What is in the file cannot be changed here, and can be tried all the same: under another name, and then put in its place. Settings of a built-in rule fit its own name alone.
    const checkedAs = of === 'rule' && pack.some((one) => one.name === name) ? name : triedName
    const { places, config } = await configuration.check(project.name, [{ kind: kindOf(of === 'budget' ? 'budgets' : 'rules'), name: checkedAs, value: definition }])
    if (config === undefined) throw new Problem(422, 'invalid', `${places.length === 1 ? 'One place is' : `${places.length} places are`} not as expected.`, { places: places.map(({ pointer, detail }) => ({ pointer: pointer.replace(/^\/0\/value/, '/definition'), detail })) })
    const [rule, budget] = [config.rules[checkedAs], config.budgets[checkedAs]]
    return of === 'budget' ? { ...config, budgets: { ...config.budgets, ...(budget !== undefined && { [name]: budget }) } } : { ...config, rules: { ...config.rules, ...(rule !== undefined && { [name]: rule }) } }
  }

  /** Between two pages everybody else has their turn. */
  function inPauses(read: Store['read']): Store['read'] {
    return {
      ...read,
      async eventsBetween(query) {
        await sleep(clock, 0)
        return read.eventsBetween(query)
      },
    }
  }
}

function messagesTo(person: string | undefined, all: Backtest['messages']): { readonly messages: { readonly person: string; readonly channel: string; readonly count: number }[]; readonly total: number } {
  const messages = all.filter((one) => person === undefined || one.person === person || one.person === '*').map((one) => ({ ...one }))
  return { messages, total: messages.reduce((sum, { count: times }) => sum + times, 0) }
}

type Chart = NonNullable<Backtest['chart']>

function mayDraw({ unit }: Chart, role: Role): boolean {
  return unit !== 'usd' || seesPart(role, 'costDetail')
}

/** Who is told apart by their name, or by what was said, is nobody's to see who may not see that. */
function chartAnswer({ groupBy, series, thresholds, ...rest }: Chart, role: Role): z.input<typeof chart> {
  const isHidden = groupBy.some((name) => (/^(?:event\.)?user$/.test(name) && !seesPart(role, 'personalData')) || (/(?:message|excerpt|endReason)/i.test(name) && !seesPart(role, 'sessionContent')))
  return {
    ...rest, groupBy: [...groupBy], thresholds: thresholds.map((one) => ({ ...one })),
    series: series.map(({ values, points }) => ({ ...(groupBy.length > 0 && !isHidden && { group: values.join(' | ') }), points: points.map((one) => ({ ...one })) })),
  }
}

function requestOf(sent: unknown): Pick<z.output<typeof body>, 'rule' | 'definitionOf' | 'since' | 'person' | 'locale' | 'timezone'> & { readonly definition?: unknown } {
  const { definition, ...rest } = typeof sent === 'object' && sent !== null ? { definition: undefined, ...sent } : { definition: undefined }
  // A switch stands for any definition: what it is, is looked at with the configuration.
  const parsed = body.safeParse({ ...rest, ...(definition !== undefined && { definition: false }) })
  if (!parsed.success) throw new Problem(422, 'invalid', 'What was sent is not as expected.', { places: parsed.error.issues.map(({ path, message }) => ({ pointer: path.map((part) => `/${String(part)}`).join(''), detail: message })) })
  const { definition: _switch, ...known } = parsed.data
  return { ...known, definition }
}

function isAboutMoney(rule: string, { budgets }: Config): boolean {
  return Object.hasOwn(budgets, rule) || pack.some(({ name, kind }) => name === rule && kind === 'cost')
}
