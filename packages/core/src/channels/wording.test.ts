import { readFileSync } from 'node:fs'
import { execFile } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { manualClock } from '../testing/manual-clock.ts'
import { cutText } from './cut-text.ts'
import { retryAfterMs } from './http.ts'
import { isLoopback } from './loopback.ts'
import { nearest } from './nearest.ts'
import { safeDetail } from './safe-detail.ts'
import { segmentsOf } from './sms-segments.ts'

describe('segments of a text message', () => {
  test.each([
    ['', 'GSM-7', 0],
    ['a'.repeat(160), 'GSM-7', 1],
    ['a'.repeat(161), 'GSM-7', 2],
    ['a'.repeat(306), 'GSM-7', 2],
    ['a'.repeat(307), 'GSM-7', 3],
    ['€'.repeat(80), 'GSM-7', 1],
    ['€'.repeat(81), 'GSM-7', 2],
    [`${'a'.repeat(152)}€${'a'.repeat(152)}`, 'GSM-7', 3], // An escape is not parted from its character.
    ['à é ù ì ò Ω ß ñ', 'GSM-7', 1],
    ['ç', 'UCS-2', 1],
    ['败'.repeat(70), 'UCS-2', 1],
    ['败'.repeat(71), 'UCS-2', 2],
    ['😀'.repeat(35), 'UCS-2', 1],
    ['😀'.repeat(36), 'UCS-2', 2],
    ['😀'.repeat(67), 'UCS-2', 3], // 33 pairs fit into 67 units, not 33 and a half.
  ])('%j', (text, encoding, count) => {
    expect(segmentsOf(text)).toEqual({ encoding, count })
  })
})

describe('cutting', () => {
  test.each([
    ['short', 10, '…', 'short'],
    ['0123456789', 5, '…', '0123…'],
    ['ab👩‍👩‍👧cd', 9, '…', 'ab…'],
    ['ab👩‍👩‍👧cd', 11, '…', 'ab👩‍👩‍👧…'],
    ['e\u0301e\u0301e\u0301', 4, '…', 'e\u0301…'],
    ['0123456789', 2, '(cut)', '(c'],
  ])('%j to %i', (text, charsMax, note, expected) => {
    expect(cutText(text, charsMax, note)).toBe(expected)
  })
})

describe('Retry-After', () => {
  const clock = manualClock(Date.UTC(2026, 0, 1))
  test.each([
    ['7', 7_000],
    [' 120 ', 120_000],
    ['Thu, 01 Jan 2026 00:00:30 GMT', 30_000],
    ['Wed, 31 Dec 2025 00:00:00 GMT', 0],
    ['soon', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('%j', (header, expected) => {
    expect(retryAfterMs(header, clock)).toBe(expected)
  })
})

describe('what a provider said', () => {
  test('is told on one line, short, and without secrets in any of their forms', () => {
    const secret = 'pa ss/wörd'
    const told = safeDetail(`no\r\n\u001b[31m ${secret} ${encodeURIComponent(secret)} ${Buffer.from(secret).toString('base64')} ${'x'.repeat(500)}`, [secret, ''])
    expect(told).toMatch(/^no \[31m \[REDACTED\] \[REDACTED\] \[REDACTED\] x+…$/)
    expect(told).toHaveLength(200)
  })
})

describe('this machine', () => {
  test.each([['127.0.0.1', true], ['127.9.9.9', true], ['localhost', true], ['LOCALHOST', true], ['::1', true], ['[::1]', true], ['127.1', false], ['0.0.0.0', false], ['localhost.example.com', false], ['10.0.0.1', false], ['[::ffff:10.0.0.1]', false], ['', false]])('%j is it: %s', (host, expected) => {
    expect(isLoopback(host)).toBe(expected)
  })
})

describe('what was probably meant', () => {
  test.each([['emial', 'email'], ['sm', 'sms'], ['EMAIL', 'email'], ['webhook', undefined], ['', undefined], ['x'.repeat(10_000), undefined]])('%j', (word, expected) => {
    expect(nearest(word.slice(0, 10_000), ['console', 'email', 'inbox', 'sms'])).toBe(expected)
  })
})

describe('the console', () => {
  const script = `
    import { consoleChannel } from ${JSON.stringify(new URL('./console.ts', import.meta.url).href)}
    import { readFileSync } from 'node:fs'
    readFileSync(0)
    const channel = consoleChannel.create({}, 'console')
    console.log(JSON.stringify(await channel.send({ severity: 'high', subject: 'a\\nb', text: 'x\\u001b[2Jy\\u202ez' })))`

  test('neutralises what could forge lines or colours', async () => {
    const { stderr } = await run((child) => child.stdin?.end())
    expect(stderr).toBe('tocsin [high] a·b\n  x·[2Jy·z\n')
  })

  test('says so when standard error is closed, and throws nothing', async () => {
    const { stdout } = await run((child) => {
      child.stderr?.destroy()
      child.stdin?.end()
    })
    expect(JSON.parse(stdout)).toMatchObject({ kind: 'bad-config', code: 'EPIPE' })
  })

  function run(prepare: (child: ReturnType<typeof execFile>) => void): Promise<{ readonly stdout: string; readonly stderr: string }> {
    return new Promise((resolve) => {
      const child = execFile(process.execPath, ['--input-type=module', '-e', script], (_error, stdout, stderr) => resolve({ stdout, stderr }))
      prepare(child)
    })
  }
})

test('no channel file names another channel', () => {
  for (const name of ['console', 'email', 'inbox', 'sms']) {
    const source = readFileSync(new URL(`./${name}.ts`, import.meta.url), 'utf8')
    for (const other of ['console', 'email', 'inbox', 'sms']) expect(source).not.toContain(`from './${other}.ts'`)
  }
})
