import { describe, expect, it } from 'vitest'
import type { Event } from '../model/event.ts'
import { compileCondition, viewOfEvent } from './view.ts'
import { cpuMs } from '../testing/cpu-time.ts'

function problemOf(expression: string): string {
  const compiled = compileCondition(expression, 'event')
  return compiled.ok ? 'fine' : compiled.problem
}

/** As much as an event may hold. */
const fullest: Event = {
  id: 'e', project: 'p', type: 'llm.call', source: 'client', atMs: 0, durationMs: 0, status: 'ok',
  tags: Object.fromEntries(Array.from({ length: 32 }, (_, i) => [`tag-${i}`, 'a'.repeat(200)])),
  detail: Object.fromEntries(Array.from({ length: 64 }, (_, i) => [`detail-${i}`, 'a'.repeat(2_000)])),
  excerpt: 'ab'.repeat(1_000),
}

describe('a condition that could take without end is refused when it is loaded', () => {
  it.each([
    ['event.tags.all(k, event.tags.exists(j, j == k))', 'expected no macro inside another, found "exists" in the body of one'],
    ['event.excerpt.split("").map(a, event.excerpt.split("").map(b, a + b)).size() > 1', 'expected no macro inside another'],
    ['event.excerpt.split("").map(a, event.excerpt).join().split("").all(c, c == "a")', 'expected "split" on a field of the event'],
    ['event.excerpt.split("").map(a, event.excerpt).join() == "a"', 'expected "join" on a list of fields'],
    [`[1].exists(x, ${Array.from({ length: 40 }, (_, i) => `x == ${i}`).join(' || ')})`, 'expected at most 50 parts in the body of "exists"'],
    [Array.from({ length: 9 }, () => 'event.tags.exists(k, k == "a")').join(' || '), 'expected at most 8 macros'],
    [Array.from({ length: 400 }, () => 'true').join(' && '), 'Exceeded maxAstNodes (500)'],
    [`event.durationMs in [${Array.from({ length: 300 }, (_, i) => i).join(', ')}]`, 'Exceeded maxListElements (200)'],
    ['event.excerpt.matches("(a+)+$")', 'expected a pattern that repeats nothing that itself repeats or chooses'],
    ['event.excerpt.matches("(a|aa)+$")', 'expected a pattern that repeats nothing that itself repeats or chooses'],
    ['event.excerpt.matches("(?:a?){50}")', 'expected a pattern that repeats nothing that itself repeats or chooses'],
    ['event.excerpt.matches("a.*b.*c")', 'expected a pattern with at most one of *, + and {n,}'],
    ['event.excerpt.matches("a{0,100}a{0,100}a{0,100}b")', 'expected a pattern with fewer choices'],
    ['event.excerpt.matches("(a)\\\\1")', 'expected a pattern without references and look-around'],
    ['event.excerpt.matches("(a")', 'expected a regular expression, found "(a"'],
    ['event.excerpt.matches(event.model)', 'expected the pattern of "matches" as a text in quotes'],
    ['(event.excerpt + event.excerpt).matches("a+")', 'expected "matches" on a field of the event'],
    ['event.tags.exists(k, event.excerpt.matches("a+"))', 'expected "matches" in a macro on what it goes through ("k")'],
  ])('%s', (expression, expected) => {
    expect(problemOf(expression)).toContain(expected)
  })
})

describe('what is of use is fine, and takes its time on the fullest event', () => {
  it.each([
    'event.model.matches("^gpt-5(-mini)?$")',
    'event.excerpt.matches("[a-z]+x") || event.excerpt.matches("error [0-9]{1,4}")',
    'event.tags.exists(k, k.startsWith("team"))',
    'event.tags.exists(k, event.tags[k].matches("^a+$"))',
    'event.detail.all(k, event.detail[k].contains("b") || k == "a")',
    'event.excerpt.split("").all(c, c != "z")',
    '["a", "b"].map(x, x + "c").exists(y, y == event.model)',
    'event.model in ["gpt-5", "opus-4"] && has(event.tags.team)',
    'event.excerpt.matches("\\\\(a\\\\)[(+*]b\\\\.c*")',
  ])('%s', (expression) => {
    const compiled = compileCondition(expression, 'event')
    expect(compiled).toMatchObject({ ok: true })
    // The worst of them is a square of 2,000 characters: some ten milliseconds, on any machine less than these.
    expect(cpuMs(() => compiled.ok && compiled.test(viewOfEvent(fullest)))).toBeLessThan(1_000)
  })
})
