import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { channelTypes } from '../../packages/core/src/channels/registry.ts'
import { systemClock } from '../../packages/core/src/model/clock.ts'
import { openSqliteStore } from '../../packages/core/src/stores/sqlite.ts'
import { run, type Ended } from './child.ts'
import { openStreet, type Street } from './world.ts'

interface Arrival {
  /** What stands in the file beside `type`. */
  readonly settings: string
  /** All that came in, as its reader sees it. */
  received(street: Street, ended: Ended): Promise<readonly string[]>
}

/** For each kind of channel how a file names its stand-in, and where what it sends comes in. */
const arrivals: Readonly<Record<string, Arrival>> = {
  email: {
    settings: 'url: "${SMTP_URL}", ca: "${CA_FILE}", from: "Tocsin <tocsin@example.com>"',
    received: async ({ mail }) => mail.mails.map(({ parsed }) => `${parsed.subject}\n${parsed.text}`),
  },
  sms: {
    settings: 'accountSid: "${TWILIO_SID}", authToken: "${TWILIO_TOKEN}", from: "+15005550006", apiBase: "${TWILIO_URL}", ca: "${CA_FILE}"',
    received: async ({ sms }) => sms.messages.map(({ body }) => body),
  },
  console: {
    settings: '',
    received: async (_street, { stderr }) => stderr.split(/^(?=tocsin \[)/m).filter((block) => block !== ''),
  },
  inbox: {
    settings: '',
    async received({ data }) {
      const store = openSqliteStore({ file: join(data, 'tocsin.db'), clock: systemClock, durability: 'full' })
      try {
        return (await store.read.inbox()).map(({ subject, text }) => `${subject}\n${text}`)
      } finally {
        await store.close()
      }
    },
  },
}

let street: Street
let ended: Ended

beforeAll(async () => {
  const channels = [...channelTypes.keys()].map((type) => `  my-${type}: { ${[`type: ${type}`, arrivals[type]?.settings ?? ''].filter(Boolean).join(', ')} }`)
  street = await openStreet(`
channels:
${channels.join('\n')}
people:
  ana: { role: admin, email: ana@example.com, phone: "+14155550101" }
rules: { session-ended: false }
routes:
  - { name: on-call, match: "alert.severity == 'high'", to: [ana], via: [${[...channelTypes.keys()].map((type) => `my-${type}`).join(', ')}] }
`)
  const atMs = systemClock.nowMs()
  const about = { source: 'native', sessionId: 's-1', agent: 'refund-bot', atMs }
  ended = await run(new URL('./engine-process.ts', import.meta.url).pathname, [street.file, street.data], {
    env: street.env,
    input: JSON.stringify([
      { ...about, id: 'call', type: 'llm.call', error: { class: 'server', statusCode: 503, message: 'overloaded' }, llm: { provider: 'openai', model: 'gpt-5', operation: 'chat' } },
      { ...about, id: 'end', type: 'session.end', endState: 'fail' },
    ]),
  })
}, 30_000)

afterAll(() => street.close())

test('every registered kind of channel is looked at here', () => {
  expect(Object.keys(arrivals).toSorted()).toEqual([...channelTypes.keys()].toSorted())
  expect(ended.code).toBe(0)
})

test.each([...channelTypes.keys()])('%s is reached from a configuration file, once', async (type) => {
  const received = (await arrivals[type]?.received(street, ended)) ?? []
  expect(received).toHaveLength(1)
  expect(received[0]).toMatch(/refund-bot/)
  expect(received[0]).toMatch(/openai server error/)
})
