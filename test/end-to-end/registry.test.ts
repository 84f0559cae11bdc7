import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { addressKindOf, channelTypes } from '../../packages/core/src/channels/registry.ts'
import { systemClock } from '../../packages/core/src/model/clock.ts'
import { openSqliteStore } from '../../packages/core/src/stores/sqlite.ts'
import type { ChannelWorld } from '../../packages/core/src/testing/channel-suite.ts'
import { channelWorlds } from '../../packages/core/src/testing/channel-worlds.ts'
import { run, type Ended } from './child.ts'
import { openStreet, type Street } from './world.ts'

interface Arrival {
  /** What stands in the file beside `type`. */
  readonly settings: string
  /** All that came in, as its reader sees it. */
  received(street: Street, ended: Ended): Promise<readonly string[]>
}

/** How a file names the stand-in, and where what it sends comes in; for each kind of channel that is not reached as in its own tests. */
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
    received: async (_street, { stderr }) => stderr.split(/^(?=tocsin )/m).filter((block) => block !== ''),
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

/** The other side of all other kinds, as their own tests start it. */
const worlds = new Map<string, ChannelWorld>()
let street: Street
let ended: Ended

beforeAll(async () => {
  const addresses: Record<string, unknown> = { email: 'ana@example.com', phone: '+14155550101' }
  const channels: string[] = []
  for (const [name, type] of channelTypes) {
    const world = arrivals[name] === undefined ? await channelWorlds.get(name)?.start() : undefined
    if (world !== undefined) {
      worlds.set(name, world)
      const kind = addressKindOf(type, type.settings.parse(world.settings))
      if (kind !== 'none') addresses[kind] = world.address.startsWith('{') ? JSON.parse(world.address) : world.address
    }
    // JSON is YAML too.
    const settings = world === undefined ? (arrivals[name]?.settings ?? '') : JSON.stringify(world.settings).slice(1, -1)
    channels.push(`  my-${name}: { ${[`type: ${name}`, settings].filter(Boolean).join(', ')} }`)
  }
  // A route names at most ten channels.
  const names = [...channelTypes.keys()].map((type) => `my-${type}`)
  const routes = [names.slice(0, 10), names.slice(10)].map((via, index) => `  - { name: on-call-${index}, match: "alert.severity == 'high'", to: [ana], via: [${via.join(', ')}] }`)
  street = await openStreet(`
channels:
${channels.join('\n')}
people:
  ana: { role: admin, ${JSON.stringify(addresses).slice(1, -1)} }
rules: { session-ended: false }
routes:
${routes.join('\n')}
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

afterAll(async () => {
  await Promise.all([street.close(), ...[...worlds.values()].map((world) => world.close())])
})

test('every registered kind of channel is looked at here', () => {
  expect([...Object.keys(arrivals), ...worlds.keys()].toSorted()).toEqual([...channelTypes.keys()].toSorted())
  expect(ended.code).toBe(0)
})

test.each([...channelTypes.keys()])('%s is reached from a configuration file, once', async (type) => {
  const received = (await arrivals[type]?.received(street, ended)) ?? worlds.get(type)?.received().map(({ subject = '', text }) => `${subject}\n${text}`) ?? []
  expect(received).toHaveLength(1)
  expect(received[0]).toMatch(/refund-bot/)
  expect(received[0]).toMatch(/openai.* server error/)
})
