import { Environment } from '@marcbachmann/cel-js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Event } from '../model/event.ts'
import { plainTest } from './plain-condition.ts'
import { compileCondition, EventView, viewOfEvent } from './view.ts'

const texts = ['a', 'b', 'ab', ''] as const
const numbers = [0, 1, 2, 2.5] as const

const events = fc.record({
  agent: fc.option(fc.constantFrom(...texts), { nil: undefined }),
  team: fc.option(fc.constantFrom(...texts), { nil: undefined }),
  inputTokens: fc.option(fc.constantFrom(...numbers), { nil: undefined }),
  durationMs: fc.constantFrom(...numbers),
}).map(({ agent, team, inputTokens, durationMs }): Event => ({
  id: 'e1', project: 'bots', type: 'llm.call', source: 'observe', atMs: 1, durationMs, status: 'ok', ...(agent !== undefined && { agent }), tags: team === undefined ? {} : { team },
  llm: { provider: 'openai', model: 'gpt-5', operation: 'chat', ...(inputTokens !== undefined && { inputTokens }) },
}))

const text = fc.constantFrom('event.agent', 'event.user', 'event.tags.team', "event.tags['team']", 'event.tags.none')
const number = fc.constantFrom('event.inputTokens', 'event.durationMs', 'event.outputTokens')
const quoted = fc.constantFrom(...texts).map((one) => `'${one}'`)
const counted = fc.constantFrom('0', '1', '2', '2.5', '2.0', '9007199254740993')
const leaf = fc.oneof(
  fc.tuple(text, fc.constantFrom('==', '!='), quoted).map((parts) => parts.join(' ')),
  fc.tuple(text, fc.constantFrom('startsWith', 'endsWith', 'contains'), quoted).map(([field, name, literal]) => `${field}.${name}(${literal})`),
  fc.tuple(text, fc.array(quoted, { minLength: 1, maxLength: 3 })).map(([field, list]) => `${field} in [${list.join(', ')}]`),
  fc.tuple(number, fc.constantFrom('==', '!=', '<', '<=', '>', '>='), counted).map((parts) => parts.join(' ')),
  fc.tuple(number, fc.array(fc.constantFrom('0', '1', '2'), { minLength: 1, maxLength: 3 })).map(([field, list]) => `${field} in [${list.join(', ')}]`),
  fc.constantFrom("'team' in event.tags", "'none' in event.tags", 'has(event.tags.team)', 'has(event.agent)', 'has(event.outputTokens)', 'true'),
  // Beyond what is decided here, one of them an error.
  fc.constantFrom('event.agent.size() > 1', '1 / int(event.durationMs) == 1', 'event.agent == event.tags.team', 'event.inputTokens + 1 > 2'),
)
const { condition } = fc.letrec<{ condition: string }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 3 },
    leaf,
    fc.tuple(tie('condition'), fc.constantFrom('&&', '||'), tie('condition')).map(([a, sign, b]) => `(${a}) ${sign} (${b})`),
    tie('condition').map((one) => `!(${one})`),
  ),
}))

/** What the library alone says: true, false, or which error. */
function libraryTest(expression: string, event: Event): boolean | string {
  const environment = new Environment().registerType('Event', { ctor: EventView, fields: fieldTypes }).registerVariable('event', 'Event')
  environment.registerOperator('double == int', (a: number, b: bigint) => a === Number(b))
  environment.registerOperator('double in list<int>', (a: number, list: readonly bigint[]) => list.some((b) => a === Number(b)))
  environment.registerOperator('double + int', (a: number, b: bigint) => a + Number(b))
  try {
    return environment.evaluate(expression, { event: viewOfEvent(event) }) === true
  } catch (failure) {
    const code: unknown = failure instanceof Error && 'code' in failure ? failure.code : undefined
    return code === 'no_such_key' ? false : String(code)
  }
}

const fieldTypes = { agent: 'string', user: 'string', tags: 'map<string, string>', inputTokens: 'double', outputTokens: 'double', durationMs: 'double' } as const

describe('a condition that is decided without the library', () => {
  it('has the answer of the library, whatever is missing', () => {
    fc.assert(
      fc.property(condition, events, (expression, event) => {
        const compiled = compileCondition(expression, 'event')
        if (!compiled.ok) throw new Error(compiled.problem)
        let said: boolean | string
        try {
          said = compiled.test(viewOfEvent(event))
        } catch (failure) {
          said = String(failure instanceof Error && 'code' in failure ? failure.code : failure)
        }
        expect(said).toBe(libraryTest(expression, event))
      }),
      { numRuns: 2_000 },
    )
  })

  it.each([
    ['event.durationMs > 1', true],
    ["event.agent == 'a' && has(event.tags.team)", false],
    ['event.durationMs < 1 && event.agent.size() > 1', false],
    ['event.durationMs > 1 && event.agent.size() > 1', undefined],
    ['event.agent.size() > 1', undefined],
    ['event.durationMs == 9007199254740993', undefined],
  ])('is one of comparisons: %s', (expression, answer) => {
    const environment = new Environment({ unlistedVariablesAreDyn: true })
    const test = plainTest(environment.parse(expression).ast, 'event', fieldTypes)
    expect(test(viewOfEvent({ id: 'e1', project: 'bots', type: 'llm.call', source: 'observe', atMs: 1, durationMs: 2, status: 'ok', tags: {} }))).toBe(answer)
  })
})
