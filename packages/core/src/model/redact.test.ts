import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { seededChance } from './chance.ts'
import { hostileFragments } from '../testing/hostile-texts.ts'
import { createRedactor } from './redact.ts'
import { keyShapes } from './redact/key-shapes.ts'
import { cpuMs } from '../testing/cpu-time.ts'

const marked = createRedactor({ personalData: true })
/** Without what tells two of a kind apart: that has tests of its own. */
const redact = (text: string): string => short(marked(text))
const short = (text: string): string => text.replace(/(\[REDACTED:[a-z0-9-]+):[0-9a-f]{8}\]/g, '$1]')
const chance = seededChance(2)

/** Characters drawn from an alphabet: keys are made here, because keys that lie in a repository alarm every scanner. */
function draw(count: number, alphabet = 'abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789'): string {
  return `${Array.from({ length: count - 1 }, () => alphabet.charAt(Math.floor(chance.next() * alphabet.length))).join('')}7`
}

const hex = '0123456789abcdef'
const jwt = `eyJ${draw(20)}.eyJ${draw(40)}.${draw(43)}`
const pem = `-----BEGIN RSA PRIVATE KEY-----\n${draw(64)}\n${draw(64)}\n${draw(30)}\n-----END RSA PRIVATE KEY-----`

describe('takes out secrets and says what they were', () => {
  test.each<readonly [kind: string, before: string, secret: string, after: string]>([
    ['openai-key', 'Incorrect API key provided: ', `sk-proj-${draw(48)}`, '. You can find your key'],
    ['openai-key', 'key ', `sk-${draw(48)}`, ''],
    ['anthropic-key', 'x-api-key ', `sk-ant-api03-${draw(80)}AA`, ' is not valid'],
    ['google-key', '?key=', `AIzaSy${draw(33)}`, '&alt=json'],
    ['groq-key', '', `gsk_${draw(52)}`, ''],
    ['huggingface-key', '"', `hf_${draw(34)}`, '"'],
    ['replicate-key', '', `r8_${draw(37)}`, ''],
    ['perplexity-key', '', `pplx-${draw(48)}`, ''],
    ['xai-key', '', `xai-${draw(80)}`, ''],
    ['aws-key', 'id ', `AKIA${draw(16, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ')}`, ' used'],
    ['github-token', 'https://x-access-token is ', `ghp_${draw(36)}`, ''],
    ['slack-token', '', `xoxb-${draw(12, '123456789')}-${draw(24)}`, ''],
    ['stripe-key', '', `sk_live_${draw(24)}`, ''],
    ['sendgrid-key', '', `SG.${draw(22)}.${draw(43)}`, ''],
    ['gitlab-token', '', `glpat-${draw(20)}`, ''],
    ['npm-token', '//host/:_authToken=', `npm_${draw(36)}`, ''],
    ['tocsin-key', 'Authorization: Bearer ', `tok_${draw(24)}`, ''],
    ['twilio-token', `AC${draw(32, hex)}:`, draw(32, hex), ''],
    ['jwt', 'session ', jwt, ' expired'],
    ['private-key', 'read ', pem, '\nfrom disk'],
    ['private-key', '{"key":"', pem.replaceAll('\n', String.raw`\n`), '"}'],
    ['private-key', 'cut off: ', pem.slice(0, 100), ''],
    ['bearer', 'Authorization: Bearer ', draw(20), ''],
    ['bearer', "headers: { authorization: 'bearer ", draw(20), "' }"],
    ['basic', 'Proxy-Authorization: Basic ', Buffer.from(`dana:${draw(12)}`).toString('base64'), ''],
    ['password', 'connect postgres://app:', draw(12), '@db.internal:5432/prod'],
    ['password', 'redis://:', draw(12), '@cache:6379/0'],
    ['password', 'DB_PASSWORD=', 'hunter2', '\nPORT=1'],
    ['password', '{"user":"dana","password":"', 'correct horse', '","port":1}'],
    ['password', String.raw`{\"password\":\"`, 'hunter2', String.raw`\"}`],
    ['password', 'user=sa;Pwd=', 'hunter2!', ';Encrypt=true'],
    ['password', 'mysql --password ', 'hunter2', ' -h db'],
    ['password', 'my password is ', 'hunter22', ', thanks'],
    ['password', '密码：', 'hunter2', '，谢谢'],
    ['password', '<Password>\n  ', 'hunter2', '\n</Password>'],
    ['secret', 'client_secret: ', 'abcd-efgh', '\nname: x'],
    ['secret', 'secret: |\n  ', 'abcd-efgh', '\n'],
    ['secret', 'AWS_SECRET_ACCESS_KEY=', draw(40), ''],
    ['api-key', "apiKey: '", draw(32, hex), "',"],
    ['api-key', 'https://api.example.com/v1?api_key=', draw(20), '&page=2'],
    ['token', 'System.setProperty("APP_TOKEN", "', draw(20), '")'],
    ['token', 'const accessToken: string = "', draw(20), '"'],
    ['cookie', 'Cookie: theme=dark; session=', draw(30), '; a=b'],
    ['card', 'paid with ', '4242 4242 4242 4242', ' today'],
    ['card', 'paid with ', '378282246310005', '.'],
    ['email', 'ask ', 'dana.o+ops@mail.example.co.uk', '.'],
    ['phone', 'call ', '+86 138 0013 8000', ' now'],
    ['phone', 'call ', '(415) 555-2671', ' now'],
    ['phone', '请拨打', '13800138000', '。'],
    ['phone', 'Tel: ', '020 7946 0958', ''],
    ['iban', 'to ', 'DE89 3704 0044 0532 0130 00', ' by Friday'],
    ['national-id', 'SSN ', '536-22-1234', ''],
    ['national-id', '身份证', '11010519491231002X', ''],
    ['password', 'curl -u ', 'q7Zk2mPx9a:Vb3nT8wL', ' https://api.example.com'],
    ['password', 'clone https://', '7f3a91bc:d04e5f62', '@gems.example.com/'],
    ['wallet', 'pay ', '1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2', '.'],
    ['wallet', 'pay ', 'bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4', '.'],
    ['mac', 'link/ether ', '00:1b:44:11:3a:b7', ' brd'],
    ['national-id', 'NHS ', '943 476 5919', ''],
    ['national-id', 'CPF ', '529.982.247-25', ''],
    ['national-id', 'rijksregister ', '85.07.30-033.28', ''],
    ['national-id', 'KR ', '900101-1234568', ''],
    ['national-id', 'SE ', '811218-9876', ''],
    ['national-id', 'FI ', '131052-308T', ''],
    ['national-id', 'FR ', '2 55 08 14 168 025 38', ''],
    ['national-id', 'ABN ', '51 824 753 556', ''],
    ['national-id', 'ES ', '12345678Z', ' y'],
    ['national-id', 'ES ', 'X1234567L', ' y'],
    ['national-id', 'SG ', 'S1234567D', ''],
    ['national-id', 'IT ', 'RSSMRA85T10A562S', ''],
    ['national-id', 'MX ', 'HEGG560427MVZRRL04', ''],
    ['national-id', 'NI ', 'AB123456C', ''],
    ['national-id', 'PAN ', 'ABCPE1234F', ''],
    ['national-id', 'my tax id: ', '911701234', ''],
    ['national-id', 'passport no. ', 'C01234567', ' lost'],
    ['email', 'ask ', 'reply.fakenham@mail.example.co.uk', ': /srv is full'],
    ['ip', 'from ', '203.0.113.9', ':443'],
    ['ip', 'from [', '2001:db8::8', ']:443'],
  ])('%s after %j', (kind, before, secret, after) => {
    expect(redact(before + secret + after)).toBe(`${before}[REDACTED:${kind}]${after}`)
  })
})

describe('leaves alone what is needed to understand a failure', () => {
  test.each([
    'chatcmpl-9aBcDeFgHiJkLmNoPqRsTuVwXyZ12',
    'call_abc123DEF456ghi789JKL012',
    'req_011CSHoEeqs5C35K2UUqR7Fy, sess-4f9Qd2XbT8vKc1RzWm7L, thread_abc123DEF456ghi789, run_abc123DEF456ghi789',
    'resp_67ccd2bed1ec8190b14f964abc0542670bb6a6b452d3795b',
    'gpt-4o-2024-08-06, claude-sonnet-4-5-20250929, text-embedding-3-small',
    'ft:gpt-4o-mini-2024-07-18:acme:support:9aBcDeFg',
    'commit 3d552d5a8c8f4a6f9f0e2b6f4f1a2b3c4d5e6f70',
    'id 550e8400-e29b-41d4-a716-446655440000',
    'at 2026-11-22T15:31:04.123Z, 1763825464123 ms',
    'sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    '4bf92f3577b34da6a3ce929d0e0e4736:00f067aa0ba902b7:llm.call',
    '{"usage":{"prompt_tokens":12,"total_tokens":17179869184}} max_tokens=4096',
    'Rate limit reached for gpt-4o in organization org-AbCdEfGhIjKlMnOpQrStUvWx on tokens per min (TPM): Limit 30000, Used 29500',
    'Invalid token: Unexpected token < in JSON at position 0',
    "KeyError: 'user_id_12345', cache_key=user:12345:profile-v2, primary_key: id",
    'password is incorrect; Password: required; api_key: undefined; token: null',
    'password = config.database.password',
    'apiKey: process.env.OPENAI_API_KEY, url: postgres://${USER}:${PASSWORD}@db/prod',
    'Basic authentication failed; a bearer token is required',
    'git@github.com:acme/repo.git react@18.2.0 @scope/pkg@1.2.3 icon@2x.png',
    'connect ECONNREFUSED 127.0.0.1:4319 and ::1, v1.2.3.4, Chrome/120.0.0.0',
    'scp app.tgz deploy@build.acme.dev:/srv/app; hg@code.acme.dev:team/app.git',
    'From: no-reply@acme.dev, you@acme.dev, src@acme.dev, dana.fake@acme.dev',
    'gateway fe80::1%eth0, en0 (FE80:0000:0000:0000:C6B3:01FF:FECD:467F)',
    'token: xoxp-1234-1234-1234-4ddbc191d40ee098cbaae6',
    'std::cout << 10:31:04 << aa:bb:cc:dd:ee:ff',
    '{"seq":"16123456784","orderId":"13800138000"}',
    'memory 17179869184 bytes, order 1234567890123, $0.0321 of $5.00',
    'nextPageToken: "EAAaBlBUOkNBVQ12", idempotency_key: 7f9c24e83b2a4d1f9e8c',
    'sk-xxxxxxxxxxxxxxxxxxxxxxxx and pk_live_51H8abcdEFGHijkl',
    'pass: 12, fail: 3; passed: true; the author: John',
    'curl -u <user:password> https://test.example/endpoint',
    'curl -u test:test https://test.example; postgres://postgres:postgres@localhost/app, mongodb://user:password@db/x',
    'AKIAIOSFODNN7EXAMPLE, sk-ant-abcdefghijklmnopqrstuvwxyz12, API_KEY="your_api_key_here_12345", glpat-aBcDeFgHiJkLmNoPqRsT1',
    'secret_key: sk_abcdefghijklmnopqrstuvwxyz123',
    'wtoken = AppWindowToken{9f4ef63 token=Token{a64f992}}, token=android.os.BinderProxy@3b8a3d2',
    'cache_token: 1045:page-7f3a91bc, name="authenticity_token" value="7SWaFo1hsC6oovfBsJFLGPUl2E"',
    'token: ghp_9aBcDeFg... was revoked; key ops_eyJzaWduSW5B..[Redacted]',
    '-----BEGIN PRIVATE KEY----- and -----END PRIVATE KEY-----',
    'mac aa:bb:cc:dd:ee:ff, ratio 3552 3534 3375, CPF 529.982.247-26, NHS 943 476 5918, tax id 911-89-1234',
    'fans 4242 4242 4242 4242 3375, 12 4242 4242 4242 4242, arn:aws:bedrock:us-east-1:502512345675:x',
    'fans 3552 3534 3375, S1234567A, 12345678A, RSSMRA85T10A562T, 1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN3',
    'Package_for_KB2928120~31bf3856ad364e35~amd64~~6.1.1.2',
  ])('%s', (text) => {
    expect(redact(text)).toBe(text)
  })
})

describe('settings', () => {
  test('personal data stays where it is not asked for, secrets never do', () => {
    const secretsOnly = createRedactor({ personalData: false })
    expect(short(secretsOnly('dana@example.com +8613800138000 203.0.113.9 password=hunter2 4242424242424242'))).toBe(
      'dana@example.com +8613800138000 203.0.113.9 password=[REDACTED:password] [REDACTED:card]',
    )
  })
  test('secrets known by value go in every form that they take', () => {
    const secret = 'pa"ss w&rd\\1'
    const known = createRedactor({ personalData: false, extraSecrets: [secret, 'short', 'secret'] })
    expect(short(known(`x${secret}x ${encodeURIComponent(secret)} ${JSON.stringify({ a: secret })} short secret`))).toBe(
      'x[REDACTED:secret]x [REDACTED:secret] {"a":"[REDACTED:secret]"} short [REDACTED:secret]',
    )
    expect(known('[REDACTED:secret]')).toBe('[REDACTED:secret]')
  })
  test('more secrets than can be searched for are refused where they are handed in', () => {
    expect(() => createRedactor({ personalData: true, extraSecrets: Array.from({ length: 1_001 }, (_, index) => `secret-${index}`) })).toThrow('expected at most 1000 secrets, found 1001')
  })
})

const boundary = fc.constantFrom(' ', '\n', '"', "'", '=', ': ', '(', ',', '<', '`', String.raw`\n`, '[', '，', '%3D')
const planted = fc.oneof(
  fc.constantFrom('sk-proj-', 'sk-ant-api03-', 'gsk_', 'ghp_', 'glpat-', 'xai-', 'sk_live_', 'tok_', 'pplx-').chain((prefix) => fc.integer({ min: 36, max: 80 }).map((count) => prefix + draw(count))),
  fc.constantFrom(jwt, pem, `AIzaSy${draw(33)}`, '4242424242424242', 'dana@example.com', 'GB82WEST12345698765432'),
)

describe('marks', () => {
  const key = new Uint8Array(32).fill(7)
  const secret = `sk-proj-${draw(48)}`
  test('are the same for the same text, whatever it was taken for, and others for others', () => {
    const under = createRedactor({ personalData: true, key })
    const [first, second, third] = [...under(`${secret} password="${secret}x" and ${secret}`).matchAll(/\[REDACTED:[a-z-]+:([0-9a-f]{8})\]/g)].map((match) => match[1])
    expect(first).toBe(third)
    expect(second).not.toBe(first)
    expect(createRedactor({ personalData: false, key, extraSecrets: [secret] })(secret)).toBe(`[REDACTED:secret:${first}]`)
  })
  test('of numbers and addresses do not depend on how they are written', () => {
    expect(marked('4242 4242 4242 4242')).toBe(marked('4242-4242-4242-4242'))
    expect(marked('Dana@Example.com')).toBe(marked('dana@example.com'))
  })
  test('are the first 32 bits of HMAC-SHA-256', () => {
    for (const [bytes, text] of [[32, secret], [64, secret], [100, pem.repeat(20)]] as const) {
      const own = Buffer.alloc(bytes, 'k')
      const known = createRedactor({ personalData: false, key: own, extraSecrets: [text] })(text)
      expect(known).toBe(`[REDACTED:secret:${createHmac('sha256', own).update(text).digest('hex').slice(0, 8)}]`)
    }
  })
  test('are others under another key', () => {
    const marks = [1, 2].map((byte) => createRedactor({ personalData: true, key: new Uint8Array(32).fill(byte) })(secret))
    expect(new Set(marks).size).toBe(2)
    expect(marked(secret)).toBe(createRedactor({ personalData: false })(secret))
    expect(() => createRedactor({ personalData: true, key: new Uint8Array(16) })).toThrow('expected a key of at least 32 bytes, found 16')
  })
  test.each(['[REDACTED:phone:12345678]', 'phone: [REDACTED:phone:12345678], [REDACTED:token:41234567] [REDACTED:token]', 'token=[REDACTED:token:0a1b2c3d]', 'Bearer [REDACTED:bearer:0a1b2c3d]', 'curl -u [REDACTED:email:0a1b2c3d] https://x.example', '[redacted:password:0a1b2c3d]', '[REDACTED:unreadable]'])(
    'stay as they are: %s',
    (text) => {
      expect(marked(text)).toBe(text)
    },
  )
})

describe('whatever surrounds them', () => {
  test('planted secrets vanish', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), boundary, planted, boundary, fc.string({ unit: 'grapheme', maxLength: 200 }), (before, left, secret, right, after) => {
        expect(redact(before + left + secret + right + after)).not.toContain(secret)
      }),
      { numRuns: 2_000 },
    )
  })
  test('a password given to a name vanishes', () => {
    const name = fc.constantFrom('password', 'DB_PASSWORD', 'clientSecret', 'secret_key', 'smtp.passwd')
    const giving = fc.constantFrom('=', ': ', ' := ', ' = "', '": "', "' => '", '\\":\\"')
    fc.assert(
      fc.property(fc.string({ maxLength: 100 }), name, giving, fc.integer({ min: 6, max: 40 }), (before, key, sign, count) => {
        const password = draw(count)
        expect(redact(`${before}\n${key}${sign}${password}`)).not.toContain(password)
      }),
      { numRuns: 1_000 },
    )
  })
  test('redacting twice is the same as once', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 40 }),
      planted,
      fc.constantFrom('password=', 'token: "', 'Bearer ', '://a:b@', '[REDACTED:', '[REDACTED:token]', '[REDACTED:phone:12345678]', '[REDACTED:token:0a1b2c3d]', ']', '-----BEGIN PRIVATE KEY-----', '@', '\\"', '"', 'https://', '+1', '1234567', '::', '.1.1.1', 'secret', '\n'),
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
        const once = marked(pieces.join(''))
        expect(marked(once)).toBe(once)
      }),
      { numRuns: 3_000 },
    )
  })
  test('what comes to be a key by what was taken out beside it is found at the second look', () => {
    expect(redact(`pscale_oauth_${draw(32)}=M${draw(24)}.${draw(6)}.${draw(30)}****`)).toBe('[REDACTED:planetscale-token][REDACTED:discord-token]****')
  })

  test('every shape of key is found by its own prefix', () => {
    const unreachable = keyShapes.filter(({ prefix }, index) => keyShapes.slice(0, index).some((earlier) => earlier.prefix === prefix && earlier.body === keyShapes[index]?.body))
    expect(unreachable).toEqual([])
  })
})

describe('cost', () => {
  const kilobytes = 1_024

  test.each(hostileFragments)('grows with the length of %j, no faster', (fragment) => {
    const eighth = timeMs(fragment.repeat((128 * kilobytes) / fragment.length))
    const whole = timeMs(fragment.repeat((1_024 * kilobytes) / fragment.length))
    // Eight times the text: linear is 8, quadratic 64. What takes little in all proves nothing and is not judged.
    expect(whole).toBeLessThan(Math.max(1_500, 32 * eighth))
  })

  test('a clean line costs about a microsecond', () => {
    const line = 'The model answered slowly: 8200 ms at step 4 of the session.'
    const lines = 20_000
    const run = (): void => {
      for (let index = 0; index < lines; index++) redact(line)
    }
    run()
    const best = Math.min(...Array.from({ length: 5 }, () => timeOfMs(run)))
    // The figure is 0.4 µs; three times that and the noise of a shared machine are let pass.
    expect((best * 1_000) / lines).toBeLessThan(3)
  })

  function timeMs(text: string): number {
    return timeOfMs(() => redact(text))
  }

  function timeOfMs(run: () => void): number {
    // Processor time of this thread: what else the machine does is not counted.
    const before = process.threadCpuUsage()
    run()
    const { user, system } = process.threadCpuUsage(before)
    return (user + system) / 1_000
  }
})

describe('signs that nobody sees', () => {
  test.each(['\u200b', '\u00ad', '\u2060\u200b', '\u0000', '\u001b[31m', '\u202e', '\ufe0f', '\ufeff'])('do not hide a key that they break (%j)', (sign) => {
    expect(redact(`key sk-proj-${draw(24)}${sign}${draw(24)} leaked`)).toBe('key [REDACTED:openai-key] leaked')
    expect(redact(`DB_PASS${sign}WORD=hunter2`)).toBe('DB_PASSWORD=[REDACTED:password]')
  })

  test('stay where they hide nothing', () => {
    for (const text of ['co\u00adoperate', '\u001b[1mdone\u001b[0m', 'a\u200bb\u200bc', '会话\u200b失败']) expect(redact(text)).toBe(text)
  })

  test('cost no more than their length', () => {
    for (const sign of ['\u200b', '\u001b[0m', '\u001b[', 'a\u001b']) expect(cpuMs(() => redact(`a${sign.repeat(60_000)}\n`))).toBeLessThan(500)
  })
})
