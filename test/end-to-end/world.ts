import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { configurationFrom } from '../../packages/core/src/configuration.ts'
import { createEngine, type Engine } from '../../packages/core/src/engine.ts'
import { systemChance } from '../../packages/core/src/model/chance.ts'
import { systemClock, type Clock } from '../../packages/core/src/model/clock.ts'
import type { Alert } from '../../packages/core/src/model/alert.ts'
import type { Decision } from '../../packages/core/src/model/decision.ts'
import type { EventInput } from '../../packages/core/src/model/event.ts'
import type { Store } from '../../packages/core/src/model/store.ts'
import { openSqliteStore } from '../../packages/core/src/stores/sqlite.ts'
import { makeCertificate } from '../../packages/core/src/testing/certificate.ts'
import { startSmtpServer, type ReceivedMail, type SmtpStandIn } from '../../packages/core/src/testing/smtp-server.ts'
import { startTwilioServer, type TwilioStandIn } from '../../packages/core/src/testing/twilio-server.ts'

/** The two channels that go over the line, as a configuration file names them. */
export const lines = `
  mail: { type: email, url: "\${SMTP_URL}", ca: "\${CA_FILE}", from: "Tocsin <tocsin@example.com>" }
  sms: { type: sms, accountSid: "\${TWILIO_SID}", authToken: "\${TWILIO_TOKEN}", from: "+15005550006", apiBase: "\${TWILIO_URL}", ca: "\${CA_FILE}" }`

/** Servers that keep what they receive, and a folder with a `tocsin.yaml` that names them by the environment. */
export interface Street {
  readonly folder: string
  readonly file: string
  readonly data: string
  readonly env: Readonly<Record<string, string>>
  readonly mail: SmtpStandIn
  readonly sms: TwilioStandIn
  /** Mails to `NAME@example.com`, oldest first. */
  mailsTo(name: string): readonly ReceivedMail[]
  /** Everything of the database as it lies on disk. */
  databaseBytes(): string
  close(): Promise<void>
}

export async function openStreet(yaml: string): Promise<Street> {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-end-to-end-'))
  const certificate = await makeCertificate()
  const ca = join(folder, 'ca.pem')
  writeFileSync(ca, certificate.ca)
  const file = join(folder, 'tocsin.yaml')
  writeFileSync(file, yaml)
  const data = join(folder, 'data')
  const [mail, sms] = await Promise.all([startSmtpServer({ certificate, login: { user: 'apikey', password: 'correct-horse-battery' } }), startTwilioServer({ certificate })])
  return {
    folder,
    file,
    data,
    mail,
    sms,
    env: { SMTP_URL: mail.url, CA_FILE: ca, TWILIO_SID: sms.accountSid, TWILIO_TOKEN: sms.authToken, TWILIO_URL: sms.apiBase },
    mailsTo: (name) => mail.mails.filter((one) => one.to.includes(`${name}@example.com`)),
    databaseBytes: () => readdirSync(data).map((name) => readFileSync(join(data, name), 'latin1')).join('\n'),
    async close() {
      await Promise.all([mail.close(), sms.close()])
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** An engine over such a street, driven by hand: nothing happens between two calls, and time is moved, not slept. */
export interface World extends Street {
  readonly engine: Engine
  readonly store: Store
  readonly clock: Clock
  /** What the engine had to say to the operator. */
  readonly notices: readonly string[]
  /** Commits these events, each with an id and a time of its own, and delivers all that is due then. */
  happen(...events: readonly SomeEvent[]): Promise<void>
  /** Ends this engine and starts another over the same database, with the file as it is then. */
  restart(yaml: string): Promise<void>
  /** Moves the clock and delivers all that has become due. */
  moveOn(ms: number): Promise<void>
  alertOf(rule: string): Promise<Alert>
  decisionsOf(rule: string): Promise<readonly Decision[]>
}

export type SomeEvent = Omit<EventInput, 'source'> & Partial<Pick<EventInput, 'source'>>

/**
 * @param startMs where the clock begins. @default now
 * @param moreEnv more for the file's `${NAME}`, made of what is there
 */
export async function openWorld(yaml: string, startMs?: number, moreEnv: (env: Street['env']) => Street['env'] = () => ({})): Promise<World> {
  const street = await openStreet(yaml)
  let aheadMs = startMs === undefined ? 0 : startMs - systemClock.nowMs()
  const clock: Clock = { ...systemClock, nowMs: () => systemClock.nowMs() + aheadMs }
  const notices: string[] = []
  const start = (): Pick<World, 'engine' | 'store'> => {
    const config = configurationFrom(street.file, [], { ...street.env, ...moreEnv(street.env) })
    const store = openSqliteStore({ file: join(street.data, 'tocsin.db'), clock, durability: 'full', notice: (text) => notices.push(text) })
    return { store, engine: createEngine({ config, store, clock, chance: systemChance, notice: (text) => notices.push(text) }) }
  }
  let { engine, store } = start()
  let count = 0
  const deliver = async (): Promise<void> => void (await engine.drain('all', 10_000))

  const alertOf = async (rule: string): Promise<Alert> => {
    const alert = (await store.read.alerts()).find((one) => one.rule === rule)
    if (alert === undefined) throw new Error(`no alert of ${rule}`)
    return alert
  }
  return {
    ...street,
    get engine() {
      return engine
    },
    get store() {
      return store
    },
    clock,
    notices,
    async happen(...events) {
      const { refused } = await engine.accept(events.map((event) => ({ source: 'native', id: `happened-${(count += 1)}`, atMs: clock.nowMs(), ...event })))
      if (refused[0] !== undefined) throw new Error(refused[0].why)
      await deliver()
    },
    async restart(changed) {
      await engine.close()
      writeFileSync(street.file, changed)
      ;({ engine, store } = start())
    },
    async moveOn(ms) {
      aheadMs += ms
      await deliver()
    },
    alertOf,
    decisionsOf: async (rule) => store.read.decisionsOf((await alertOf(rule)).id),
    async close() {
      await engine.close()
      await street.close()
    },
  }
}
