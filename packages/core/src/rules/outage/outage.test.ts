import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sharedClasses, type OutageKind } from '../../model/cause.ts'
import { isOver, judge, type Limits } from './judge.ts'
import { add, callsIn, emptyTally, failuresIn, prune, sumOf, tallyOf, textOf, type Outcome, type Running, type Tally } from './tally.ts'
import { addVictim, forgetBefore, noVictims, victimLines, victimsOf, victimsText } from './victims.ts'

const windowMs = 60_000
const limits: Limits = { count: 5, share: 0.2 }
const startMs = 1_700_000_000_000

function tallyWith(outcomes: readonly Outcome[], nowMs = startMs + windowMs): Tally {
  const tally = emptyTally(windowMs)
  for (const outcome of outcomes) add(tally, outcome)
  prune(tally, nowMs)
  return tally
}

/** So many calls of a model, a second apart. */
function calls(count: number, failed?: Outcome['failed'], model = 'gpt-5', fromMs = startMs): readonly Outcome[] {
  return Array.from({ length: count }, (_, i) => ({ model, atMs: fromMs + i * 1_000, ...(failed !== undefined && { failed }) }))
}

describe('whether it is an outage', () => {
  it.each([
    ['four failures are none', calls(4, 'server'), undefined],
    ['five in a minute are a minor one', calls(5, 'server'), false],
    ['nine are', calls(9, 'server'), false],
    ['ten are a major one', calls(10, 'server'), true],
    ['five whose classes a provider that is down shows at once are', [...calls(2, 'server'), ...calls(2, 'timeout'), ...calls(1, 'network')], false],
    ['five of several models are one of the provider', [...calls(3, 'server', 'a'), ...calls(2, 'server', 'b')], false],
    ['five among many calls that succeed are none', [...calls(5, 'server'), ...calls(30)], undefined],
    ['five of one model are, however many calls of another succeed', [...calls(5, 'server', 'a'), ...calls(50, undefined, 'b')], false],
    ['five refused keys are no sign that it is down', calls(5, 'auth'), undefined],
    ['five in two minutes are none', Array.from({ length: 5 }, (_, i) => ({ model: 'a', atMs: startMs + i * 16_000, failed: 'server' as const })), undefined],
  ] satisfies [string, readonly Outcome[], boolean | undefined][])('%s', (_, outcomes, isMajor) => {
    expect(judge(tallyWith(outcomes), 'down', limits)?.isMajor).toBe(isMajor)
  })

  it('kinds are told apart', () => {
    for (const [kind, of] of [['quota', 'quota'], ['auth', 'auth'], ['rate-limit', 'rate-limit'], ['down', 'network']] as const satisfies [OutageKind, Outcome['failed']][]) {
      const tally = tallyWith(calls(5, of))
      expect((['quota', 'auth', 'rate-limit', 'down'] as const).filter((one) => judge(tally, one, limits) !== undefined)).toEqual([kind])
    }
  })

  it('makes no difference in which order calls become known, in how many pieces, and by whom', () => {
    const outcome = fc.record({ model: fc.constantFrom('a', 'b', 'c'), atMs: fc.integer({ min: startMs - 100_000, max: startMs + windowMs }), failed: fc.constantFrom(undefined, ...sharedClasses) })
    fc.assert(
      fc.property(fc.array(outcome, { maxLength: 60 }), fc.array(fc.nat(), { minLength: 60, maxLength: 60 }), fc.integer({ min: 1, max: 7 }), (outcomes, chance, size) => {
        const shuffled = outcomes.map((one, i) => ({ one, at: chance[i] ?? 0 })).toSorted((a, b) => a.at - b.at).map(({ one }) => one)
        let text: string | undefined
        for (let from = 0; from < shuffled.length; from += size) {
          // Another process reads what this one wrote.
          const tally = tallyOf(text, windowMs)
          for (const one of shuffled.slice(from, from + size)) add(tally, one)
          prune(tally, startMs + windowMs)
          text = textOf(tally)
        }
        const [once, again] = [tallyWith(outcomes), tallyOf(text, windowMs)]
        for (const kind of ['down', 'quota', 'auth', 'rate-limit'] as const) {
          expect(judge(again, kind, limits)).toEqual(judge(once, kind, limits))
          const sums = [once, again].map((tally) => sumOf(tally, 0, Infinity))
          expect(sums[1]).toEqual(sums[0])
        }
      }),
      { numRuns: 200 },
    )
  })

  it('keeps a bounded text, however many models and however long their names', () => {
    const many = Array.from({ length: 5_000 }, (_, i) => ({ model: `${i % 90}${'m'.repeat(300)}`, atMs: startMs - 120_000 + i * 30, failed: sharedClasses[i % 6] ?? 'server' }))
    const tally = tallyWith(many, startMs + 30_000)
    expect(textOf(tally).length).toBeLessThan(16_000)
    expect([callsIn(sumOf(tally, 0, Infinity)), tally.models.length]).toEqual([5_000, 12])
  })

  it('begins anew where what was kept cannot be read or counts in another window', () => {
    const text = textOf(tallyWith(calls(9, 'server')))
    expect(judge(tallyOf(text, windowMs), 'down', limits)).toBeDefined()
    expect(judge(tallyOf(text.slice(5), windowMs), 'down', limits)).toBeUndefined()
    expect(judge(tallyOf(text, 2 * windowMs), 'down', limits)).toBeUndefined()
  })
})

describe('whether it is over', () => {
  const running = (lastMs: number): Running => ({ sinceMs: startMs, lastMs, counts: [], models: [0], isMajor: false })
  const lastMs = startMs + 9_999
  it.each([
    ['not while calls fail', calls(10, 'server'), lastMs + 5_000, false],
    ['when five succeeded after the last failure, and that is half a minute ago', [...calls(10, 'server'), ...calls(5, undefined, 'gpt-5', startMs + 20_000)], lastMs + 30_000, true],
    ['not a second sooner', [...calls(10, 'server'), ...calls(5, undefined, 'gpt-5', startMs + 20_000)], lastMs + 29_000, false],
    ['not after four', [...calls(10, 'server'), ...calls(4, undefined, 'gpt-5', startMs + 20_000)], lastMs + 30_000, false],
    ['not while nobody calls', calls(10, 'server'), lastMs + 299_999, false],
    ['but when nobody did for five minutes', calls(10, 'server'), lastMs + 300_000, true],
  ] satisfies [string, readonly Outcome[], number, boolean][])('%s', (_, outcomes, nowMs, expected) => {
    expect(isOver(tallyWith(outcomes, nowMs), 'down', running(lastMs), limits, nowMs)).toBe(expected)
  })

  it('when few fail among the calls of two minutes, and not before', () => {
    const nowMs = startMs + 130_000
    const some = (failed: number): Tally => tallyWith([...calls(failed, 'server', 'a', nowMs - 40_000), ...calls(100, undefined, 'a', nowMs - 100_000)], nowMs)
    const late = { ...running(nowMs - 1_000) }
    expect([some(5), some(20)].map((tally) => isOver(tally, 'down', late, limits, nowMs))).toEqual([true, false])
    expect(isOver(some(5), 'down', { ...late, sinceMs: nowMs - 60_000 }, limits, nowMs)).toBe(false)
  })

  it('counts all that failed while it lasts', () => {
    const tally = tallyWith(calls(5, 'server'))
    tally.open.down = { ...running(lastMs), counts: sumOf(tally, 0, Infinity) }
    for (const one of [...calls(3, 'timeout'), ...calls(2)]) add(tally, one)
    expect([callsIn(tally.open.down.counts), failuresIn(tally.open.down.counts, 'down')]).toEqual([10, 8])
  })
})

describe('those it met', () => {
  it('are listed once each, the earliest twenty by name, and the rest as a number', () => {
    let victims = noVictims()
    for (let i = 299; i >= 0; i -= 1) {
      addVictim(victims, { session: `s-${String(i).padStart(3, '0')}`, agent: `bot-${i % 3}`, atMs: startMs + i })
      addVictim(victims, { session: `s-${String(i).padStart(3, '0')}`, agent: 'other', atMs: startMs + 500 })
      victims = victimsOf(victimsText(victims))
    }
    expect(victims.prints.size).toBe(300)
    expect(victimLines(victims)).toHaveLength(20)
    expect(victimLines(victims).slice(0, 2)).toEqual(['s-000 (bot-0)', 's-001 (bot-1)'])
    expect(victims.agents.toSorted()).toEqual(['bot-0', 'bot-1', 'bot-2', 'other'])
  })

  it('stay within what a row may hold', () => {
    const victims = noVictims()
    for (let i = 0; i < 5_000; i += 1) addVictim(victims, { session: `${i}${'"'.repeat(150)}`, agent: `${i}${'"'.repeat(150)}`, atMs: i })
    expect(victimsText(victims).length).toBeLessThan(16_000)
    expect(victims.prints.size).toBe(1_000)
  })

  it('are those of this outage, and not who failed long before it', () => {
    const victims = noVictims()
    for (const [i, session] of ['old', 'new'].entries()) addVictim(victims, { session, atMs: startMs + i * 200_000 })
    expect(victimLines(forgetBefore(victims, startMs + 100_000))).toEqual(['new'])
    expect(victimLines(victimsOf('{"l":'))).toEqual([])
  })
})
