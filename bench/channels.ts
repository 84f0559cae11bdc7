import { createServer, type AddressInfo, type Socket } from 'node:net'
import { join } from 'node:path'
import { configurationFrom } from '../packages/core/src/configuration.ts'
import { createEngine } from '../packages/core/src/engine.ts'
import { systemChance } from '../packages/core/src/model/chance.ts'
import type { ConfigInput } from '../packages/core/src/model/config.ts'
import { systemClock } from '../packages/core/src/model/clock.ts'
import { NotificationManager } from '../packages/core/src/notification-manager.ts'
import { openSqliteStore } from '../packages/core/src/stores/sqlite.ts'
import { startSmtpServer } from '../packages/core/src/testing/smtp-server.ts'
import type { Benchmark, Row } from './figure.ts'
import { nullChannel } from './null-channel.ts'
import { median, spread } from './quantile.ts'
import { sampleCall } from './sample-call.ts'
import { inTemporaryFolder } from './temporary-folder.ts'
import { within } from './within.ts'

const goodChannels = 9
const events = 600
const runs = 5
const mails = 1_000

/**
 * Nine channels that take every message at once, beside a tenth: one of the same kind, or a webhook whose server takes each
 * connection and never answers. Both get the same messages, so that what is compared is the hanging and not the rows that a tenth
 * delivery of each event costs. And how many connections a thousand mails need.
 */
export const channels: Benchmark = {
  name: 'channels',
  title: `one channel that hangs beside ${goodChannels} good ones, and ${mails.toLocaleString('en-US')} mails to one server`,
  async run(progress) {
    const perSecond: Record<Tenth, number[]> = { none: [], good: [], hanging: [] }
    await deliver('hanging')
    for (let run = 1; run <= runs; run += 1) {
      for (const tenth of ['none', 'good', 'hanging'] as const) {
        progress(`run ${run} of ${runs}, the tenth channel: ${tenth}`)
        perSecond[tenth].push(await deliver(tenth))
      }
    }
    const { none, good, hanging } = perSecond
    const rows: Row[] = [
      { what: `${goodChannels} good channels, no tenth`, value: median(none), unit: '/s', note: spread(none, 0) },
      { what: 'the same nine beside a tenth good one', value: median(good), unit: '/s', note: spread(good, 0) },
      { what: 'the same nine beside one that hangs', value: median(hanging), unit: '/s', note: spread(hanging, 0) },
      { what: '  their throughput beside one that hangs, of that beside a good one', value: (100 * median(hanging)) / median(good), unit: '%', target: { atLeast: 95 } },
      { what: '  of that without a tenth', value: (100 * median(hanging)) / median(none), unit: '%', note: 'with one delivery in ten more to store' },
    ]
    progress('mails')
    return [...rows, ...(await sendMails())]
  },
}

type Tenth = 'none' | 'good' | 'hanging'

/** Deliveries of the nine good channels in a second, from the first event to the last of them. */
async function deliver(tenth: Tenth): Promise<number> {
  return inTemporaryFolder(async (folder) => {
    const all = Promise.withResolvers<void>()
    let arrived = 0
    const nine = nullChannel('full', async () => {
      arrived += 1
      if (arrived === events * goodChannels) all.resolve()
      return { kind: 'sent' }
    })
    const sockets = new Set<Socket>()
    const hole = createServer((socket) => void sockets.add(socket.on('error', () => undefined)))
    await new Promise<void>((resolve) => hole.listen(0, '127.0.0.1', resolve))
    const { port } = hole.address() as AddressInfo // A listening TCP server has one.
    const types = [nine, { ...nullChannel('full'), type: 'tenth' }]
    const names = Array.from({ length: goodChannels }, (_, index) => `good-${index}`)
    const input: ConfigInput = {
      channels: {
        ...Object.fromEntries(names.map((name) => [name, { type: nine.type }])),
        good: { type: 'tenth' },
        hanging: { type: 'webhook', url: `http://127.0.0.1:${port}/hook`, secret: `whsec_${'QUJD'.repeat(8)}`, allowInsecure: true },
      },
      people: { dana: { role: 'admin' } },
      rules: { 'each-call': { on: 'llm.call', severity: 'warning', groupBy: ['id'] } },
      routes: [{ match: "alert.kind == 'model'", to: ['dana'], via: tenth === 'none' ? names : [...names, tenth] }],
      store: { durability: 'full' },
      limits: false,
      storm: false,
    }
    const config = configurationFrom(input, types)
    const store = openSqliteStore({ file: join(folder, 'tocsin.db'), clock: systemClock, durability: 'full' })
    const engine = createEngine({ config, store, clock: systemClock, chance: systemChance, notice: (text) => console.error(text), channelTypes: types })
    try {
      engine.start()
      const startedMs = systemClock.monotonicMs()
      for (let from = 0; from < events; from += 100) await engine.accept(Array.from({ length: 100 }, (_, index) => sampleCall(from + index, systemClock.nowMs())))
      await within(all.promise, 60_000, 'every message at the good channels')
      return (events * goodChannels * 1_000) / (systemClock.monotonicMs() - startedMs)
    } finally {
      for (const socket of sockets) socket.destroy()
      hole.close()
      await engine.close()
    }
  })
}

async function sendMails(): Promise<readonly Row[]> {
  const server = await startSmtpServer({ login: { user: 'apikey', password: 'bench-password' } })
  const manager = new NotificationManager({ channels: { mail: { type: 'email', url: server.url, ca: server.ca, from: 'Tocsin <noreply@example.com>' } } })
  try {
    const startedMs = systemClock.monotonicMs()
    let next = 0
    const sender = async (): Promise<void> => {
      while (next < mails) {
        const number = next
        next += 1
        const outcome = await manager.sendEmail('dana@example.com', `Mail ${number}`, 'One of a thousand.')
        if (outcome.kind !== 'sent') throw new Error(`mail ${number} was not sent: ${outcome.kind} ${outcome.detail}`)
      }
    }
    await Promise.all(Array.from({ length: 5 }, sender))
    const tookMs = systemClock.monotonicMs() - startedMs
    return [
      { what: `connections for ${mails.toLocaleString('en-US')} mails to one server`, value: server.connections, unit: '', target: { atMost: 5 } },
      { what: '  mails, each parsed by a server in the same process', value: (mails * 1_000) / tookMs, unit: '/s' },
    ]
  } finally {
    await manager.close()
    await server.close()
  }
}
