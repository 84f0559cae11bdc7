import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { columnsOf } from '../delivery/terminal-lines.ts'
import { compileCache } from '../testing/compile-cache.ts'
import { startSmtpServer, type SmtpStandIn } from '../testing/smtp-server.ts'

const command = join(import.meta.dirname, 'main.ts')

interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

let folder: string
let server: SmtpStandIn
let env: Readonly<Record<string, string>>

/** The command as a process of its own, in a folder of its own, with nothing in its environment but what it is given. */
function tocsin(args: readonly string[], more: Readonly<Record<string, string>> = {}, input = ''): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [command, ...args], { cwd: folder, env: { ...env, TZ: 'Asia/Tokyo', ...more }, stdio: ['pipe', 'pipe', 'pipe'] })
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, stdout, stderr }))
    child.stdin.on('error', reject)
    child.stdin.end(input)
  })
}

/** What a script would read. */
async function json(args: readonly string[]): Promise<unknown> {
  const { stdout } = await tocsin([...args, '--json'])
  return JSON.parse(stdout)
}

function write(name: string, text: string): string {
  writeFileSync(join(folder, name), text)
  return name
}

const right = `
channels:
  mail: { type: email, url: "\${SMTP_URL}", ca: ca.pem, from: "Tocsin <tocsin@example.com>" }
people:
  ana: { role: admin, email: ana@example.com }
  bo: { role: billing, email: bo@example.com }
rules: { session-ended: false, loops: { on: tool.call, groupBy: [tool] } }
routes:
  - { name: all, match: "true", to: [ana, bo], via: [mail] }
`

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tocsin-commands-'))
  server = await startSmtpServer({ login: { user: 'apikey', password: 'correct-horse-battery' } })
  env = { PATH: process.env['PATH'] ?? '', SMTP_URL: server.url, LANG: 'C.UTF-8', ...compileCache() }
  write('ca.pem', server.ca)
  write('tocsin.yaml', right)
})

afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true, force: true })
})

describe('help', () => {
  test.each([[[]], [['check']], [['drain']], [['explain']], [['send']], [['test-channel']], [['init']], [['backtest']], [['feedback']]])('of %j fits a terminal of 80 columns', async (name) => {
    const { code, stdout, stderr } = await tocsin([...name, '--help'])
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toContain('Usage: tocsin')
    expect(stdout.split('\n').filter((line) => columnsOf(line) > 80)).toEqual([])
  })

  test.each([[['nonsense']], [['explain']], [['send']], [['drain', '--seconds', '0']], [['check', '--nonsense']], [['explain', 'alt_1', '--timezone', 'Mars/Base']], [['explain', 'alt_1', '--locale', 'tlh']]])(
    'wrong usage %j exits with 2 and says what is right, on standard error',
    async (args) => {
      const { code, stdout, stderr } = await tocsin(args)
      expect([code, stdout]).toEqual([2, ''])
      expect(stderr).toMatch(/error:|expected|does not exist/)
    },
  )
})

describe('init', () => {
  test('writes a configuration from its options, with secrets as names, and says what is missing and what comes next', async () => {
    const { code, stdout, stderr } = await tocsin(['init', '--for', 'on-call', '--email', 'ana@example.com', '--channel', 'email', '--budget', '50', '--quiet-hours', '22:00-07:00', '--config', 'first.yaml'])
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout.split('\n').slice(1)).toEqual(['Missing in the environment: SENDGRID_API_KEY', 'Next: npx tocsin test-channel ops-mail --config first.yaml', ''])
    const text = readFileSync(join(folder, 'first.yaml'), 'utf8')
    expect(text).toContain('me: { role: owner, email: "ana@example.com", quietHours: "22:00-07:00" }')
    expect(text).toContain('timezone: Asia/Tokyo')
    const checked = await tocsin(['check', 'first.yaml'], { SENDGRID_API_KEY: 'SG.x' })
    expect(checked).toMatchObject({ code: 0, stderr: '' })
    expect(checked.stdout).toContain('first.yaml is right.\n')
    expect(checked.stdout).toContain('month $50 a month')
    expect(checked.stdout).toMatch(/routes +urgent, rest/)
  })

  test('asks where it is told nothing, in the language of the terminal, and takes answers from a pipe', async () => {
    const { code, stdout, stderr } = await tocsin(['init', '--config', 'asked.yaml'], { LC_ALL: 'zh_CN.UTF-8' }, '9\n2\nemail\nana@example.com\n20\n\n')
    expect(code).toBe(0)
    expect(stderr).toContain('出问题通知谁？\n  1 仅自己\n  2 团队\n  3 值班团队\n')
    expect(stdout).toContain('已写入 asked.yaml')
    expect(stdout).toContain('环境变量缺少：SENDGRID_API_KEY')
    expect(readFileSync(join(folder, 'asked.yaml'), 'utf8')).toContain('defaults: { locale: zh-CN, timezone: Asia/Tokyo }')
    // The end of the input takes the defaults.
    expect(await tocsin(['init', '--config', 'silent.yaml'])).toMatchObject({ code: 0 })
    expect((await tocsin(['check', 'silent.yaml'])).stdout).toContain('inbox (inbox)')
  })

  test('never overwrites, and refuses what makes no right configuration', async () => {
    expect(await tocsin(['init', '--for', 'me'])).toMatchObject({ code: 2, stderr: 'tocsin.yaml is there already and stays as it is; write to another file: --config FILE\n' })
    expect(readFileSync(join(folder, 'tocsin.yaml'), 'utf8')).toBe(right)
    const refused = async (...args: string[]): Promise<string> => (await tocsin(['init', ...args, '--config', 'never.yaml'])).stderr
    expect(await refused('--channel', 'email')).toBe('--email: needed by the channel email\n')
    expect(await refused('--email', 'ana')).toContain('people.me.email: expected an e-mail address')
    expect(await refused('--budget', 'lots')).toContain('budgets.month.amountUsd: expected a number')
    expect(await refused('--for', 'all')).toContain('expected one of me, team, on-call')
    expect(existsSync(join(folder, 'never.yaml'))).toBe(false)
  })
})

describe('check', () => {
  test('says what a right configuration will do, which built-in rules are on, and exits with 0', async () => {
    const { code, stdout, stderr } = await tocsin(['check'])
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout.split('\n')[0]).toBe('tocsin.yaml is right.')
    expect(stdout.replaceAll(/,\n +/g, ', ')).toMatch(/rules on +session-started, session-failed, .*session-expensive, model-failed, .*price-unknown.*\n/)
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([])
    expect(stdout).toMatch(/rules off +session-ended, model-recorded\n/)
    expect(stdout).toMatch(/own rules +loops\n/)
    expect(await json(['check'])).toMatchObject({ ok: true, people: { ana: 'admin', bo: 'billing' }, rules: { off: ['session-ended', 'model-recorded'], own: ['loops'] }, routes: ['all'], warnings: [] })
  })

  test('names file, line and path of each problem, what was expected and what was found', async () => {
    write('wrong.yaml', `channels:\n  mail: { type: email, url: "\${MISSING_URL}", from: "a@example.com" }\nbudgets:\n  team: { amountUsd: -1 }\nroutes:\n  - { to: [lou], via: [mali] }\n`)
    const { code, stdout, stderr } = await tocsin(['check', 'wrong.yaml'])
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr.trim().split('\n')).toEqual([
      'wrong.yaml:2 channels.mail.url: MISSING_URL is not set',
      'wrong.yaml:4 budgets.team.amountUsd: expected above 0, found -1',
      expect.stringContaining('wrong.yaml:6 routes.0.to.0: no person is named "lou"'),
      expect.stringContaining('wrong.yaml:6 routes.0.via.0: no channel is named "mali", did you mean "mail"?'),
    ])
    expect(await json(['check', 'wrong.yaml'])).toMatchObject({ ok: false, error: { code: 'config-invalid', message: expect.stringContaining('MISSING_URL is not set') as string } })
  })

  test('names every problem, also where there are many', async () => {
    write('many.yaml', `budgets:\n${Array.from({ length: 15 }, (_, index) => `  budget-number-${index}: { amountUsd: -1 }`).join('\n')}\n`)
    expect((await tocsin(['check', 'many.yaml'])).stderr.trim().split('\n')).toHaveLength(15)
  })

  test('warns of people nobody routes to, of ways that lead nowhere, and of secrets in clear', async () => {
    write(
      'odd.yaml',
      `channels:
  mail: { type: email, url: "smtp://apikey:in-clear@127.0.0.1:2525", from: "a@example.com" }
  half: { type: email, url: "smtp://apikey:\${SMTP_URL}@127.0.0.1:2525", from: "a@example.com" }
  sms: { type: sms, accountSid: "AC11111111111111111111111111111111", authToken: in-clear-too, from: "+15005550006" }
people:
  ana: { role: admin, email: ana@example.com }
  lou: { role: viewer, email: lou@example.com }
routes:
  - { to: [ana], via: [mail, sms] }
  - { to: ["role:billing"], via: [mail] }
`,
    )
    const { code, stdout } = await tocsin(['check', 'odd.yaml'], { SMTP_URL: 'word' })
    expect(code).toBe(0)
    expect(stdout.split('\n').slice(0, 6)).toEqual([
      'odd.yaml is right; 5 things to look at:',
      '  odd.yaml:2 channels.mail.url: a secret in clear; write "${MAIL_URL}" and set it in the environment',
      '  odd.yaml:4 channels.sms.authToken: a secret in clear; write "${SMS_AUTH_TOKEN}" and set it in the environment',
      '  odd.yaml:7 people.lou: no route leads here: told only what is sent by name',
      '  odd.yaml:9 routes.0.to.0: ana has no phone for sms',
      '  odd.yaml:10 routes.1.to.0: nobody has the role "billing"',
    ])
    expect(stdout).not.toContain('in-clear')
    write('nobody.yaml', 'channels:\n  shown: { type: console }\n')
    expect((await tocsin(['check', 'nobody.yaml'])).stdout).toContain('people: no people: nobody is ever told')
  })

  test('says that a file is not there', async () => {
    const { code, stderr } = await tocsin(['check', 'nowhere.yaml'])
    expect(code).toBe(1)
    expect(stderr).toContain('nowhere.yaml: cannot be read')
  })
})

describe('test-channel', () => {
  test('sends one message to everybody who has an address and shows what the server answered', async () => {
    const before = server.mails.length
    const { code, stdout } = await tocsin(['test-channel', 'mail'])
    expect(code).toBe(0)
    expect(stdout.match(/^\S.*$/gm)).toEqual(['ana@example.com: accepted by the server', 'bo@example.com: accepted by the server'])
    expect(server.mails.slice(before).map((mail) => mail.parsed.subject)).toEqual(['Tocsin test of channel mail', 'Tocsin test of channel mail'])
  })

  test('exits with 1 where the server refuses, and shows why', async () => {
    server.fail({ at: 'recipient', act: { reply: '550 5.1.1 no such user' } })
    const { code, stdout } = await tocsin(['test-channel', 'mail', '--to', 'gone@example.com'])
    expect(code).toBe(1)
    expect(stdout).toMatch(/^gone@example\.com: bad-address 550/m)
    expect(await json(['test-channel', 'mail', '--to', 'ana@example.com'])).toMatchObject([{ to: 'ana@example.com', outcome: { kind: 'sent' } }])
  })

  test('shows the conversation with the server, without the password in any form', async () => {
    const { stdout } = await tocsin(['test-channel', 'mail', '--to', 'ana@example.com'])
    expect(stdout).toMatch(/^ {2}> STARTTLS$/m)
    expect(stdout).toMatch(/^ {2}> RCPT TO:<ana@example\.com>$/m)
    expect(stdout).toMatch(/^ {2}< 250 /m)
    expect(stdout).toContain('AUTH PLAIN')
    for (const secret of ['correct-horse-battery', Buffer.from('correct-horse-battery').toString('base64').slice(0, 16), Buffer.from('\0apikey\0correct-horse-battery').toString('base64')]) expect(stdout).not.toContain(secret)
  })

  test('names the channels there are where the name is wrong', async () => {
    const { code, stderr } = await tocsin(['test-channel', 'mial'])
    expect([code, stderr]).toEqual([2, 'channel "mial" is not in tocsin.yaml; it has mail\n'])
  })
})

describe('send, drain and explain', () => {
  test('send tells people and exits with 0; explain says who was told, by alert, delivery, in a language and a time zone', async () => {
    const sent = await tocsin(['send', '--title', 'Disk is full', '--to', 'ana'])
    expect(sent).toMatchObject({ code: 0, stderr: '' })
    expect(sent.stdout).toMatch(/^mail +ana +sent\nWhy: npx tocsin explain alt_1 --data \.tocsin\n$/)
    expect(server.mails.at(-1)).toMatchObject({ to: ['ana@example.com'], parsed: { subject: '[High] Disk is full' } })

    const here = await tocsin(['explain', 'alt_1'])
    expect(here.code).toBe(0)
    expect(here.stdout).toMatch(/^alt_1 \[High\] Disk is full\nTold: ana by mail in /)
    expect(here.stdout).toContain('GMT+9') // the zone of this machine
    expect((await tocsin(['explain', 'dlv_1', '--timezone', 'UTC'])).stdout).toMatch(/^dlv_1 \(accepted[^]*\nalt_1 \[High\][^]*UTC/)
    const chinese = await tocsin(['explain', '1', '--timezone', 'Asia/Shanghai'], { LANG: 'zh_CN.UTF-8' })
    expect(chinese.stdout).toMatch(/^alt_1 【重要】Disk is full\n已告知：ana/)
    expect(await json(['explain', 'alt_1'])).toMatchObject({ alert: { id: 1 }, decisions: [{ reason: 'sent.direct' }], deliveries: [{ result: 'sent' }] })
  })

  test('explain says what there is where the id is wrong', async () => {
    expect(await tocsin(['explain', 'alt_99'])).toMatchObject({ code: 2, stderr: 'alt_99 is not in .tocsin; the newest is alt_1\n' })
    expect((await tocsin(['explain', 'dlv_99'])).stderr).toContain('dlv_99 is not in .tocsin; expected an alert such as alt_51')
    expect((await tocsin(['explain', 's-unknown'])).stderr).toContain('no alert in .tocsin is about "s-unknown"')
    expect(await tocsin(['explain', 'alt_1', '--data', 'elsewhere'])).toMatchObject({ code: 2, stdout: '' })
  })

  test('backtest says what a rule would have told, by the events that are there', async () => {
    const file = write('more.yaml', right.replace('rules: {', 'rules: { by-hand: { on: custom, severity: high },'))
    const { code, stdout } = await tocsin(['backtest', 'by-hand', '--config', file, '--since', '1h'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^Rule by-hand over the last 1h: \d+ events? since .*\.\nIt would have opened 1 alert and sent \d+ messages?/)
    expect(await json(['backtest', 'by-hand', '--config', file])).toMatchObject({ rule: 'by-hand', alertsTotal: 1 })
    expect((await tocsin(['backtest', 'session-failed'])).stdout).toContain('It would not have fired.')
    expect(await tocsin(['backtest', 'sesion-failed'])).toMatchObject({ code: 2, stderr: 'expected a rule or a budget, found "sesion-failed"; did you mean "session-failed"?\n' })
    expect(await tocsin(['backtest', 'session-failed', '--since', 'yesterday'])).toMatchObject({ code: 2, stderr: '--since: expected a duration such as 12h or 7d, found "yesterday"\n' })
  })

  test('feedback is taken by rules that learn, and by no others', async () => {
    expect(await tocsin(['feedback', 'alt_1', 'expected'])).toMatchObject({ code: 2, stderr: 'alt_1 is of rule custom, which does not learn; expected an alert about something unusual, such as those of spend-anomaly\n' })
    expect(await tocsin(['feedback', 'alt_1', 'wrong'])).toMatchObject({ code: 2, stderr: 'expected expected or not-useful, found "wrong"\n' })
    expect(await tocsin(['feedback', 'alt_99', 'expected'])).toMatchObject({ code: 2, stderr: 'alt_99 is not in .tocsin\n' })
  })

  test('explain says that a database was damaged and where it was put', async () => {
    mkdirSync(join(folder, 'damaged'))
    write('damaged/tocsin.db', 'no database '.repeat(1_000))
    const { code, stdout, stderr } = await tocsin(['explain', 'alt_1', '--data', 'damaged'])
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toContain('tocsin.db.corrupt-')
  })

  test('send that cannot reach anybody exits with 1, and what waits is sent by drain', async () => {
    server.fail({ at: 'sender', act: { reply: '421 4.3.2 closing' } })
    const late = await tocsin(['send', '--title', 'Late news', '--to', 'ana', '--data', 'late', '--config', write('slow.yaml', `${right}delivery: { retryMs: 3600000, retryMaxMs: 3600000 }\n`)])
    expect(late.stdout).toMatch(/^mail +ana +waiting\n/)
    expect(late.code).toBe(0)
    const nobody = await tocsin(['send', '--title', 'To nobody', '--to', 'role:owner'])
    expect([nobody.code, nobody.stdout.split('\n')[0]]).toEqual([1, 'Nobody is told.'])
    const unknown = await tocsin(['send', '--title', 'To nobody', '--to', 'zoe'])
    expect([unknown.code, unknown.stdout]).toEqual([2, ''])
    expect(unknown.stderr).toMatch(/^--to: nobody is called "zoe" in tocsin.yaml; expected ana, bo, role:owner,/)
    const drained = await tocsin(['drain', '--data', 'late', '--json'])
    expect(drained.code).toBe(0)
    expect(JSON.parse(drained.stdout)).toEqual({ done: 0, left: [{ channel: 'mail', priority: 1, count: 1 }] })
    expect(drained.stderr).toContain('1 deliveries wait')
  })

  test('inbox shows what was sent there, newest last, and only so many', async () => {
    const config = write('inbox.yaml', 'channels:\n  box: { type: inbox }\npeople:\n  you: { role: owner }\n')
    for (const title of ['First news', 'Second news']) await tocsin(['send', '--title', title, '--data', 'boxed', '--config', config])
    const both = await tocsin(['inbox', '--data', 'boxed'])
    expect(both.code).toBe(0)
    expect(both.stdout.indexOf('First news')).toBeLessThan(both.stdout.indexOf('Second news'))
    const { stdout } = await tocsin(['inbox', '--data', 'boxed', '--limit', '1', '--json'])
    expect(JSON.parse(stdout)).toMatchObject([{ channel: 'box', severity: 'high' }])
    expect(stdout).toContain('Second news')
    expect((await tocsin(['inbox', '--data', 'boxed', '--limit', '0'])).code).toBe(2)
  })

  test('drain makes no database where there is none', async () => {
    const { code, stderr } = await tocsin(['drain', '--data', 'nothing'])
    expect([code, stderr]).toEqual([2, expect.stringContaining('does not exist')])
  })
})
