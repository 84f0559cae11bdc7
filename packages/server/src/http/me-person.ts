import type { FastifyRequest } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { alertKinds, configSchema, roles } from 'tocsin/engine'
import { z } from 'zod'
import { refuseWhileClosed } from './too-many.ts'
import { createAddressProof } from '../own/address-proof.ts'
import { addBrowser, browsersOf, removeBrowser } from '../own/browsers.ts'
import { applied, changeOwn, ownPerson, provableKinds, type Asker } from '../own/own-person.ts'
import { byOf } from './entries.ts'
import { Problem, sentencesFor } from './problem.ts'
import type { Routes } from './routes.ts'

const { shape: personSchema } = configSchema.shape.people.unwrap().valueType
const kind = z.enum(provableKinds)
const off = z.strictObject({ kind: z.enum(alertKinds), channel: z.string().min(1).max(64) })
const offMax = 500

const ownPersonShape = z
  .strictObject({
    person: z.string().optional().meta({ description: 'My name among the people of the project; absent: the first change makes me one of them.' }),
    origin: z.enum(['file', 'api', 'default']).optional(),
    etag: z.string().optional().meta({ description: 'For `If-Match`; absent where there is nobody yet.' }),
    editable: z.boolean(),
    why: z.string().optional().meta({ description: 'Why it is read-only, for people.' }),
    role: z.enum(roles),
    addresses: z.array(z.strictObject({ kind, address: z.string(), verified: z.boolean().meta({ description: '`false`: somebody wrote it down, and nobody proved it.' }), verifiedMs: z.number().optional() })),
    kinds: z.array(z.strictObject({ kind, channel: z.string().optional().meta({ description: 'By which the code would be sent.' }), why: z.string().optional().meta({ description: 'Why no code can be sent, and what to do.' }) })),
    waiting: z.strictObject({ kind: z.string(), address: z.string(), expiresMs: z.number(), triesLeft: z.int() }).optional().meta({ description: 'A code that was sent and not given back yet.' }),
    browsers: z.int(),
    locale: z.string().optional(),
    timezone: z.string().optional(),
    quietHours: z.string().optional().meta({ description: 'Such as 22:00-07:00, in my time zone. What is critical is told all the same.' }),
    defaults: z.strictObject({ locale: z.string(), timezone: z.string() }).meta({ description: 'Of the project: they hold where mine are absent.' }),
    receives: z.array(z.enum(alertKinds)).meta({ description: 'Kinds of alert that my role is told about at all.' }),
    channels: z.array(z.strictObject({ name: z.string(), type: z.string(), address: z.string(), reaches: z.boolean().meta({ description: 'Whether I have the address that it needs.' }) })),
    off: z.array(off).meta({ description: 'Kinds that I am not told by a channel. What a route marks as required is told all the same.' }),
    preferences: z.array(z.unknown()).meta({ description: 'Further wishes, in the words of the configuration.' }),
    limits: z.union([z.literal(false), z.strictObject({ perHour: z.int(), perDay: z.int(), critical: z.strictObject({ perHour: z.int(), perDay: z.int() }), channels: z.record(z.string(), z.strictObject({ perHour: z.int().optional(), perDay: z.int().optional() })) })]).meta({ description: 'Messages of one channel to one person, as the project has it; what is more comes together in a digest.' }),
  })
  .meta({ id: 'OwnPerson' })

const change = z
  .strictObject({
    locale: personSchema.locale.unwrap().nullish(),
    timezone: personSchema.timezone.unwrap().nullish(),
    quietHours: personSchema.quietHours.unwrap().nullish(),
    off: z.array(off).max(offMax).optional().meta({ description: 'All of them: what is not in it is on again.' }),
    preferences: z.array(z.record(z.string(), z.unknown())).max(100).optional(),
  })
  .refine((given) => Object.values(given).some((value) => value !== undefined), 'expected something to change')
  .meta({ id: 'OwnPersonChange' })

const subscription = z
  .strictObject({ endpoint: z.url({ protocol: /^https?$/ }).max(2_000), expirationTime: z.number().nullish(), keys: z.strictObject({ p256dh: z.string().regex(/^[\w-]{86,88}=*$/), auth: z.string().regex(/^[\w-]{22,24}=*$/) }) })
  .meta({ id: 'PushSubscription', description: 'As `PushSubscription.toJSON()` gives it.' })
const browser = z.strictObject({ id: z.string(), service: z.string().meta({ description: 'Host of the push service.' }) })
const tags = ['me']

/** Who asks as one of the people of the project: what they are told, where and when. Everybody changes their own, whatever their role, and nobody else's. */
export const mePersonRoutes: Routes = (untyped, { configuration, projects, database: { db }, clock, chance, access: { limits, addressSecret } }) => {
  const app = untyped.withTypeProvider<ZodTypeProvider>()
  const proof = createAddressProof({ db, configuration, clock, chance, secret: addressSecret })
  // As it is in force now: a change that was just made is in it.
  const askerOf = (request: FastifyRequest): Asker => ({ project: projects.get(request.project.name) ?? request.project, by: { ...byOf(request), principal: request.principal } })
  const answer = async (request: FastifyRequest): Promise<z.input<typeof ownPersonShape>> => {
    const say = sentencesFor(request)
    const { addresses, kinds, receives, channels, off: switches, preferences, why, ...rest } = await ownPerson({ configuration, db, asker: askerOf(request), nowMs: clock.nowMs() })
    return { ...rest, ...(why !== undefined && { why: say(why) }), addresses: [...addresses], kinds: kinds.map(({ why: whyNot, ...one }) => ({ ...one, ...(whyNot !== undefined && { why: say(whyNot) }) })), receives: [...receives], channels: [...channels], off: [...switches], preferences: [...preferences] }
  }

  app.get('/api/v1/me/person', { config: { access: 'own:read' }, schema: { summary: 'How I am told', description: 'Addresses, language, time zone, quiet hours, and what I do not want by which channel.', tags, operationId: 'getOwnPerson', response: { 200: ownPersonShape } } }, async (request, reply) => {
    const own = await answer(request)
    if (own.etag !== undefined) void reply.header('etag', own.etag)
    return own
  })

  app.patch('/api/v1/me/person', { config: { access: 'own:write' }, schema: { summary: 'Changes how I am told', description: '`null` takes away: then it is as the project has it. Needs `If-Match` where I am one of the people already; else I become one, with the role and the e-mail address of my account. Addresses are proved by a code: `POST /api/v1/me/addresses`.', tags, operationId: 'changeOwnPerson', body: change, response: { 200: ownPersonShape } } }, async (request, reply) => {
    const asker = askerOf(request)
    const ifMatch = request.headers['if-match']
    await changeOwn(configuration, asker, applied(request.body, asker.project.engine.channels.map(({ name }) => name)), ifMatch === undefined ? {} : { ifMatch })
    const own = await answer(request)
    if (own.etag !== undefined) void reply.header('etag', own.etag)
    return own
  })

  const newAddress = z.strictObject({ kind, address: z.string().min(1).max(320) })
  app.post('/api/v1/me/addresses', { config: { access: 'own:write' }, schema: { summary: 'Sends a code to an address of mine', description: 'Six digits, by a channel of the project that sends there; they work for 10 minutes, and the code before works no more. The address stands with me when the code was given back.', tags, operationId: 'proveAddress', body: newAddress, response: { 202: z.strictObject({ expiresMs: z.number(), channel: z.string() }) } } }, async (request, reply) => {
    const { body, principal } = request
    const parsed = personSchema[body.kind].safeParse(body.address)
    if (!parsed.success || parsed.data === undefined) throw new Problem(422, 'invalid', 'One place is not as expected.', { places: [{ pointer: '/address', detail: parsed.error?.issues[0]?.message ?? 'expected an address' }] })
    const to = `${body.kind} ${parsed.data.toLowerCase()}`
    refuseWhileClosed('codes', limits.codesOfPerson, principal.id)
    refuseWhileClosed('codes to this address', limits.codesOfAddress, to)
    limits.codesOfPerson.count(principal.id)
    limits.codesOfAddress.count(to)
    return reply.status(202).send(await proof.begin(askerOf(request), body.kind, parsed.data))
  })

  app.post('/api/v1/me/addresses/verify', { config: { access: 'own:write' }, schema: { summary: 'Gives the code back', description: 'At most 5 tries.', tags, operationId: 'verifyAddress', body: z.strictObject({ code: z.string().trim().regex(/^\d{6}$/, 'expected the six digits of the code') }), response: { 200: ownPersonShape } } }, async (request) => {
    await proof.finish(askerOf(request), request.body.code)
    return answer(request)
  })

  const removable = z.strictObject({ kind: z.enum(['phone', 'slack', 'telegram']) })
  app.delete('/api/v1/me/addresses/:kind', { config: { access: 'own:write' }, schema: { summary: 'Takes an address of mine away', description: 'Not the e-mail address: by it we know whose person it is.', tags, operationId: 'removeAddress', params: removable, response: { 200: ownPersonShape } } }, async (request) => {
    const { kind: gone } = request.params
    await changeOwn(configuration, askerOf(request), (value) => {
      if (value[gone] === undefined) throw new Problem(404, 'not-found', `There is no address of yours of the kind ${gone}.`)
      return { ...value, [gone]: undefined }
    })
    return answer(request)
  })

  const push = z.strictObject({ publicKey: z.string().optional().meta({ description: 'For `applicationServerKey`.' }), channel: z.string().optional(), why: z.string().optional().meta({ description: 'Why this browser cannot be told, and what to do.' }), items: z.array(browser) }).meta({ id: 'OwnBrowsers' })
  app.get('/api/v1/me/push', { config: { access: 'own:read' }, schema: { summary: 'Browsers in which I am told', tags, operationId: 'listOwnBrowsers', response: { 200: push } } }, async (request) => {
    const { items, why, ...rest } = await browsersOf(configuration, askerOf(request))
    return { ...rest, ...(why !== undefined && { why: sentencesFor(request)(why) }), items: [...items] }
  })

  app.post('/api/v1/me/push', { config: { access: 'own:write' }, schema: { summary: 'Has me told in this browser', description: 'The same subscription again changes nothing.', tags, operationId: 'addOwnBrowser', body: subscription, response: { 201: z.strictObject({ id: z.string() }) } } }, async (request, reply) => {
    const { expirationTime, ...given } = request.body
    return reply.status(201).send({ id: await addBrowser(configuration, askerOf(request), { ...given, ...(expirationTime !== undefined && { expirationTime }) }) })
  })

  const which = z.strictObject({ id: z.string().max(100).meta({ description: 'As `GET` lists it: the SHA-256 hash of the endpoint of its subscription, in base64url, cut to 22 characters.' }) })
  app.delete('/api/v1/me/push/:id', { config: { access: 'own:write' }, schema: { summary: 'Has me told in a browser no more', description: 'By its id, and never by its endpoint: whoever knows that one may send there.', tags, operationId: 'removeOwnBrowser', params: which, response: { 204: z.null() } } }, async (request, reply) => {
    if (!(await removeBrowser(configuration, askerOf(request), request.params.id))) throw new Problem(404, 'not-found', 'There is no such browser of yours.')
    return reply.status(204).send(null)
  })
}
