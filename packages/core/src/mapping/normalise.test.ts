import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { seededChance } from '../model/chance.ts'
import type { Event, EventInput } from '../model/event.ts'
import { eventBounds } from '../model/event.ts'
import { createRedactor } from '../model/redact.ts'
import { manualClock } from '../testing/manual-clock.ts'
import { createNormaliser } from './normalise.ts'
import type { Normalise, NormaliseOptions, Refusal } from './normalise.ts'

const nowMs = 1_700_000_000_000
const key = 'sk-proj-4f9Qd2XbT8vKc1RzWm7Lp0YeAa34Bb56'

function normaliser(change: Partial<NormaliseOptions> = {}): Normalise {
  return createNormaliser({
    project: 'bots',
    redact: createRedactor({ personalData: false }),
    redactContent: createRedactor({ personalData: true }),
    price: () => ({ costSource: 'unknown' }),
    keptMs: 14 * 86_400_000,
    clock: manualClock(nowMs),
    chance: seededChance(1),
    ...change,
  })
}

function event(input: object, normalise = normaliser()): Event {
  const result = normalise(input as EventInput) // tests hand over what no source should
  if (!('event' in result)) throw new Error(result.why)
  return result.event
}

function refusal(input: unknown, normalise = normaliser()): Refusal {
  const result = normalise(input as EventInput)
  if ('event' in result) throw new Error('it was accepted')
  return result
}

const call = { type: 'llm.call', source: 'observe', llm: { provider: 'OpenAI', model: 'gpt-5', operation: 'chat', inputTokens: 10, outputTokens: 2 } }

describe('an event at the door', () => {
  it('is given a project, an id, a time and a price', () => {
    const found = event(call, normaliser({ environment: 'production', price: (_, atMs) => ({ costNanoUsd: atMs === nowMs ? 7 : 0, costSource: 'priced' }) }))
    expect(found).toMatchObject({ project: 'bots', atMs: nowMs, environment: 'production', status: 'ok', llm: { provider: 'openai', costNanoUsd: 7, costSource: 'priced' } })
    expect(found.id).toMatch(/^[0-9a-f]{16}$/)
  })

  it('keeps its identity when it is sent again', () => {
    expect(event({ ...call, id: 'a:b', atMs: nowMs - 5 })).toMatchObject({ id: 'a:b', atMs: nowMs - 5 })
  })

  it('is refused with an id but no time, and is told why', () => {
    expect(refusal({ ...call, id: 'a' }).refused).toBe('event-invalid')
    expect(refusal({ ...call, id: 'a' }).why).toContain('expected atMs')
    expect(refusal({ ...call, id: 'a', atMs: Number.NaN }).refused).toBe('event-invalid')
    expect(refusal({ ...call, id: 'a'.repeat(201), atMs: nowMs }).why).toContain('201 characters')
  })

  it('is refused where its type is unknown or what its type needs is missing', () => {
    expect(refusal({ ...call, type: 'llm.cal' }).why).toContain('found "llm.cal"')
    expect(refusal({ type: 'llm.call', source: 'native' }).why).toContain('expected llm')
    expect(refusal({ type: 'tool.call', source: 'native' }).why).toContain('expected tool')
    expect(refusal({ type: 'session.start', source: 'native' }).why).toContain('expected a sessionId')
    for (const input of [null, undefined, 7, 'x', [], () => 0]) expect(refusal(input).refused).toBe('event-invalid')
  })

  it('never repeats in a refusal what it was sent', () => {
    expect(refusal({ ...call, type: `${key} and more` }).why).not.toContain(key)
  })

  it('is refused when it is older than what is kept', () => {
    expect(refusal({ ...call, atMs: nowMs - 14 * 86_400_000 - 1 })).toEqual({ refused: 'too-old', why: 'expected an event that is not older than what is kept, since 2023-10-31T22:13:20.000Z, found one of 2023-10-31T22:13:19.999Z' })
    expect(event({ ...call, atMs: nowMs - 14 * 86_400_000 }).atMs).toBe(nowMs - 14 * 86_400_000)
    expect(refusal({ ...call, atMs: nowMs - 60_001 }, normaliser({ keptMs: 60_000 })).refused).toBe('too-old')
    expect(refusal({ ...call, atMs: 0 }).why).toContain('1970-01-01')
  })

  it('keeps its time, which is its identity, when its clock runs ahead, and says so; a day ahead it is refused', () => {
    expect(event({ ...call, atMs: nowMs + eventBounds.futureMs }).tags).toEqual({})
    expect(event({ ...call, atMs: nowMs + eventBounds.futureMs + 1 })).toMatchObject({ atMs: nowMs + eventBounds.futureMs + 1, tags: { 'tocsin.cut': 'atMs' } })
    expect(refusal({ ...call, atMs: nowMs + 86_400_001 })).toEqual({ refused: 'event-invalid', why: 'expected atMs in milliseconds since 1970 and of now, found one more than 24 h in the future' })
    expect(event({ ...call, atMs: nowMs + 600_000 }, normaliser({ price: (_, atMs) => ({ costNanoUsd: atMs, costSource: 'priced' }) })).llm?.costNanoUsd).toBe(nowMs)
  })

  it('is refused with an id that ends in half a character, for two of them would be the same on record', () => {
    expect(refusal({ ...call, id: 'x\ud800', atMs: nowMs }).why).toContain('lone surrogate')
    expect(event({ ...call, agent: 'x\ud800', tags: { 'k\ud800': 'v\udfff' } })).toMatchObject({ agent: 'x\ufffd', tags: { 'k\ufffd': 'v\ufffd' } })
  })

  it('is not believed to be from the engine when it comes from outside, beyond what only a client can know', () => {
    const outside = normaliser({ from: 'outside' })
    expect(event({ type: 'tocsin.channel-paused', source: 'engine' }, outside).source).toBe('native')
    expect(event({ type: 'custom', source: 'engine' }, outside).source).toBe('native')
    expect(event({ type: 'tocsin.events-dropped', source: 'engine' }, outside).source).toBe('engine')
    expect(event({ type: 'tocsin.channel-paused', source: 'engine' }).source).toBe('engine')
  })

  it('loses costs that are no amounts, and says so, and tokens that are no counts', () => {
    for (const costNanoUsd of [Number.NaN, -1, Infinity, '10', 1e18]) {
      // Reason for the cast: what a source gives is not checked by its language.
      const found = event({ ...call, llm: { ...call.llm, costNanoUsd } as never })
      expect(found.llm).toMatchObject({ costSource: 'unknown' })
      expect(found.llm).not.toHaveProperty('costNanoUsd')
      expect(found.tags).toEqual({ 'tocsin.cut': 'llm.costNanoUsd' })
    }
    for (const inputTokens of [Number.NaN, -1, Infinity, '10', 1e12, {}]) {
      expect(event({ ...call, llm: { ...call.llm, inputTokens } }).llm).not.toHaveProperty('inputTokens')
    }
  })

  it('says in one vocabulary why an answer ended, whatever its provider calls it', () => {
    const endedBy = (finishReason: string): string | undefined => event({ ...call, llm: { ...call.llm, finishReason } }).llm?.finishReason
    expect(['max_tokens', 'tool_use', 'refusal', 'length', 'stopped-reading', 'Their_Own'].map(endedBy)).toEqual(['length', 'tool-calls', 'content-filter', 'length', 'stopped-reading', 'their_own'])
  })

  it('is cut on a whole character, and says what was cut', () => {
    const found = event({ ...call, agent: 'x'.repeat(199) + '😀', excerpt: 'y'.repeat(3_000), user: 'u'.repeat(300) })
    expect(found.agent).toBe('x'.repeat(199))
    expect(found.excerpt).toHaveLength(eventBounds.textCharsMax)
    expect(found.user).toHaveLength(200)
    expect(found.tags['tocsin.cut']?.split(' ').sort()).toEqual(['agent', 'excerpt', 'user'])
  })

  it('keeps at most so many tags', () => {
    const tags = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`t${i}`, i]))
    const found = event({ ...call, tags })
    expect(Object.keys(found.tags)).toHaveLength(eventBounds.tagsMax + 1)
    expect(found.tags).toMatchObject({ t0: '0', 'tocsin.cut': 'tags' })
  })

  it('holds no secret in any field, and no personal data in content', () => {
    const found = event({
      ...call,
      name: `run ${key}`,
      agent: key,
      tags: { [key]: key },
      detail: { DB_PASSWORD: 'correct-horse "battery" staple', token: key, region: 'eu' },
      error: { class: 'auth', message: `bad key ${key}, ask dana@example.com`, code: key },
      excerpt: `call +4915123456789 about ${key}`,
      endReason: key,
      llm: { ...call.llm, model: key, responseId: key },
    })
    const text = JSON.stringify(found)
    expect(text).not.toContain(key)
    expect(text).not.toContain('correct-horse')
    expect(text).not.toContain('dana@example.com')
    expect(text).not.toContain('4915123456789')
    expect(found.error?.message).toContain('[REDACTED:')
    expect(found.detail).toMatchObject({ DB_PASSWORD: expect.stringMatching(/^\[REDACTED:password:[0-9a-f]{8}\]$/) as string, region: 'eu' })
  })

  it('takes out of a fact what only its name and its value together give away', () => {
    const { detail } = event({ type: 'custom', detail: { authorization: 'Basic 5kU55JHTK4HnVKkFPiJsQai7', note: 'first line\n"second"' } })
    expect(detail).toEqual({ authorization: expect.stringMatching(/^Basic \[REDACTED:basic:[0-9a-f]{8}\]$/) as string, note: 'first line\n"second"' })
  })

  it('does not leave half a secret where a long text is cut', () => {
    const found = event({ ...call, excerpt: `${'word '.repeat(398)}${key} ${'word '.repeat(5_000)}` })
    expect(found.excerpt).not.toContain('sk-proj-4f9')
  })

  it('keeps user ids and the addresses of recipients as given', () => {
    const announcement = { title: 'Approve', severity: 'high', to: ['dana', 'role:admin'], direct: { channel: 'mail', address: 'lee@example.com' } }
    const found = event({ type: 'custom', source: 'client', user: 'dana@example.com', announcement })
    expect(found.user).toBe('dana@example.com')
    expect(found.announcement).toEqual(announcement)
  })

  it('holds no secret in its ids, its hash of arguments and the names of whom it is for', () => {
    const found = event({
      type: 'tool.call', id: `${key}:1`, atMs: nowMs, tool: { name: 'search', argumentsHash: key },
      announcement: { title: 'x', severity: 'high', to: ['dana', key, 'y'.repeat(300)], direct: { channel: key, address: '' } },
    })
    expect(JSON.stringify(found)).not.toContain(key)
    expect(found.id).toMatch(/^\[REDACTED:openai-key:[0-9a-f]{8}\]:1#[0-9a-f]{16}$/)
    expect(found.tool?.argumentsHash).toMatch(/^[0-9a-f]{16}$/)
    const mark = expect.stringMatching(/^\[REDACTED:openai-key:[0-9a-f]{8}\]$/) as string
    expect(found.announcement).toMatchObject({ to: ['dana', mark, 'y'.repeat(200)], direct: { channel: mark } })
    expect(found.tags).toEqual({ 'tocsin.cut': 'announcement.to' })
    // The same again, and another for another.
    expect(event({ type: 'custom', id: `${key}:1`, atMs: nowMs }).id).toBe(found.id)
    expect(event({ type: 'custom', id: `${key.replace('4f9', '5f9')}:1`, atMs: nowMs }).id).not.toBe(found.id)
    expect(event({ type: 'custom', id: `${key}${'z'.repeat(150)}`, atMs: nowMs }).id.length).toBeLessThanOrEqual(eventBounds.idCharsMax)
    expect(event({ type: 'tool.call', tool: { name: 'search', argumentsHash: '0123456789abcdef' } }).tool?.argumentsHash).toBe('0123456789abcdef')
  })

  it('is refused when its severity is none, instead of being told as what can wait', () => {
    for (const severity of ['hihg', 'HIGH', '', 7, {}]) expect(refusal({ type: 'custom', announcement: { title: 'x', severity } }).why).toContain('expected announcement.severity: one of critical, high, warning, info')
    for (const severity of [undefined, null]) expect(event({ type: 'custom', announcement: { title: 'x', severity } }).announcement?.severity).toBe('info')
  })

  it('is refused when it is meant for one address that is none, instead of going to everybody', () => {
    const to = (address: unknown, channel: unknown = 'mail'): object => ({ type: 'custom', announcement: { title: 'x', severity: 'high', direct: { channel, address } } })
    for (const address of ['lee@example.com', 'Ünal+tag@münchen.example', 'root@localhost', '+8613800000000', '']) expect(event(to(address)).announcement?.direct).toEqual({ channel: 'mail', address })
    for (const address of [key, `${key}@example.com`, 'lee', 'lee@', 'a@b@c.de', 'Lee <lee@example.com>', 'a@b.c\r\nBcc: d@e.f', '13800000000', `${'a'.repeat(250)}@x.io`, 7, undefined]) {
      expect(refusal(to(address)).why).toContain('expected announcement.direct')
    }
    expect(refusal(to('lee@example.com', '')).why).toContain('expected announcement.direct')
    expect(refusal({ type: 'custom', announcement: { title: 'x', direct: 'lee@example.com' } }).why).not.toContain('lee')
  })

  it('is refused, not thrown, where reading it throws', () => {
    const hostile = { ...call, get excerpt(): string { throw new Error(key) } }
    expect(refusal(hostile).why).toBe('the event cannot be read (Error)')
  })

  it('survives any shape whatever', () => {
    const normalise = normaliser()
    const names = ['type', 'source', 'id', 'atMs', 'durationMs', 'sessionId', 'tags', 'detail', 'error', 'llm', 'tool', 'announcement', 'excerpt', 'endState'] as const
    fc.assert(
      fc.property(fc.constantFrom('llm.call', 'custom', 'tool.call', 'session.end'), fc.dictionary(fc.constantFrom(...names), fc.anything()), (type, rest) => {
        const result = normalise({ ...rest, type } as unknown as EventInput)
        expect('event' in result ? Number.isSafeInteger(result.event.atMs) : result.why.length > 10).toBe(true)
      }),
      { numRuns: 300 },
    )
  })
})
