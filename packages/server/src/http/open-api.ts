import swagger from '@fastify/swagger'
import type { FastifyInstance } from 'fastify'
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { asWrittenKey, problemSchema } from './answers.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What a route answers that is no JSON of a schema: for the document of the API. */
    readonly answers?: { readonly type: string; readonly says: string; readonly status?: number }
  }
}

/** Begins to collect routes: before the first of them is added. */
export async function collectOpenApi(app: FastifyInstance, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Tocsin',
        version,
        description: 'Tells the right person, on the right channel, once, when an AI agent needs them. Times are milliseconds since 1970; durations are written as `15m`; errors are problem documents (RFC 9457).',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      components: {
        securitySchemes: {
          key: { type: 'http', scheme: 'bearer', description: 'A key: `Authorization: Bearer tok_…`.' },
          session: { type: 'apiKey', in: 'cookie', name: 'tocsin.session_token', description: 'Somebody who has logged in; over TLS the name begins with `__Secure-`.' },
        },
      },
      security: [{ key: [] }, { session: [] }],
    },
    transform(input) {
      if (!('openapiObject' in input)) throw new TypeError('expected a document of OpenAPI, found one of Swagger 2')
      const { route } = input
      const { access, answers } = route.config ?? {}
      const responses = input.schema?.response
      // Every route may answer with a problem.
      const schema = { ...input.schema, response: { ...(typeof responses === 'object' && responses !== null ? responses : {}), ...(answers !== undefined && { [answers.status ?? 200]: { description: answers.says, content: { [answers.type]: { schema: z.string() } } } }), default: { description: 'What is wrong (RFC 9457)', content: { 'application/problem+json': { schema: problemSchema } } } } }
      const transformed = jsonSchemaTransform({ ...input, schema })
      const isOpen = access === 'public' || access === 'signed'
      return { ...transformed, schema: { ...transformed.schema, ...(isOpen && { security: [] }), ...(access === 'person' && { security: [{ session: [] }] }), description: [input.schema?.description, accessText(access, route.config?.scope)].filter((part) => part !== undefined).join('\n\n') } }
    },
    transformObject: (input) => withReferences(jsonSchemaTransformObject(input)) as ReturnType<typeof jsonSchemaTransformObject>, // the same document, with references in it
  })
}

function accessText(access: string | undefined, scope: string | undefined): string | undefined {
  if (access === undefined || access === 'public') return undefined
  if (access === 'person') return 'For people who have logged in, and not for keys.'
  if (access === 'signed') return 'The call proves itself by a signature or a token.'
  return `Needs \`${access}\`.${scope === 'installation' ? '' : ' The project is that of the key, `?project=` or the header `tocsin-project`.'}`
}

/** What is answered as it was written refers to what may be sent. */
function withReferences(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withReferences)
  if (typeof value !== 'object' || value === null) return value
  const written: unknown = Reflect.get(value, asWrittenKey)
  if (typeof written === 'string') return { $ref: `#/components/schemas/${written}` }
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, withReferences(one)]))
}

/** `GET /openapi.json`. */
export function openApiRoute(app: FastifyInstance): void {
  // Made once: no route is added while it is served.
  let document: Buffer | undefined
  app.get('/openapi.json', { config: { access: 'projects:read', scope: 'installation', answers: { type: 'application/json', says: 'This document.' } }, schema: { summary: 'Describes this API', description: 'OpenAPI 3.1, made of the same schemas that requests are checked by.', tags: ['openapi'], operationId: 'getOpenApi' } }, async (_request, reply) => {
    return reply.header('content-type', 'application/json; charset=utf-8').send((document ??= Buffer.from(JSON.stringify(app.swagger()))))
  })
}
