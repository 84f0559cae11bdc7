import type { FastifyRequest } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { addSilence, compileCondition, conditionTest, endSilence, mayHear, parts, permissions, previewSilence, previewWarnings, saidIn, type Alert, type Part, type Silence } from 'tocsin/engine'
import { recordChange } from '../access/audit.ts'
import { AtOnce } from './at-once.ts'
import { languageOf } from './language.ts'
import { Problem } from './problem.ts'
import type { Routes } from './routes.ts'

const dayMs = 86_400_000
const previewMsMax = 30 * dayMs
const previewsAtOnce = 2
/** So many of a store are asked: see `Attention.silences`. */
const silencesMax = 1_000

const instant = z.int().min(0).max(8_640_000_000_000_000)
const match = z.string().min(1).max(4_000).meta({ description: 'A CEL condition over `alert`.' })

const silence = z
  .strictObject({
    id: z.int().optional().meta({ description: 'Of one made here; absent: it is in the file.' }),
    name: z.string().optional(),
    match: z.string(),
    fromMs: z.number().optional(),
    untilMs: z.number(),
    author: z.string(),
    comment: z.string(),
    origin: z.enum(['file', 'api']),
    readOnly: z.boolean(),
  })
  .meta({ id: 'Silence' })

const newSilence = z.strictObject({ match, fromMs: instant.optional().meta({ description: 'Absent: now.' }), untilMs: instant, comment: z.string().trim().min(1).max(500) })

const preview = z
  .strictObject({
    sinceMs: z.number(),
    alerts: z.int().meta({ description: 'Alerts of that time that were looked at.' }),
    hasMore: z.boolean(),
    hidden: z.array(z.strictObject({ alert: z.string(), atMs: z.number(), severity: z.string(), title: z.string(), told: z.array(z.strictObject({ person: z.string(), channel: z.string() })) })),
    messagesSaved: z.int(),
    messagesShortened: z.int(),
    warnings: z.array(z.string()).meta({ description: 'What is probably not meant, in the language of Accept-Language; without it in English.' }),
  })
  .meta({ id: 'SilencePreview' })
const hiddenShownMax = 200

/** What is not told for a time. Those of the file are listed too; they end in the file. */
export const silenceRoutes: Routes = (untyped, { store, database, clock }) => {
  const app = untyped.withTypeProvider<ZodTypeProvider>()
  const tags = ['silences']
  const previews = new AtOnce(previewsAtOnce, 'previews')

  app.get('/api/v1/silences', { config: { access: 'silences:read' }, schema: { summary: 'Lists silences', description: 'That hold now or will.', tags, operationId: 'listSilences', response: { 200: z.strictObject({ items: z.array(silence) }) } } }, async ({ project }) => {
    const nowMs = clock.nowMs()
    const made = await store.transaction((tx) => tx.silences(project.name, nowMs), { project: project.name })
    const inFile = project.config.silences.filter(({ until }) => until > nowMs)
    return {
      items: [
        ...made.map(shown),
        ...inFile.map(({ name, match: condition, from, until, author, comment }) => ({ name, match: condition, ...(from !== undefined && { fromMs: from }), untilMs: until, author, comment, origin: 'file' as const, readOnly: true })),
      ],
    }
  })

  app.post('/api/v1/silences', { config: { access: 'silences:write' }, schema: { summary: 'Silences what matches', description: 'On all machines. What fires goes on, and is told when the silence is over.', tags, operationId: 'createSilence', body: newSilence, response: { 201: silence } } }, async (request, reply) => {
    const { project, principal, body: given, ip } = request
    testOf(given.match)
    const nowMs = clock.nowMs()
    const { match: condition, fromMs = nowMs, untilMs, comment } = given
    if (untilMs <= fromMs || untilMs <= nowMs) throw new Problem(422, 'invalid', 'One place is not as expected.', { places: [{ pointer: '/untilMs', detail: `expected an end in the future and after the beginning, found ${new Date(untilMs).toISOString()}` }] })
    const row = { project: project.name, match: condition, fromMs, untilMs, author: principal.name.slice(0, 200), comment }
    const id = await store.transaction(async (tx) => {
      if ((await tx.silences(project.name, nowMs)).length >= silencesMax) throw new Problem(422, 'too-many', `Expected at most ${silencesMax} silences at a time. End one first.`)
      return addSilence(tx, row)
    }, { project: project.name })
    await recordChange({ db: database.db, clock }, { project: project.name, principal, action: 'silences.create', target: `silence#${id}`, after: { match: condition, fromMs, untilMs, comment }, address: ip })
    return reply.status(201).send(shown({ ...row, id }))
  })

  app.post('/api/v1/silences/:id/end', { config: { access: 'silences:write' }, schema: { summary: 'Ends a silence now', description: 'What it hushed and still fires is told at once.', tags, operationId: 'endSilence', params: z.strictObject({ id: z.string().regex(/^\d{1,15}$/, 'expected the number of a silence') }), response: { 204: z.null() } } }, async ({ project, principal, params: { id }, ip }, reply) => {
    const isEnded = await store.transaction((tx) => endSilence(tx, project.name, Number(id), clock.nowMs()), { project: project.name })
    if (!isEnded) throw new Problem(404, 'not-found', `There is no silence ${id} in project ${project.name}, or it is over.`)
    await recordChange({ db: database.db, clock }, { project: project.name, principal, action: 'silences.end', target: `silence#${id}`, address: ip })
    return reply.status(204).send(null)
  })

  app.post('/api/v1/silences/preview', { config: { access: 'silences:write' }, schema: { summary: 'Shows what a silence would have hidden', description: 'Of the last day, or since a time at most 30 days ago. Changes nothing.', tags, operationId: 'previewSilence', body: z.strictObject({ match, sinceMs: instant.optional() }), response: { 200: preview } } }, async (request) => {
    const { project, body: given } = request
    const test = testOf(given.match)
    const nowMs = clock.nowMs()
    const sinceMs = Math.max(given.sinceMs ?? nowMs - dayMs, nowMs - previewMsMax)
    const { hears, without } = sightOf(request)
    const found = await previews.run(() => previewSilence(store.read, project.name, (alert) => hears(alert) && test(alert), sinceMs, { ...project.config.defaults, without }))
    const locale = languageOf(request)
    const warnings = previewWarnings(found, given.match).map((said) => saidIn(said, locale))
    return { ...found, hidden: found.hidden.slice(0, hiddenShownMax).map((one) => ({ ...one, told: [...one.told] })), warnings }
  })
}

/** What whoever asks may see of alerts. */
function sightOf({ principal, project }: FastifyRequest): { readonly hears: (alert: Alert) => boolean; readonly without: readonly Part[] } {
  const role = principal.roleIn(project.name) ?? 'viewer'
  return { hears: (alert) => mayHear(role, '', alert), without: parts.filter((part) => !permissions[role].sees.includes(part)) }
}

/** @throws Problem 422 that says what is wrong with the condition */
function testOf(condition: string): (alert: Alert) => boolean {
  const compiled = compileCondition(condition, 'alert')
  const test = conditionTest(condition)
  if (compiled.ok && test !== undefined) return test
  throw new Problem(422, 'invalid', 'One place is not as expected.', { places: [{ pointer: '/match', detail: compiled.ok ? 'cannot be read' : compiled.problem }] })
}

function shown({ id, match: condition, fromMs, untilMs, author, comment }: Silence): z.output<typeof silence> {
  return { id, match: condition, fromMs, untilMs, author, comment, origin: 'api', readOnly: false }
}
