import { afterAll, beforeAll, expect, test } from 'vitest'
import { seededChance } from '../../packages/core/src/model/chance.ts'
import { systemClock } from '../../packages/core/src/model/clock.ts'
import { eventTypes } from '../../packages/core/src/model/event.ts'
import { run, type Ended } from './child.ts'
import { lines, openStreet, type Street } from './world.ts'

/** Everything that can be told is told to somebody who may see all, on every way out. */
const yaml = `
project: support
channels:${lines}
  screen: { type: console }
  board: { type: inbox }
people:
  ana: { role: owner, email: ana@example.com, phone: "+14155550101" }
rules:
  model-recorded: { on: true }
${eventTypes.map((type) => `  every-${type.replace('.', '-')}: { on: ${type}, groupBy: [id] }`).join('\n')}
budgets: { day: { amountUsd: 0.01, groupBy: [agent, tags.team] } }
delivery: { batchMs: 0 }
limits: false
storm: false
`

const chance = seededChance(20_261_122)
const letters = 'abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789'
const draw = (count: number, alphabet = letters): string => `${Array.from({ length: count - 1 }, () => alphabet.charAt(Math.floor(chance.next() * alphabet.length))).join('')}7`

/** How a secret stands in a text; the drawn part is what must not be found again. */
const forms: Readonly<Record<string, (planted: (count: number, alphabet?: string) => string) => string>> = {
  'openai key': (planted) => `Incorrect API key provided: sk-proj-${planted(48)}. See the docs`,
  'anthropic key': (planted) => `x-api-key sk-ant-api03-${planted(86)}AA is not valid`,
  'google key': (planted) => `GET /v1?key=AIzaSy${planted(33)}&alt=json`,
  'github token': (planted) => `push with ghp_${planted(36)} failed`,
  bearer: (planted) => `Authorization: Bearer ${planted(24)}`,
  'password in an address': (planted) => `connect postgres://app:${planted(16)}@db.internal:5432/prod`,
  'password in words': (planted) => `DB_PASSWORD=${planted(16)} was set`,
  jwt: (planted) => `session eyJ${planted(20)}.eyJ${planted(40)}.${planted(43)} expired`,
  'private key': (planted) => `read -----BEGIN PRIVATE KEY-----\n${planted(64)}\n${planted(64)}\n-----END PRIVATE KEY----- from disk`,
  'invisible signs inside': (planted) => `key sk-proj-${planted(24)}\u200b${planted(24)} leaked`,
}

/** Each secret, and where it was planted. */
const planted = new Map<string, string>()

function plantSecret(count: number, place: string, alphabet?: string): string {
  const secret = draw(count, alphabet)
  planted.set(secret, place)
  return secret
}

/** A text with a secret of this form that stands nowhere else. */
function text(form: string, field: string): string {
  const made = forms[form]?.((count, alphabet) => plantSecret(count, `${form} in ${field}`, alphabet))
  if (made === undefined) throw new Error(`no form ${form}`)
  return made
}

/** One event of each type and form, with a secret in every field that holds free text. */
function plantedEvents(): readonly unknown[] {
  return eventTypes.flatMap((type) =>
    Object.keys(forms).map((form, index) => {
      const plant = (field: string): string => text(form, `${field} of ${type}`)
      return {
        type,
        source: 'native',
        id: `${type}-${index}`,
        atMs: systemClock.nowMs(),
        sessionId: `s-${type}-${index} ${plant('sessionId')}`,
        name: plant('name'),
        agent: plant('agent'),
        environment: plant('environment'),
        tags: { team: plant('team'), [`label ${plant('tag name')}`]: 'x', apiKey: plantSecret(20, 'tag apiKey') },
        detail: { note: plant('note'), gitCommit: plant('gitCommit'), host: plant('host'), packages: plant('packages'), authorization: `Basic ${plantSecret(24, 'detail authorization')}`, password: plantSecret(12, 'detail password') },
        error: { class: 'auth', message: plant('message'), statusCode: 401, code: plant('code') },
        llm: { provider: plant('provider'), model: plant('model'), operation: 'chat', responseId: plant('responseId'), finishReason: plant('finishReason'), costNanoUsd: 20_000_000 },
        tool: { name: plant('name'), callId: plant('callId') },
        endState: 'fail',
        endReason: plant('endReason'),
        excerpt: plant('excerpt'),
        ...(type === 'custom' && { announcement: { title: plant('title'), body: `${plant('body')}\nthe mail server's password is correct-horse-battery`, severity: 'critical' } }),
      }
    }),
  )
}

let street: Street
let ended: Ended
let again: Ended

beforeAll(async () => {
  street = await openStreet(yaml)
  const events = plantedEvents()
  ended = await run(new URL('./engine-process.ts', import.meta.url).pathname, [street.file, street.data], { env: street.env, input: JSON.stringify(events) })
  // Text messages cost their segments of the rate, which are known when the first were written: they go when it allows them.
  await new Promise<void>((resolve) => systemClock.after(4_000, resolve))
  // And what is refused: it is not stored, and what is said of it must be safe too.
  again = await run(new URL('./engine-process.ts', import.meta.url).pathname, [street.file, street.data], {
    env: street.env,
    input: JSON.stringify([{ type: text('bearer', 'type'), source: 'native' }, { type: 'session.end', source: 'native', endReason: text('jwt', 'endReason') }, { type: 'custom', source: 'native', id: text('private key', 'id').repeat(3) }]),
  })
}, 60_000)

afterAll(() => street.close())

function leaks(where: string): readonly string[] {
  return [...planted].flatMap(([secret, place]) => (where.includes(secret) ? [`${place}: ${secret}`] : []))
}

test('what was planted was taken in and told', () => {
  expect(ended.code).toBe(0)
  expect(planted.size).toBeGreaterThan(1_000)
  expect(street.mail.mails.length).toBeGreaterThan(100)
  expect(street.sms.messages.length).toBeGreaterThan(0)
  expect(ended.stderr).toMatch(/\[REDACTED:openai-key:[0-9a-f]{8}\]/)
  expect(street.databaseBytes()).toMatch(/\[REDACTED:jwt:[0-9a-f]{8}\]/)
})

test('no secret is in the files of the database', () => {
  expect(leaks(street.databaseBytes())).toEqual([])
})

test('no secret is in a mail, neither as it went over the line nor as it is read', () => {
  const all = street.mail.mails.map(({ raw, parsed }) => [raw, parsed.subject, parsed.text, parsed.html || ''].join('\n')).join('\n')
  expect(leaks(all)).toEqual([])
})

test('no secret is in a text message', () => {
  expect(leaks(street.sms.messages.map(({ body }) => body).join('\n'))).toEqual([])
})

test('no secret is on standard output or standard error, not even of what was refused', () => {
  expect(leaks(`${ended.stdout}${ended.stderr}${again.stdout}${again.stderr}`)).toEqual([])
  expect(again.stderr).toContain('notice: expected')
})

test('the passwords of the channels themselves are nowhere', () => {
  const everywhere = [street.databaseBytes(), ended.stderr, ...street.mail.mails.map(({ raw, parsed }) => `${raw}${parsed.text}`)].join('\n')
  for (const secret of ['correct-horse-battery', street.sms.authToken]) expect(everywhere).not.toContain(secret)
})
