import type { ServerWorld } from './server-world.ts'

/** An operation as the document of the API says it. */
export interface Operation {
  readonly method: string
  /** With `{name}` where something stands for a name. */
  readonly path: string
  /** Names of its parameters in the query. */
  readonly queries: readonly string[]
  /** Of its body, where it has one. */
  readonly body?: JsonSchema
}

export type JsonSchema = Readonly<Record<string, unknown>>

/** The document of the API, as far as a walk through all of it needs. */
export interface ApiWalk {
  readonly operations: readonly Operation[]
  /** What a reference in a schema stands for. */
  resolve(schema: JsonSchema): JsonSchema
}

export async function readOpenApi(world: Pick<ServerWorld, 'call'>, key: string): Promise<ApiWalk> {
  const document = (await world.call('GET', '/openapi.json', { key })).json as {
    readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly parameters?: readonly { readonly in: string; readonly name: string }[]; readonly requestBody?: { readonly content?: Readonly<Record<string, { readonly schema: JsonSchema }>> } }>>>>
    readonly components?: { readonly schemas?: Readonly<Record<string, JsonSchema>> }
  }
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { parameters = [], requestBody }]): Operation => {
      const body = requestBody?.content?.['application/json']?.schema
      return { method: method.toUpperCase(), path, queries: parameters.filter((one) => one.in === 'query').map(({ name }) => name), ...(body !== undefined && { body }) }
    }),
  )
  return {
    operations,
    resolve(schema) {
      const reference = schema['$ref']
      return typeof reference === 'string' ? (document.components?.schemas?.[reference.replace('#/components/schemas/', '')] ?? {}) : schema
    },
  }
}
