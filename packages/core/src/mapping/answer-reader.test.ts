import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { AnswerReader, isRepetitive } from './answer-reader.ts'

describe('going in circles', () => {
  test.each([
    ['a sentence eight times and more', `A beginning. ${'The order was not found, so I look again. '.repeat(12)}`, true],
    ['cut in the middle of a turn', `${'abc def ghi jkl mno pqr stu vwx yz '.repeat(20)}abc def`, true],
    ['two words', 'no no '.repeat(100), true],
    ['a line of dashes', '-'.repeat(1_000), false],
    ['a table whose rows differ', Array.from({ length: 60 }, (_, row) => `| ${row} | value ${row * 7} |`).join('\n'), false],
    ['a circle that was left', `${'around and around we go '.repeat(30)}and then, after a while, the work is done: the order is on its way to you.`, false],
    ['a piece said seven times', 'Something that is quite long, so that seven of these are more than four hundred characters. '.repeat(7), false],
  ])('%s', (_name, text, expected) => {
    expect(isRepetitive(text)).toBe(expected)
  })
})

test('an answer in pieces says what the whole would say', () => {
  const whole = (text: string): ReturnType<AnswerReader['signs']> => {
    const reader = new AnswerReader()
    reader.text(text)
    return reader.signs('length')
  }
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.string(), fc.constantFrom('again and again ', 'x'.repeat(3_000)))), (pieces) => {
      const reader = new AnswerReader()
      for (const piece of pieces) reader.text(piece)
      expect(reader.signs('length').answerChars).toBe(pieces.join('').length)
      expect(reader.signs('length').excerpt?.slice(0, 2_000) ?? '').toBe(whole(pieces.join('')).excerpt?.slice(0, 2_000) ?? '')
    }),
  )
})

test('what is no text and no arguments changes nothing', () => {
  const reader = new AnswerReader()
  for (const odd of [undefined, null, 7, {}, []]) {
    reader.text(odd)
    reader.refused(odd)
  }
  expect(reader.signs('stop')).toEqual({ answerChars: 0 })
})

test('a refusal that the provider marks is one, and what was said is kept', () => {
  const reader = new AnswerReader(true)
  reader.refused('I cannot help with that.')
  expect(reader.signs('stop')).toEqual({ answerChars: 24, flaw: 'refusal', excerpt: 'I cannot help with that.' })
})

test('JSON too long to be checked is not called malformed', () => {
  const reader = new AnswerReader(true)
  reader.text(`{"a": "${'b'.repeat(70_000)}`)
  expect(reader.signs('stop')).not.toHaveProperty('flaw', 'malformed-json')
})

// In a process of its own: what else a worker holds at the time, and when it lets go of it, is no matter of this test.
test('what is shown of a huge answer does not hold all of it in memory', () => {
  const script = `
    import { AnswerReader } from ${JSON.stringify(new URL('./answer-reader.ts', import.meta.url).href)}
    const usedMb = () => {
      // A collection leaves what buffers held to be swept beside the program; the next one waits for that.
      for (let round = 1; round <= 3; round += 1) gc()
      const { heapUsed, external } = process.memoryUsage()
      return (heapUsed + external) / 1e6
    }
    const read = (sign) => {
      const reader = new AnswerReader()
      reader.text(Buffer.alloc(20_000_000, sign).toString('latin1'))
      return reader.signs('length')
    }
    const beforeMb = usedMb()
    const kept = ['a', 'b', 'c', 'd', 'e'].map(read)
    const keptMb = usedMb() - beforeMb
    console.log(JSON.stringify({ keptMb, kept: kept.map(({ answerChars, excerpt }) => [answerChars, excerpt[0]]) }))`
  const { keptMb, kept } = JSON.parse(execFileSync(process.execPath, ['--expose-gc', '--input-type=module', '--eval', script], { encoding: 'utf8' })) as { keptMb: number; kept: unknown } // What the last line prints.
  expect(kept).toEqual(['a', 'b', 'c', 'd', 'e'].map((sign) => [20_000_000, sign]))
  // One of the five alone is 20 MB.
  expect(keptMb).toBeLessThan(10)
}, 30_000)
