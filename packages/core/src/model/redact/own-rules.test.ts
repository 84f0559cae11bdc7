import { describe, expect, test } from 'vitest'
import { parseConfig } from '../../load-config.ts'
import { createRedactor } from '../redact.ts'
import { ownRules } from './own-rules.ts'

function redactor(redaction: Parameters<typeof parseConfig>[0]['redaction'], extraSecrets: readonly string[] = []): (text: string) => string {
  const own = ownRules(parseConfig({ redaction }).redaction)
  const redact = createRedactor({ personalData: true, extraSecrets, own })
  return (text) => redact(text).replace(/:[0-9a-f]{8}\]/g, ']')
}

function problems(redaction: unknown): string {
  try {
    parseConfig({ redaction: redaction as Parameters<typeof parseConfig>[0]['redaction'] }) // what people write wrongly
  } catch (wrong) {
    return wrong instanceof Error ? wrong.message : ''
  }
  return ''
}

describe('patterns of one\'s own', () => {
  test('are taken out under their kind, before the product looks', () => {
    const redact = redactor({ patterns: { employee: 'EMP-[0-9]{6}', badge: 'badge (\\d+)' } })
    expect(redact('EMP-123456 and EMP-12, badge 77 of dana@example.com')).toBe('[REDACTED:employee] and EMP-12, badge [REDACTED:badge] of [REDACTED:email]')
  })
  test('find nothing in what was taken out', () => {
    const redact = redactor({ patterns: { digits: '[0-9a-f]+' } })
    const once = redact('cafe')
    expect(once).toBe('[REDACTED:digits]')
    expect(redact('[REDACTED:digits:12345678] [REDACTED:x:00000000]')).toBe('[REDACTED:digits] [REDACTED:x]')
  })
  test('that match too often take the rest of the text with them', () => {
    const redact = redactor({ patterns: { pair: 'ab' } })
    const once = redact(`${'ab-'.repeat(255)}end`)
    expect(once.endsWith('[REDACTED:pair]-[REDACTED:pair]')).toBe(true)
    expect(once).not.toContain('end')
    expect(redact(once)).toBe(once)
  })
  test.each(['(a+)+$', '(a|aa)+b', '.*.*=.*x', '(?:a.*z)|a', '\\d+x', 'a*b'])('cost no more than their length: %s', (pattern) => {
    const redact = createRedactor({ personalData: true, own: ownRules({ allow: [], patterns: { own: pattern } }) })
    for (const fragment of ['a', '1', 'a=', 'ab']) {
      const before = process.threadCpuUsage()
      redact(fragment.repeat(20_000))
      const { user, system } = process.threadCpuUsage(before)
      expect((user + system) / 1_000).toBeLessThan(3_000)
    }
  })
})

describe('the list of what stays', () => {
  test('keeps a text that was found as a whole, and no other', () => {
    const redact = redactor({ allow: ['support@example.com', { pattern: '10\\.0\\.[0-9.]+' }, 'hunter2'] })
    expect(redact('support@example.com, lee@example.com, 10.0.0.7, 10.1.0.7, password=hunter2 password=hunter22')).toBe(
      'support@example.com, [REDACTED:email], 10.0.0.7, [REDACTED:ip], password=hunter2 password=[REDACTED:password]',
    )
  })
  test('does not keep the secrets of the configuration', () => {
    expect(redactor({ allow: ['swordfish-7'] }, ['swordfish-7'])('swordfish-7')).toBe('[REDACTED:secret]')
  })
})

test('what is wrong is said with its path', () => {
  expect(problems({ patterns: { employee: '(?<=EMP-)\\d+(' } })).toContain('redaction.patterns.employee: expected a regular expression of RE2, found "(?<=EMP-)\\d+("')
  expect(problems({ patterns: { twice: '(\\w)\\1' } })).toMatch(/redaction\.patterns\.twice: .*back-references have no place/)
  expect(problems({ patterns: { all: 'x*' } })).toContain('redaction.patterns.all: expected an expression that needs at least one character, found "x*"')
  expect(problems({ patterns: { 'No Kind': 'x' } })).toContain('expected a kind of small letters')
  expect(problems({ patterns: Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`k${index}`, 'x'])) })).toContain('redaction.patterns: expected at most 50 patterns')
  expect(problems({ patterns: { long: 'x'.repeat(501) } })).toContain('redaction.patterns.long')
  expect(problems({ allow: [{ pattern: '(' }] })).toContain('redaction.allow.0')
  expect(problems({ alow: [] })).toContain('did you mean "allow"')
})
