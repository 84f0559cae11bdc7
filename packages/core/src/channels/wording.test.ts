import { readFileSync } from 'node:fs'
import { execFile } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { echoesOf } from '../testing/hostile-messages.ts'
import { manualClock } from '../testing/manual-clock.ts'
import { cutText } from './cut-text.ts'
import { retryAfterMs } from './transport/retry-after.ts'
import { isLoopback } from './transport/loopback.ts'
import { nearest } from './nearest.ts'
import { safeDetail, secretsOfUrl, withoutSecrets } from './safe-detail.ts'
import { segmentsOf } from '../model/sms-segments.ts'
import { cpuMs } from '../testing/cpu-time.ts'

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

  test.each(['Pass "w/ö+r=d', 'a secret & <more>', "it's\\a=key/of+many"])('is told without %j in whatever form programs write it, alone or in something longer', (secret) => {
    for (const echo of echoesOf(secret)) expect([echo, safeDetail(`refused: ${echo} (1)`, [secret])]).toEqual([echo, expect.stringMatching(/^refused: (?:dXNlcjp)?\[REDACTED\] ?\(1\)$/)])
  })

  test('is told without any line of a key that has several', () => {
    const key = `-----BEGIN PRIVATE KEY-----\n${'QUJDREVGRw+/'.repeat(5)}\n${'aGlqa2xtbm8='.repeat(5)}\n-----END PRIVATE KEY-----\n`
    for (const echo of [key, JSON.stringify(key), key.split('\n')[1] ?? '', key.replaceAll('\n', '\r\n'), encodeURIComponent(key)]) expect(safeDetail(echo, [key])).toMatch(/^"?\[REDACTED\](?:\\n)?"?$/)
  })

  test('is read in a moment, however long and however like a secret it is', () => {
    const secret = 'a b+c/d e'.repeat(50)
    const tookMs = cpuMs(() => {
      for (const text of [' '.repeat(70_000), '+'.repeat(70_000), secret.slice(0, -1).repeat(200), '%20'.repeat(20_000)]) safeDetail(text, [secret, `${secret}!`])
    })
    expect(tookMs).toBeLessThan(2_000)
  })

  test('is what an address to call is a key to', () => {
    expect(secretsOfUrl(new URL('https://example.com/api/webhooks/9f3kQ2x7abc?key=s3cret-one&v=2'))).toEqual(['https://example.com/api/webhooks/9f3kQ2x7abc?key=s3cret-one&v=2', '/api/webhooks/9f3kQ2x7abc?key=s3cret-one&v=2', '9f3kQ2x7abc', 's3cret-one'])
    expect(secretsOfUrl(new URL('https://example.com/hook'))).toEqual(['https://example.com/hook'])
  })

  test('does not stand in what it calls the message', () => {
    expect(withoutSecrets({ kind: 'sent', providerId: `id of hunter22 ${'x'.repeat(300)}` }, ['hunter22'])).toEqual({ kind: 'sent', providerId: `id of [REDACTED] ${'x'.repeat(182)}…` })
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
    const settings = JSON.parse(readFileSync(0, 'utf8') || '{}')
    const channel = consoleChannel.create(settings, 'console')
    console.log(JSON.stringify(await channel.send({ severity: 'high', subject: '[High] a\\nb', text: 'x\\u001b[2Jy\\u202ez' })))`

  test('neutralises what could forge lines or colours', async () => {
    const { stderr } = await run((child) => child.stdin?.end())
    expect(stderr).toBe('tocsin [High] a·b\n  x·[2Jy·z\n')
  })

  test('says what it stands in for', async () => {
    const { stderr } = await run((child) => child.stdin?.end('{ "insteadOf": "email" }'))
    expect(stderr).toBe('tocsin (in place of email, because of CI) [High] a·b\n  x·[2Jy·z\n')
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
