import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { escapeHtml, neutralise, stripInvisible } from './neutralise.ts'

const single = (text: string): string => neutralise(text, { lines: 'single' })
const multi = (text: string): string => neutralise(text, { lines: 'multi' })

/** Pieces of attacks in any order. */
const hostile = fc
  .array(fc.oneof(fc.string({ unit: 'binary', maxLength: 8 }), fc.constantFrom('https://', 'HTTP://', 'www.', 'evil.com', '/x', '@', 'channel', '@everyone', '<!here>', '<@U1>', '](', '\r\n', '\u2028', '\u202e', '\u200b', '\u001b[31m', '\u001b]8;;', '\u0007', '\ud800', '所有人', 'mailto:', '[:]', '[.]', '。', 'é', '.cloud', '192.0.2.1', '<script>', ' ', 'a', '.', ':', '//')), { maxLength: 12 })
  .map((pieces) => pieces.join(''))

describe('neutralised text', () => {
  it('leaves ordinary names and sentences as they are', () => {
    for (const text of ['refund-bot', 's_8f2c', 'gpt-4.1-mini', 'v24.21.0', 'app.ts failed at main.py:12', 'Größe 3,5 – “gut”', '退款机器人：失败。', '👩‍👩‍👧 ok', 'می‌خواهم', 'a: b', '50% @ 3 pm', '[REDACTED:openai-key:4c1e90ab]', 'if (a < b && c > d)']) expect(single(text)).toBe(text)
  })

  it('takes the life out of links and keeps them readable', () => {
    expect(single('see https://evil.example/a?b=c now')).toBe('see https[:]//evil[.]example/a?b=c now')
    expect(single('www.evil.com and evil.com or evil.zz/path')).toBe('www[.]evil[.]com and evil[.]com or evil[.]zz/path')
    expect(single('JavaScript:alert(1) mailto:a')).toBe('JavaScript[:]alert(1) mailto[:]a')
    expect(single('[click](https://x.io)')).toBe('[click] (https[:]//x[.]io)')
    expect(single('ht\u200btps://ev\u00adil.com')).toBe('https[:]//evil[.]com')
  })

  it('takes the life out of every host that a reader may turn into a link', () => {
    const hosts = [
      'evil.support', 'login.evil.support', 'evil.cloud', 'EVIL.COM', 'evil.com:8080', '163.com', 'evil.com-x', 'x_evil.com', 'evil.com.support', 'a.b.c.d.e.f.g.h.i.j.evil.zone', `${'x'.repeat(70)}.evil.com`, '-evil.com', '127.0.0.1.evil.com',
      'evil.suPport', 'user.name', 'login.evil.py', 'main.ts/x', 'xn--e1afmkfd.xn--p1ai', '192.0.2.1/x', '192.0.2.1:8080', 'пример.рф', 'bücher.example', 'vermögen.vermögensberatung', 'evil\u3002com', 'login\u3002evil\uff0eCom', '例子.中国', 'a@evil.cloud', 'event.id', 'tocsin.dev',
    ]
    for (const host of hosts) {
      const expected = host.replace(/[.\u3002\uff0e]/g, '[.]')
      expect(single(host)).toBe(expected)
      expect(single(`see ${host}, now.`)).toBe(`see ${expected}, now.`)
      expect(single(`请看${host}`)).toBe(`请看${expected}`)
      expect(single(expected)).toBe(expected)
    }
    expect(single('https://<!here>https://.cloud')).toBe('https[:]//< !here>https[:]//[.]cloud')
    expect(single('evil.com请看这里')).toBe('evil[.]com请看这里')
    expect(single('https:\\\\evil.support www.evil.tld')).toBe('https:\\\\evil[.]support www[.]evil[.]tld')
  })

  it('leaves files, code, models and sentences as they are', () => {
    const texts = [
      'gpt-5.1', 'gpt-4.1-mini', 'claude-3.5-sonnet', 'anthropic.claude-3-5-sonnet-20240620-v1:0', 'us.amazon.nova-pro-v1:0', 'v1.2.3', '192.0.2.1', '127.0.0.1:5432', '12.5 ms', 'e.g. this', 'node.js', 'main.ts', 'src/main.test.ts:12:5', 'main.py', 'README.md', 'tocsin.yaml', 'tocsin.db', 'package.json',
      'error.message', 'event.costUsd > 0.5 && event.model', 'llm.call', 'session.start', 'approval.request', 'chat.completions.create', 'openai.RateLimitError', 'java.lang.NullPointerException', 'ip-10-0-0-1.ec2.internal', 'Done. Next one.', 'wait... what', '失败。请重试', '完成。Node 版本', '1.安装 2.运行', '使用 SDK。OpenAI 返回错误',
    ]
    for (const text of texts) expect(single(text)).toBe(text)
  })

  it('calls nobody', () => {
    expect(single('@channel @here @everyone @所有人 <!here> <@U123> <#C1> <at user_id="all">')).toBe('@ channel @ here @ everyone @ 所有人 < !here> < @U123> < #C1> < at user_id="all">')
  })

  it('cannot move the terminal, turn the reading direction or start a line of its own', () => {
    expect(single('a\u001b[2J\u001b]0;title\u0007b\u202ec\r\nSubject: d\u2028e\u0000')).toBe('abc Subject: d e')
    expect(multi('one\r\ntwo\u0085three\n\n\n\nfour\t5  ')).toBe('one\ntwo\nthree\n\nfour  5')
  })

  it('shows a key hidden with invisible signs to redaction', () => {
    expect(stripInvisible('sk-\u200bproj\u2060-a\u00adb\u{e0041}c\u200dd', { lines: 'single' })).toBe('sk-proj-abcd')
  })

  it('holds for anything', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const line = single(text)
        expect(line).not.toMatch(/[\p{Cc}\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/u)
        expect(multi(text)).not.toMatch(/(?!\n)[\p{Cc}\u200b\u2028-\u202e\u2060-\u2069]/u)
        expect(line.isWellFormed()).toBe(true)
        expect(line).not.toMatch(/[a-z]:\/\//i)
        expect(line).not.toMatch(/\bwww\.|(?<![\w-])evil\.com(?![\w.-])/i)
        expect(line).not.toMatch(/<[!@#]|\]\(|@(?:everyone|channel)\b/i)
        expect(single(line)).toBe(line)
      }),
      { numRuns: 2_000 },
    )
  })

  it('takes time in proportion to the length', () => {
    for (const piece of ['a', 'a.', '@', '<', 'https://', '\u200d', '\u001b]', ' ', '\n', '[.]', 'a-', 'é', 'é.', '中.文', 'a\u3002', '1.', 'a.b', '_.', 'xn--a-']) {
      const started = process.hrtime.bigint()
      single(piece.repeat(100_000 / piece.length))
      expect(Number(process.hrtime.bigint() - started) / 1e6).toBeLessThan(1_000)
    }
  })

  it('cannot leave the text of an HTML page', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('<', '>', '"', "'", '&', 'a', ';') }), (text) => {
        expect(escapeHtml(text)).not.toMatch(/[<>"']|&(?!(?:amp|lt|gt|quot|#39);)/)
      }),
    )
  })
})
