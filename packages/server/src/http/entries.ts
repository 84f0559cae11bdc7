import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { Condition } from '../projects/entry-changes.ts'
import type { By } from '../projects/configuration.ts'
import type { Item } from '../projects/items.ts'
import { kinds, type Kind } from '../projects/kinds.ts'
import { asWritten } from './answers.ts'
import { Problem } from './problem.ts'
import type { Routes } from './routes.ts'

const nameCharsMax = 200
const bodyBytesMax = 1024 * 1024
const namesMax = 5_000

const params = z.strictObject({ name: z.string().min(1).max(nameCharsMax) })

/** What is configured: one set of routes for every kind of thing. */
export const entryRoutes: Routes = (app, { configuration }) => {
  for (const kind of kinds) kindRoutes(app.withTypeProvider<ZodTypeProvider>(), kind, configuration)
}

function kindRoutes(app: FastifyInstance, kind: Kind, configuration: Parameters<Routes>[1]['configuration']): void {
  const typed = app.withTypeProvider<ZodTypeProvider>()
  const base = `/api/v1/${kind.path}`
  const item = itemSchema(kind)
  const tags = [kind.path]
  const called = kind.path.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
  const id = (verb: string): string => `${verb}${called.charAt(0).toUpperCase()}${called.slice(1)}`

  typed.get(base, { config: { access: kind.read }, schema: { summary: `Lists ${plural(kind)}`, description: kind.says, tags, operationId: id('list'), response: { 200: z.strictObject({ items: z.array(item) }) } } }, async (request, reply) => {
    const { items, etag } = await configuration.list(request.project.name, kind)
    void reply.header('etag', etag)
    return { items: [...items] }
  })

  typed.get(`${base}/:name`, { config: { access: kind.read }, schema: { summary: `Reads one ${kind.noun}`, description: kind.says, tags, operationId: id('get'), params, response: { 200: item } } }, async (request, reply) => {
    const { name } = request.params
    const found = await configuration.get({ project: request.project.name, kind, name })
    if (found === undefined) throw new Problem(404, 'not-found', `There is no ${kind.noun} "${name}" in project ${request.project.name}.`)
    return answer(reply, found)
  })

  typed.put(`${base}/:name`, { bodyLimit: bodyBytesMax, validatorCompiler: bodyAsSent, config: { access: kind.write }, schema: { summary: `Makes or replaces one ${kind.noun}`, description: `${kind.says} Replacing needs \`If-Match\` with the ETag that was read; \`If-None-Match: *\` only makes.`, tags, operationId: id('put'), params, body: kind.schema, response: { 200: item, 201: item } } }, async (request, reply) => {
    const { item: made, isNew } = await configuration.put(targetOf(request, kind, request.params.name), request.body, conditionOf(request), byOf(request))
    return answer(isNew ? reply.status(201) : reply, made)
  })

  typed.patch(`${base}/:name`, { bodyLimit: bodyBytesMax, validatorCompiler: bodyAsSent, config: { access: kind.write }, schema: { summary: `Changes one ${kind.noun}`, description: 'A merge patch (RFC 7396): `null` takes away. Needs `If-Match`.', tags, operationId: id('patch'), params, body: z.record(z.string(), z.unknown()), response: { 200: item } } }, async (request, reply) => {
    return answer(reply, await configuration.patch(targetOf(request, kind, request.params.name), request.body, conditionOf(request), byOf(request)))
  })

  typed.delete(`${base}/:name`, { config: { access: kind.write }, schema: { summary: `Takes one ${kind.noun} away`, description: 'Refused where something else needs it. Needs `If-Match`.', tags, operationId: id('delete'), params, response: { 204: z.null() } } }, async (request, reply) => {
    await configuration.remove(targetOf(request, kind, request.params.name), conditionOf(request), byOf(request))
    return reply.status(204).send(null)
  })

  if (kind.shape !== 'list') return
  const body = z.strictObject({ names: z.array(z.string().max(nameCharsMax)).max(namesMax) })
  typed.put(`${base}/order`, { bodyLimit: bodyBytesMax, config: { access: kind.write }, schema: { summary: `Puts the ${plural(kind)} in order`, description: 'All that the API made, each once; those of the file stay before them. Needs `If-Match` with the ETag of the list.', tags, operationId: id('order'), body, response: { 200: z.strictObject({ items: z.array(item) }) } } }, async (request, reply) => {
    const { items, etag } = await configuration.order({ project: request.project.name, kind }, request.body.names, conditionOf(request), byOf(request))
    void reply.header('etag', etag)
    return { items: [...items] }
  })
}

/** The core's own checks look at a body and word what is wrong; those of the document would put milliseconds in the place of `15m`. */
function bodyAsSent({ schema, httpPart, method, url }: { readonly schema: unknown; readonly httpPart?: string; readonly method: string; readonly url: string }): ReturnType<typeof validatorCompiler> {
  if (httpPart === 'body' || !(schema instanceof z.ZodType)) return (data: unknown) => ({ value: data })
  return validatorCompiler({ schema, method, url, ...(httpPart !== undefined && { httpPart }) })
}

// Its type is what it is made of.
function itemSchema(kind: Kind) {
  const id = kind.schema.meta()?.id
  return z
    .strictObject({
      name: z.string(),
      origin: z.enum(['file', 'api', 'default']).meta({ description: '`file`: in the configuration file; `api`: made here; `default`: there because nothing is configured, and gone with the first that is.' }),
      readOnly: z.boolean(),
      etag: z.string().meta({ description: 'For `If-Match`.' }),
      value: asWritten(kind.schema),
      changedMs: z.number().optional(),
      changedBy: z.string().optional(),
      shadowed: z.literal(true).optional().meta({ description: 'It does not hold: the configuration file has the same name by now.' }),
    })
    .meta(id === undefined ? {} : { id: `${id}Item` })
}

function answer(reply: FastifyReply, item: Item): Item {
  void reply.header('etag', item.etag)
  return item
}

function targetOf(request: FastifyRequest, kind: Kind, name: string): { readonly project: string; readonly kind: Kind; readonly name: string } {
  return { project: request.project.name, kind, name }
}

function conditionOf({ headers }: FastifyRequest): Condition {
  const ifMatch = headers['if-match']
  const ifNoneMatch = headers['if-none-match']
  return { ...(ifMatch !== undefined && { ifMatch }), ...(ifNoneMatch !== undefined && { ifNoneMatch }) }
}

export function byOf({ principal, ip }: FastifyRequest): By {
  return { principal, address: ip, isEverywhere: principal.isEverywhere }
}

function plural({ path }: Kind): string {
  return path.replace('-', ' ')
}
