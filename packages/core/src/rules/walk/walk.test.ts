import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { takeStep } from './take-step.ts'
import type { Step } from './step.ts'
import { isCalm, readWalk, writeWalk } from './walk-text.ts'
import { newWalk, walkBounds, type Walk } from './walk.ts'

let count = 0
function step(change: Partial<Step>): Step {
  count += 1
  return { id: `e${count}`, type: 'llm.call', atMs: count, durationMs: 0, status: 'ok', ...change }
}

const model = (change: Partial<Step> = {}, name = 'gpt-5'): Step => step({ llm: { provider: 'openai', model: name, operation: 'chat', outputTokens: 5 }, ...change })
const tool = (name: string, args?: string, change: Partial<Step> = {}): Step => step({ type: 'tool.call', tool: { name, ...(args !== undefined && { argumentsHash: args }) }, ...change })
const failed = (one: Step, message = 'no'): Step => ({ ...one, status: 'error', error: { class: 'server', message } })
const agent = (name: string): Step => step({ type: 'agent.step', name, agent: name })
const handOff = (from: string, to: string): Step => step({ type: 'agent.step', name: 'handoff', agent: from, detail: { from, to } })

/** The walk after these steps, written and read after each as in the store. */
function walked(...steps: readonly Step[]): Walk {
  let text = writeWalk(newWalk())
  let calls = 0
  for (const one of steps) {
    const walk = readWalk(text)
    if (one.type === 'llm.call' || one.type === 'tool.call') calls += 1
    takeStep(walk, one, calls)
    text = writeWalk(walk)
  }
  return readWalk(text)
}

describe('failures', () => {
  it('stay open until the same call succeeds, with the first event, its place and how often', () => {
    const first = failed(tool('search'), 'down')
    const walk = walked(model(), first, failed(model(), 'busy'), failed(tool('search'), 'down'))
    expect(walk.open).toEqual([
      expect.objectContaining({ type: 'tool.call', name: 'search', eventId: first.id, step: 2, times: 2, class: 'server', message: 'down' }),
      expect.objectContaining({ type: 'llm.call', name: 'gpt-5', provider: 'openai', step: 3, times: 1 }),
    ])
    expect(walk.errors).toEqual([{ message: 'down', times: 2 }, { message: 'busy', times: 1 }])
    const over = walked(first, failed(tool('search')), tool('other'), tool('search'))
    expect([over.open, over.recovered]).toEqual([[], 2])
  })

  it('that are heard of late are no open ones where the call succeeded after them, and come first where it did not', () => {
    const late = { ...failed(tool('search')), atMs: 10_000 }
    const walk = walked({ ...failed(tool('search')), atMs: 20_000 }, { ...tool('search'), atMs: 30_000 }, late)
    expect([walk.open, walk.recovered]).toEqual([[], 2])
    const early = walked({ ...failed(tool('a')), atMs: 20_000 }, { ...failed(tool('a')), id: 'earlier', atMs: 10_000 }, { ...tool('a'), atMs: 5_000 })
    expect(early.open).toEqual([expect.objectContaining({ eventId: 'earlier', times: 2, lastAtMs: 20_000 })])
  })

  it('that the agent gave up itself are none', () => {
    expect(walked({ ...tool('search'), status: 'error', error: { class: 'cancelled', message: 'aborted' } }).open).toEqual([])
  })

  it('of agents and operations are kept beside those of calls', () => {
    expect(walked({ ...failed(agent('writer')), name: 'plan' }).open).toEqual([expect.objectContaining({ type: 'agent.step', name: 'plan', agents: ['writer'] })])
  })
})

describe('repetitions', () => {
  it('are equal calls in a row, with model calls in between; another call, or one with unknown arguments, ends them', () => {
    expect(walked(tool('a', '1'), model(), tool('a', '1'), model(), tool('a', '1')).most.run).toMatchObject({ names: ['a'], times: 3 })
    expect(walked(tool('a', '1'), tool('a', '2'), tool('a', '1')).most.run).toBeUndefined()
    expect(walked(tool('a', '1'), tool('a'), tool('a', '1')).most.run).toBeUndefined()
    expect(walked(tool('a'), tool('a'), tool('a')).most.run).toBeUndefined()
  })

  it('are two calls in turn', () => {
    const walk = walked(...[1, 2, 3, 4].flatMap(() => [tool('read', '1'), tool('write', '2')]))
    expect(walk.most.turns).toMatchObject({ names: ['read', 'write'], times: 8 })
    expect(walked(tool('a', '1'), tool('b', '1'), tool('c', '1'), tool('a', '1'), tool('b', '1'), tool('c', '1')).most.turns).toBeUndefined()
  })

  it('are agents that hand over to each other, told or seen by which of them ran', () => {
    expect(walked(handOff('a', 'b'), handOff('b', 'a'), handOff('a', 'b')).most.relay).toMatchObject({ names: ['a', 'b'], times: 3 })
    expect(walked(agent('a'), agent('b'), agent('b'), agent('a'), agent('b')).most.relay).toMatchObject({ names: ['a', 'b'], times: 3 })
    expect(walked(handOff('a', 'b'), agent('a'), handOff('b', 'c'), handOff('c', 'a')).most.relay).toBeUndefined()
    // One that asks the same helper again and again ends once, after them.
    expect(walked(agent('helper'), agent('helper'), agent('helper'), agent('lead')).most.relay).toBeUndefined()
  })

  it('do not break where a call is heard of late', () => {
    const late = tool('b', '9', { atMs: 0 })
    expect(walked(tool('a', '1'), late, tool('a', '1'), tool('a', '1')).most.run).toMatchObject({ times: 3 })
  })
})

describe('what else is kept', () => {
  it('is an answer that was cut, empty or refused, until the next one', () => {
    const lacking = (change: object): Step => model({ llm: { provider: 'openai', model: 'gpt-5', operation: 'chat', outputTokens: 9, ...change } })
    expect(walked(lacking({ finishReason: 'length' })).answer?.lack).toBe('cut')
    expect(walked(lacking({ finishReason: 'content-filter' })).answer?.lack).toBe('refused')
    expect(walked(lacking({ outputTokens: 0 })).answer?.lack).toBe('empty')
    expect(walked(lacking({ outputTokens: 0, operation: 'embeddings' })).answer).toBeUndefined()
    expect(walked(lacking({ finishReason: 'length' }), model()).answer).toBeUndefined()
  })

  it('is the guardrail that was tripped, and how deep agents were inside each other', () => {
    const walk = walked(step({ type: 'agent.step', name: 'no-secrets', detail: { triggered: 'true' }, depth: 3 }), step({ type: 'agent.step', name: 'polite', detail: { triggered: 'false' }, depth: 1 }))
    expect([walk.guardrail?.name, walk.depth, walk.steps]).toEqual(['no-secrets', 3, 2])
  })

  it('is what waits for approval, until it is answered or the session goes on', () => {
    const asked = (id?: string): Step => step({ type: 'approval.request', name: 'refund', ...(id !== undefined && { detail: { id } }) })
    const answered = (id: string): Step => step({ type: 'approval.request', detail: { id, answer: 'approved' } })
    expect(walked(asked()).approvals).toEqual([expect.objectContaining({ what: 'refund', isNamed: false })])
    expect(walked(asked(), tool('refund')).approvals).toEqual([])
    // It began before anybody was asked.
    expect(walked(asked(), tool('search', '1', { durationMs: 1_000 })).approvals).toHaveLength(1)
    expect(walked(asked('r1'), asked('r2'), tool('search'), answered('r1')).approvals).toEqual([expect.objectContaining({ id: 'r2' })])
    expect(walked(asked('r1'), step({ type: 'session.end' })).approvals).toEqual([])
  })
})

const anyText = fc.string({ unit: 'binary', maxLength: 400 })
const anyStep: fc.Arbitrary<Step> = fc.record(
  {
    id: anyText, type: fc.constantFrom('llm.call', 'tool.call', 'agent.step', 'approval.request', 'custom', 'session.end'), atMs: fc.nat(1_000), durationMs: fc.nat(10), status: fc.constantFrom('ok', 'error'),
    name: anyText, agent: anyText, error: fc.record({ class: fc.constantFrom('server', 'other'), message: anyText }), tool: fc.record({ name: anyText, argumentsHash: fc.constantFrom('1', '2') }),
    llm: fc.record({ provider: anyText, model: anyText, operation: fc.constant('chat'), outputTokens: fc.nat(2) }), detail: fc.dictionary(fc.constantFrom('from', 'to', 'id', 'answer', 'triggered'), anyText), depth: fc.nat(9),
  },
  { requiredKeys: ['id', 'type', 'atMs', 'durationMs', 'status'] },
)

describe('its text', () => {
  it('stays within its bound whatever the steps hold, and what is read of it is what is written again', () => {
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 60 }), (steps) => {
        const text = writeWalk(walked(...steps))
        expect(text.length).toBeLessThanOrEqual(walkBounds.textCharsMax)
        expect(writeWalk(readWalk(text))).toBe(text)
      }),
      { numRuns: 60 },
    )
  })

  it('is calm where a model call that went well changes nothing in it', () => {
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 20 }), (steps) => {
        const text = writeWalk(walked(...steps))
        const after = readWalk(text)
        takeStep(after, model({ atMs: 2_000 }), 9)
        expect(!isCalm(text) || writeWalk(after) === text).toBe(true)
      }),
    )
    expect(isCalm(undefined)).toBe(true)
    expect(isCalm(writeWalk(walked(failed(model()))))).toBe(false)
  })

  it('that is damaged, or of another form, begins anew', () => {
    expect([readWalk('={'), readWalk('?{"tools":3}'), readWalk('')]).toEqual([newWalk(), newWalk(), newWalk()])
  })
})
