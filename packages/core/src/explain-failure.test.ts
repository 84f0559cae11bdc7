import { existsSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { explainFailure, type SessionEvent } from './explain-failure.ts'
import { en } from './locales/en.ts'
import { sayPhrase } from './locales/phrase.ts'
import { sayPlain } from './locales/plain.ts'
import { zhCN } from './locales/zh-CN.ts'
import { mapSpan } from './mapping/map-span.ts'
import { flattenOtlpJson } from './mapping/otlp-json.ts'
import { eventTypes, type ErrorClass } from './model/event.ts'

const model = (name = 'gpt-5', more: Partial<SessionEvent> = {}): SessionEvent => ({ type: 'llm.call', llm: { provider: 'openai', model: name, operation: 'chat', outputTokens: 7 }, ...more })
const tool = (name: string, args = 'a', more: Partial<SessionEvent> = {}): SessionEvent => ({ type: 'tool.call', tool: { name, argumentsHash: args }, ...more })
const broken = (event: SessionEvent, message: string, of: ErrorClass = 'server', statusCode?: number): SessionEvent => ({ ...event, error: { class: of, message, ...(statusCode !== undefined && { statusCode }) } })
const end = (endReason?: string): SessionEvent => ({ type: 'session.end', endState: 'fail', ...(endReason !== undefined && { endReason }) })
const times = (count: number, ...events: readonly SessionEvent[]): readonly SessionEvent[] => Array.from({ length: count }, () => events).flat()

describe('where a call failed', () => {
  it('the first that was not made good is the cause; one after which the same call succeeded is not', () => {
    const found = explainFailure([broken(tool('search'), 'busy'), tool('search'), model(), broken(tool('pay'), 'no card', 'invalid-request', 402), broken(model(), 'too many', 'rate-limit', 429), end('gave up')])
    expect(found).toMatchObject({ cause: { eventId: '#3', type: 'tool.call', name: 'pay', step: 4, statusCode: 402, message: 'no card' }, class: 'invalid-request', recovered: 1, spread: { steps: 1, models: ['gpt-5'], tools: [] } })
    expect(found.sentence).toBe('Stopped at step 4: tool pay refused, invalid request (402). One later step failed too: gpt-5.')
    expect(found.evidence).toMatchObject({ causeClass: 'invalid-request', causeEvent: '#3', laterFailures: 1, recovered: 1 })
  })

  it('the reason that was given says which of several failures ended it', () => {
    const events = [broken(tool('notes'), 'notes are down'), tool('search'), broken(model(), 'You exceeded your current quota', 'quota', 429)]
    expect(explainFailure([...events, end()]).cause?.name).toBe('notes')
    const found = explainFailure([...events, end('RateLimitError: 429 You exceeded your current quota')])
    expect(found).toMatchObject({ cause: { name: 'gpt-5', provider: 'openai', step: 3 }, class: 'quota', spread: { steps: 0 } })
    expect(found.sentence).toBe('Stopped at step 3: openai gpt-5 refused, quota used up (429).')
  })

  it('what is repeated is counted: the call that failed, what it said, and the calls before it', () => {
    const found = explainFailure([...times(6, tool('read')), ...times(4, broken(model(), 'overloaded')), end('overloaded')])
    expect(found.repeated).toMatchObject({ cause: 4, error: { message: 'overloaded', times: 4 }, call: { names: ['read'], times: 6 } })
    expect(found.sentence).toBe('Stopped at step 7: openai gpt-5 failed, server error. That call failed 4 times. Tool read was called 6 times in a row with the same arguments.')
    expect(explainFailure([...times(6, tool('read')), broken(model(), 'overloaded'), broken(tool('a'), 'x'), broken(tool('b'), 'y')], { locale: 'zh-CN' }).sentence).toBe(
      '停在第 7 步：openai gpt-5 失败，服务器错误。此后另有 2 步失败：a, b。工具 read 以相同参数连续调用了 6 次。',
    )
  })

  it('how far it spread names tools, models and the other agents, and not the steps that only passed it on', () => {
    const found = explainFailure([
      broken(tool('crm', 'a', { agent: 'lead' }), 'crm is down'), broken({ type: 'agent.step', name: 'lead', agent: 'lead' }, 'crm is down', 'other'),
      broken(tool('mail', 'a', { agent: 'helper' }), 'no server'), broken(model('o3', { agent: 'helper' }), 'timed out', 'timeout'),
    ])
    expect(found.spread).toEqual({ steps: 2, tools: ['mail'], models: ['o3'], agents: ['helper'] })
  })

  it('an operation that failed by itself is the cause', () => {
    const found = explainFailure([model(), broken({ type: 'agent.step', name: 'plan' }, 'TypeError: x is undefined', 'other'), end('TypeError: x is undefined')])
    expect([found.cause?.name, found.sentence]).toEqual(['plan', 'Stopped: step plan failed.'])
    // What stopped it says more than that the step around it failed; circles that it had left do not.
    const stopped = broken({ type: 'agent.step', name: 'plan' }, 'stopped', 'other')
    expect(explainFailure([{ type: 'agent.step', name: 'no-refunds', detail: { triggered: 'true' } }, stopped]).class).toBe('guardrail')
    expect(explainFailure([...times(5, tool('read')), stopped]).class).toBe('loop')
    expect(explainFailure([...times(5, tool('read')), tool('write'), stopped]).cause?.name).toBe('plan')
  })
})

describe('where no call failed', () => {
  const answer = (more: object): SessionEvent => ({ type: 'llm.call', llm: { provider: 'openai', model: 'gpt-5', operation: 'chat', outputTokens: 7, ...more } })
  it.each([
    ['loop', [...times(5, tool('read'))], 'It went in circles: tool read was called 5 times in a row with the same arguments.'],
    ['loop', times(4, tool('read'), tool('write')), 'It went in circles: read, write were called in turn, 8 calls in all.'],
    ['relay', [...times(3, { type: 'agent.step', name: 'a', agent: 'a' }, { type: 'agent.step', name: 'b', agent: 'b' })], 'a, b handed over to each other 5 times.'],
    ['guardrail', [{ type: 'agent.step', name: 'no-refunds', detail: { triggered: 'true' } }, model()], 'Guardrail no-refunds stopped it.'],
    ['refused', [answer({ finishReason: 'content-filter' })], 'The last answer of gpt-5 was refused or filtered.'],
    ['cut', [model(), answer({ finishReason: 'length' })], 'The last answer of gpt-5 was cut short at its length limit.'],
    ['empty', [answer({ outputTokens: 0 })], 'The last answer of gpt-5 was empty.'],
    ['budget', [model(), end('Cost limit exceeded: $3.02 of $3')], 'It had no money or tokens left to spend.'],
    ['steps', [model(), end('Max turns (10) exceeded')], 'It had made as many steps as it may.'],
    ['own', [model(), end('KeyError: order')], 'No failing call was recorded.'],
    ['own', [broken(tool('crm'), 'down'), tool('crm'), end('KeyError: order')], 'The program itself gave up; calls that had failed succeeded later (1).'],
  ] as const)('the end says how: %s', (of, events, sentence) => {
    const found = explainFailure(events)
    expect([found.cause, found.class, found.sentence]).toEqual([undefined, of, sentence])
    expect(explainFailure(events, { locale: 'zh' }).sentence).toMatch(/。$/)
  })
})

const anyEvent: fc.Arbitrary<SessionEvent> = fc.record(
  { type: fc.constantFrom(...eventTypes), atMs: fc.nat(50), name: fc.string(), tool: fc.record({ name: fc.constantFrom('a', 'b') }), error: fc.record({ class: fc.constant('server' as const), message: fc.string() }), endReason: fc.string(), agent: fc.constantFrom('x', 'y') },
  { requiredKeys: ['type'] },
)

describe('for any events', () => {
  it('something is said, the same each time, and passes over what is no event', () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 40 }), fc.constantFrom('en', 'zh-CN', 'fr', ''), (events, locale) => {
        const found = explainFailure(events, { locale })
        expect(found.sentence).toMatch(/[.。]$/)
        expect(explainFailure(events, { locale })).toEqual(found)
        // Reason for the cast: what a caller without types may hand over.
        expect(explainFailure([...events, undefined, 'x', { type: 'no.such' }] as unknown as readonly SessionEvent[], { locale })).toEqual(found)
      }),
    )
  })

  it('its words are those of the message, said without the library that counts', () => {
    for (const { messages, failures, endings, frames } of [en, zhCN]) {
      const phrases = [...(messages['session.failed'].lines[0] ?? []), ...Object.values(failures), ...Object.values(endings), frames.call, frames.failure]
      for (const phrase of phrases) expect(sayPlain(phrase, (name) => `the ${name}`)).toBe(sayPhrase(phrase, 'en', (name) => `the ${name}`))
    }
    expect(sayPlain('{n, plural, other {#}}', () => 1)).toBeUndefined()
  })
})

const trajectories = '/work/shared/samples/otlp/swe-agent.otlp.jsonl.gz'

describe.skipIf(!existsSync(trajectories))('the trajectories of a real agent', () => {
  const sessions = existsSync(trajectories)
    ? gunzipSync(readFileSync(trajectories)).toString('utf8').trim().split('\n').map((line) => flattenOtlpJson(JSON.parse(line)).spans.flatMap((span) => mapSpan(span, { sessionId: 's' })))
    : []

  it('that got over a failing command have no cause in it, and name it where they stop there', () => {
    const withFailures = sessions.filter((events) => events.some(({ type, status }) => type === 'tool.call' && status === 'error'))
    expect(withFailures).toHaveLength(2)
    for (const events of withFailures) {
      const whole = explainFailure(events)
      expect([whole.cause, whole.recovered > 0]).toEqual([undefined, true])
      const failing = events.findIndex(({ type, status }) => type === 'tool.call' && status === 'error')
      const stopped = explainFailure(events.slice(0, failing + 1))
      expect(stopped.cause).toMatchObject({ type: 'tool.call', name: 'bash', eventId: events[failing]?.id })
    }
  })

  it('that made one command again and again show it', () => {
    const longest = sessions.map((events) => explainFailure(events).repeated.call?.times ?? 1)
    expect(Math.max(...longest)).toBe(4)
    expect(longest.filter((count) => count >= 5)).toEqual([])
  })
})
