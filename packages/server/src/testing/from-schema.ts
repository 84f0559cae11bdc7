import fc from 'fast-check'
import type { ApiWalk, JsonSchema } from './open-api-walk.ts'

const levelsMax = 6

/** What fits nowhere, or hardly anywhere. */
const nonsense = fc.constantFrom<unknown>(null, true, -1, 0, 1.5, 1e308, Number.MAX_SAFE_INTEGER, '', ' ', '\u0000', '\ud800', '${HOME}', '{{ x }}', '../../etc/passwd', '__proto__', '0s', '-5m', 'event.', "'", '(a+)+$', '😀'.repeat(2_000), [], {}, [[]], { secret: true, set: true }, { $sealed: 'v1.a.b' }, { file: '/etc/passwd' })

/** Values as a schema of the API wants them, with a wrong one here and there. */
export function almost(walk: Pick<ApiWalk, 'resolve'>, schema: JsonSchema, level = 0): fc.Arbitrary<unknown> {
  const fitting = fit(walk, walk.resolve(schema), level)
  return fc.oneof({ weight: 6, arbitrary: fitting }, { weight: 1, arbitrary: nonsense })
}

function fit(walk: Pick<ApiWalk, 'resolve'>, schema: JsonSchema, level: number): fc.Arbitrary<unknown> {
  if (level > levelsMax) return nonsense
  const either = schema['anyOf'] ?? schema['oneOf']
  if (isSchemas(either) && either.length > 0) return fc.oneof(...either.map((one) => almost(walk, one, level + 1)))
  if (Array.isArray(schema['enum']) && schema['enum'].length > 0) return fc.constantFrom<unknown>(...(schema['enum'] as readonly unknown[]))
  if ('const' in schema) return fc.constant(schema['const'])
  if (schema['type'] === 'object') {
    const properties = isSchemaRecord(schema['properties']) ? schema['properties'] : {}
    const known = Object.fromEntries(Object.entries(properties).map(([name, one]) => [name, almost(walk, one, level + 1)]))
    const more = isSchema(schema['additionalProperties']) ? fc.dictionary(fc.constantFrom('a', 'b-c', 'dana', '*', 'x'.repeat(300), ''), almost(walk, schema['additionalProperties'], level + 1), { maxKeys: 3 }) : fc.constant({})
    const required = Array.isArray(schema['required']) ? (schema['required'] as readonly string[]).filter((name) => name in known) : []
    return fc.tuple(fc.record(known, { requiredKeys: [...required] }), more).map(([one, other]) => ({ ...one, ...other }))
  }
  if (schema['type'] === 'array') return fc.array(almost(walk, isSchema(schema['items']) ? schema['items'] : {}, level + 1), { maxLength: 3 })
  if (schema['type'] === 'boolean') return fc.boolean()
  if (schema['type'] === 'number' || schema['type'] === 'integer') return fc.oneof(fc.integer({ min: -5, max: 100_000 }), fc.double())
  if (schema['type'] === 'string') return fc.constantFrom('dana', '15m', '22:00-07:00', 'Europe/Berlin', 'de', 'true', "event.costUsd > 0.5", 'https://hooks.example.com/in', 'a@example.com', '+15005550006', 'x', '0 9 * * *', '09:00', 'p95(durationMs)', 'month', 'llm.call', '2026-01-01T00:00:00Z')
  return nonsense
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isSchemas(value: unknown): value is readonly JsonSchema[] {
  return Array.isArray(value) && value.every(isSchema)
}

function isSchemaRecord(value: unknown): value is Readonly<Record<string, JsonSchema>> {
  return isSchema(value) && Object.values(value).every(isSchema)
}
