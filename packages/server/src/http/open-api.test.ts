import { afterAll, beforeAll, expect, test } from 'vitest'
import { serverWorld, type ServerWorld } from '../testing/server-world.ts'

let world: ServerWorld
let document: OpenApi
beforeAll(async () => {
  world = await serverWorld()
  document = (await world.call('GET', '/openapi.json', { key: await world.makeKey('read') })).json as OpenApi
})
afterAll(() => world.dispose())

interface Operation {
  readonly operationId?: string
  readonly summary?: string
  readonly tags?: readonly string[]
  readonly security?: readonly Readonly<Record<string, readonly string[]>>[]
  readonly responses?: Readonly<Record<string, unknown>>
  readonly parameters?: readonly { readonly name: string; readonly in: string }[]
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: unknown }>> }
}
interface OpenApi {
  readonly openapi: string
  readonly info: Readonly<Record<string, unknown>>
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, { readonly anyOf?: readonly Form[] }>>; readonly securitySchemes: Readonly<Record<string, unknown>> }
}
interface Form {
  readonly properties: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  readonly required?: readonly string[]
  readonly additionalProperties?: unknown
}

const operations = (): readonly (readonly [string, Operation])[] => Object.entries(document.paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => [`${method} ${path}`, operation] as const))

test('the document is OpenAPI 3.1, and every reference in it leads somewhere', () => {
  expect([document.openapi, document.info['title']]).toEqual(['3.1.0', 'Tocsin'])
  const references: string[] = []
  const walk = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    for (const [key, one] of Object.entries(value)) {
      if (key === '$ref' && typeof one === 'string') references.push(one)
      else walk(one)
    }
  }
  walk(document)
  expect(references.length).toBeGreaterThan(50)
  const lost = references.filter((reference) => reference.slice(2).split('/').reduce<unknown>((at, part) => (typeof at === 'object' && at !== null ? Reflect.get(at, part.replaceAll('~1', '/').replaceAll('~0', '~')) : undefined), document) === undefined)
  expect(lost).toEqual([])
})

test('every operation has a name of its own, says what it does, who may do it and what it answers, and names the parts of its path', () => {
  const all = operations()
  const names = all.map(([, { operationId }]) => operationId)
  expect(all.length).toBeGreaterThan(70)
  expect.soft(names.filter((name, index) => name !== undefined && names.indexOf(name) !== index)).toEqual([])
  const incomplete = all.flatMap(([name, { operationId, summary, tags, responses = {}, security = [{}], parameters = [] }]) => {
    const inPath = [...name.matchAll(/\{(\w+)\}/g)].map(([, part]) => part)
    const unnamed = inPath.filter((part) => !parameters.some((one) => one.in === 'path' && one.name === part))
    const unknown = security.flatMap((one) => Object.keys(one)).filter((scheme) => document.components.securitySchemes[scheme] === undefined)
    const missing = [
      ...(operationId === undefined ? ['operationId'] : []), ...(summary === undefined ? ['summary'] : []), ...(tags === undefined || tags.length === 0 ? ['tags'] : []),
      ...(Object.keys(responses).some((status) => /^[23]/.test(status)) ? [] : ['a response']), ...(responses['default'] === undefined ? ['problems'] : []), ...unnamed, ...unknown,
    ]
    return missing.length === 0 ? [] : [`${name}: ${missing.join(', ')}`]
  })
  expect(incomplete).toEqual([])
})

/** What is answered as somebody wrote it, in the words of the configuration; and where more may stand beside the fields that are named. */
const written = [
  'AuditEntry/properties/before', 'AuditEntry/properties/after', 'Starter/properties/makes/items/properties/value', 'OwnPerson/properties/preferences/items',
  'RoutedAlert/additionalProperties', ...['routes', 'told', 'decisions'].map((list) => `RoutedAlert/properties/${list}/items/additionalProperties`),
].map((place) => `#/components/schemas/${place}`)

test('every answer says what it is, down to its last field', () => {
  const says = ['$ref', 'type', 'anyOf', 'oneOf', 'allOf', 'enum', 'const', 'not']
  const silent = new Set<string>()
  const seen = new Set<string>()
  const look = (schema: unknown, place: string): void => {
    if (typeof schema !== 'object' || schema === null) return
    const of = schema as Readonly<Record<string, unknown>>
    const { $ref: reference } = of
    if (typeof reference === 'string') {
      if (seen.has(reference)) return
      seen.add(reference)
      look(reference.slice(2).split('/').reduce<unknown>((at, part) => (typeof at === 'object' && at !== null ? Reflect.get(at, part) : undefined), document), reference)
      return
    }
    if (!says.some((word) => word in of)) silent.add(place)
    const { properties, items, additionalProperties, anyOf, oneOf, allOf } = of
    for (const [name, one] of Object.entries(typeof properties === 'object' && properties !== null ? properties : {})) look(one, `${place}/properties/${name}`)
    if (items !== undefined) look(items, `${place}/items`)
    if (typeof additionalProperties === 'object') look(additionalProperties, `${place}/additionalProperties`)
    for (const several of [anyOf, oneOf, allOf]) if (Array.isArray(several)) several.forEach((one, index) => look(one, `${place}/${index}`))
  }
  for (const [name, { responses = {} }] of operations()) {
    for (const [status, response] of Object.entries(responses)) {
      if (!status.startsWith('2')) continue
      const content: unknown = typeof response === 'object' && response !== null ? Reflect.get(response, 'content') : undefined
      for (const one of Object.values(typeof content === 'object' && content !== null ? content : {})) look((one as { readonly schema?: unknown }).schema, name)
    }
  }
  expect(seen.size).toBeGreaterThan(40)
  expect([...silent].filter((place) => !written.includes(place))).toEqual([])
})

test('forms of channels show the real settings of each type, with what is secret and what must be given', () => {
  const forms = document.components.schemas['ChannelInput']?.anyOf ?? []
  const email = forms.find(({ properties }) => properties['type']?.['const'] === 'email')
  expect(email?.required).toEqual(expect.arrayContaining(['type', 'url', 'from']))
  expect([email?.properties['url']?.['secret'], email?.properties['from']?.['label'], email?.additionalProperties]).toEqual([true, 'From', false])
  expect(JSON.stringify(document)).not.toMatch(/[\u4E00-\u9FFF]/)
})

test('rules and people show their real fields, durations as they are written', () => {
  const shown = JSON.stringify(document.components.schemas['RuleInput'])
  for (const field of ['measure', 'absent', 'anomaly', 'groupBy', 'aboveUsd']) expect(shown).toContain(`"${field}"`)
  const person = document.components.schemas['PersonInput'] as unknown as Form
  expect([Object.keys(person.properties), person.required, person.additionalProperties]).toEqual([expect.arrayContaining(['role', 'email', 'quietHours', 'preferences']), ['role'], false])
  const budget = document.components.schemas['BudgetInput'] as unknown as Form
  expect(budget.properties['rolling']).toMatchObject({ type: 'string' })
})

test('nobody without a key reads it', async () => {
  expect((await world.call('GET', '/openapi.json')).status).toBe(401)
})
