import { mkdtempSync, mkdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { seededChance } from '../model/chance.ts'
import { systemClock } from '../model/clock.ts'
import type { EventInput } from '../model/event.ts'
import { readEnvironment } from './environment.ts'
import { Observation } from './observation.ts'
import { Sessions } from './session.ts'
import { Steps } from './step.ts'
import { cpuMs } from '../testing/cpu-time.ts'

const matching = (pattern: RegExp): unknown => expect.stringMatching(pattern)

let events: EventInput[]
let sessions: Sessions
let steps: Steps

beforeEach(() => {
  events = []
  const observation = new Observation({ recorder: { record: (event) => void events.push(event) }, clock: systemClock, chance: seededChance(1) })
  sessions = new Sessions(observation)
  steps = new Steps(observation)
})

const types = (): readonly string[] => events.map((event) => event.type)

describe('a session', () => {
  test('records its start with where it runs and its configuration, and its success', async () => {
    const value = await sessions.run('answer-ticket', async () => 7, { agent: 'refund-bot', user: 'u1', tags: { team: 'support' }, configuration: { model: 'gpt-5', tools: ['a', 'b'], deep: { x: { y: 1 } } } })
    expect(value).toBe(7)
    expect(events[0]).toMatchObject({ type: 'session.start', name: 'answer-ticket', agent: 'refund-bot', user: 'u1', tags: { team: 'support' } })
    expect(events[0]?.detail).toMatchObject({ node: process.version, gitCommit: matching(/^[0-9a-f]{40}$/), 'config.model': 'gpt-5', 'config.tools': 'a, b', 'config.deep': 'x: {…}' })
    expect(events[1]).toMatchObject({ type: 'session.end', endState: 'success', status: 'ok', sessionId: events[0]?.sessionId })
  })

  test('fails with the text of the error, which goes on unchanged', async () => {
    const error = new Error('no refund today')
    await expect(sessions.run('a', async () => Promise.reject(error))).rejects.toBe(error)
    expect(() => sessions.run('b', () => { throw error })).toThrow(error)
    expect(events.filter((event) => event.type === 'session.end').map((event) => [event.endState, event.endReason])).toEqual([
      ['fail', 'no refund today'],
      ['fail', 'no refund today'],
    ])
  })

  test('can end itself with another state, once', () => {
    sessions.run('a', (session) => {
      session.end('indeterminate', 'the user left')
      session.end('fail')
    })
    expect(events.filter((event) => event.type === 'session.end').map((event) => event.endState)).toEqual(['indeterminate'])
  })

  test('covers what runs in it, across promises, and not what runs beside it', async () => {
    await Promise.all([
      sessions.run('a', async () => { await Promise.resolve(); steps.operation('in-a', () => 1) }, { id: 'A' }),
      sessions.run('b', async () => { await Promise.resolve(); steps.operation('in-b', () => 1) }, { id: 'B' }),
    ])
    steps.operation('outside', () => 1)
    const of = (name: string): string | undefined => events.find((event) => event.name === name)?.sessionId
    expect([of('in-a'), of('in-b'), of('outside')]).toEqual(['A', 'B', undefined])
  })

  test('can be started and ended by two calls', async () => {
    await (async () => {
      const session = sessions.start('long', { id: 'L' })
      await Promise.resolve()
      steps.operation('inside', () => 1)
      expect(session.run(() => 3)).toBe(3)
      expect(sessions.end('fail', 'given up')).toBe(true)
      session.end()
    })()
    expect(types()).toEqual(['session.start', 'agent.step', 'session.end'])
    expect(events[1]?.sessionId).toBe('L')
    expect(events[2]).toMatchObject({ endState: 'fail', endReason: 'given up', sessionId: 'L' })
    expect(sessions.end()).toBe(false)
  })
})

describe('a step', () => {
  test('gives back exactly what its work gives', async () => {
    const promise = Promise.resolve(1)
    class Lazy extends Promise<number> {}
    const lazy = Lazy.resolve(2)
    expect(steps.operation('plain', () => 5)).toBe(5)
    expect(await steps.operation('promise', () => promise)).toBe(1)
    expect(steps.operation('own class', () => lazy)).toBe(lazy)
    expect(await lazy).toBe(2)
    expect(types()).toHaveLength(3)
  })

  test('follows generators to their end, each step inside it', async () => {
    const pieces = steps.agent('writer', async function* () {
      yield 1
      steps.operation('inner', () => 0)
      yield 2
    })
    expect(types()).toEqual([])
    const got: number[] = []
    for await (const piece of pieces) got.push(piece)
    expect(got).toEqual([1, 2])
    expect(events.map((event) => [event.name, event.agent])).toEqual([['inner', 'writer'], ['writer', 'writer']])
    for (const piece of steps.operation('sync', function* () { yield 1; yield 2 })) if (piece === 1) break
    expect(events.at(-1)).toMatchObject({ name: 'sync', status: 'ok' })
  })

  test('that throws is recorded as failed, and throws the same', async () => {
    const error = Object.assign(new Error('reset'), { code: 'ECONNRESET' })
    expect(() => steps.tool('fetch', () => { throw error })).toThrow(error)
    await expect(steps.tool('fetch', () => Promise.reject(error))).rejects.toBe(error)
    expect(events.map((event) => [event.type, event.status, event.error?.class])).toEqual([['tool.call', 'error', 'network'], ['tool.call', 'error', 'network']])
  })

  test('keeps of a tool call only the hash of its arguments, equal for equal ones', () => {
    const search = (query: { readonly q: string; readonly n: number }): string => query.q
    expect(steps.tool('search', search, { q: 'secret', n: 1 })).toBe('secret')
    steps.tool('search', search, { n: 1, q: 'secret' })
    steps.tool('search', search, { q: 'other', n: 1 })
    const hashes = events.map((event) => event.tool?.argumentsHash)
    expect(hashes[0]).toBe(hashes[1])
    expect(hashes[0]).not.toBe(hashes[2])
    expect(JSON.stringify(events)).not.toContain('secret')
  })

  test('takes cyclic, huge and hostile arguments', () => {
    const cyclic: Record<string, unknown> = { text: 'x'.repeat(10_000_000) }
    cyclic['self'] = cyclic
    const hostile = Object.defineProperty({}, 'x', { get: () => { throw new Error('no') }, enumerable: true })
    const tookMs = cpuMs(() => {
      steps.tool('a', (_given: unknown) => 1, cyclic)
      steps.tool('b', (_given: unknown) => 1, hostile)
      sessions.run('c', () => 1, { configuration: { cyclic, hostile } })
    })
    expect(tookMs).toBeLessThan(200)
    expect(JSON.stringify(events).length).toBeLessThan(20_000)
  })
})

test('the environment names packages and commit of a program, also from a worktree and packed references', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-environment-'))
  mkdirSync(join(folder, 'node_modules/openai'), { recursive: true })
  mkdirSync(join(folder, '.git'))
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'bot', version: '1.2.3', dependencies: { openai: '^7', missing: '1' } }))
  writeFileSync(join(folder, 'node_modules/openai/package.json'), JSON.stringify({ version: '7.57.0' }))
  writeFileSync(join(folder, '.git/HEAD'), 'ref: refs/heads/main\n')
  writeFileSync(join(folder, '.git/packed-refs'), `# pack-refs\n${'a'.repeat(40)} refs/heads/main\n`)
  expect(readEnvironment(folder)).toMatchObject({ app: 'bot 1.2.3', packages: 'openai 7.57.0, missing', gitCommit: 'a'.repeat(40) })
})
