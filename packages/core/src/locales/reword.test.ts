import { describe, expect, test } from 'vitest'
import { rewording } from './reword.ts'

const say = rewording({
  sentences: [
    { 'expected a number': '应为数字', 'expected at most {limit}': '应不大于 {limit}', 'expected at most {limit} headers': '应最多 {limit} 个请求头', 'line {line}: {problem}': '第 {line} 行：{problem}', 'both {thing} and {thingToo}': '{thing}和{thingToo}', 'a "{name}" in {place}, found none': '{place} 中没有“{name}”' },
    { 'expected a number': 'never said' },
  ],
  things: { nothing: '空', string: '文字' },
  ends: { '; make another': '；请另建一个', ', did you mean "{near}"?': '，是否指“{near}”？', ', found {thing}': '，实际为 {thing}', '; there are {names}': '；可用的有 {names}' },
  listComma: '、',
})

describe('a sentence in another language', () => {
  test.each([
    ['expected a number', '应为数字'],
    ['expected a number, found nothing', '应为数字，实际为空'],
    ['expected a number, found "x"', '应为数字，实际为 "x"'],
    ['expected a number, found "x", did you mean "y"?', '应为数字，实际为 "x"，是否指“y”？'],
    ['a "b" in c, found none; make another', 'c 中没有“b”；请另建一个'],
    ['expected at most 5, found 7', '应不大于 5，实际为 7'],
    ['expected at most 20 headers', '应最多 20 个请求头'],
    ['expected a number, did you mean "y"?; there are a, b', '应为数字，是否指“y”？可用的有 a、b'],
    ['line 3: expected a number', '第 3 行：应为数字'],
    ['both string and object', '文字和 object'],
    ['both string and string', '文字和文字'],
    ['a "b" in c, found none', 'c 中没有“b”'],
    ['expected a number, found "a, found b"', '应为数字，实际为 "a, found b"'],
    ['expected a number, found "$& $1 {limit}"', '应为数字，实际为 "$& $1 {limit}"'],
  ])('%s', (english, other) => {
    expect(say(english)).toBe(other)
  })

  test.each(['nobody said this', 'line 3: nobody said this', 'nobody said this, found nothing', '', ', found '])('%j has none and stays as it is', (text) => {
    expect(say(text)).toBe(text)
  })
})
