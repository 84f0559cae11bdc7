import { execFileSync, spawn } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { sleep, systemClock } from '../../packages/core/src/model/clock.ts'
import type { DeliveryRecord } from '../../packages/core/src/model/reader.ts'
import type { Store } from '../../packages/core/src/model/store.ts'
import { openSqliteStore } from '../../packages/core/src/stores/sqlite.ts'
import { tryClearText } from './clear-text.ts'
import { checks, secretsOut, toldTwice } from './expectations.ts'
import { toldWithin, whyNotTold } from './outage.ts'
import { Timeline } from './timeline.ts'
import { Watch } from './watch.ts'
import { openWorld, type World } from './world.ts'

const root = join(import.meta.dirname, '../..')
const built = join(root, 'node_modules/.cache/tocsin-demo')
/** What Node has read once it need not read again for the next agent. */
const compiled = join(root, 'node_modules/.cache/tocsin-demo-compiled')
const command = join(root, 'packages/core/src/commands/main.ts')
/** The whole demo ends by itself after this, milliseconds. */
const longestMs = 30_000
/** Twice the window of `model-outage` in tocsin.yaml, and a moment: before that no outage is over. */
const outageLeastMs = 4_200
/** `after` of `session-lost` there, and a moment. */
const lostAfterMs = 3_200

const keep = process.argv.includes('--keep')
const world = await openWorld()
// To see the demo notice what is missing: the mail server takes nothing.
if (process.argv.includes('--refuse-mail')) world.mail.fail(...Array.from({ length: 1_000 }, () => ({ at: 'recipient', act: { reply: '550 5.1.1 nobody here' } }) as const))
const timeline = new Timeline((line) => process.stdout.write(`${line}\n`), systemClock)
const names = new Map([['dana@example.com', 'dana'], ['+8613800138000', 'dana'], ['lee@example.com', 'lee'], ['bo@example.com', 'bo'], ['mei@example.com', 'mei'], ['danas-telephone-in-the-demo', 'dana'], ['lees-telephone-in-the-demo', 'lee']])
const watch = new Watch(world, names)
const giveUp = systemClock.after(longestMs, () => {
  process.stderr.write(`The demo took longer than ${longestMs / 1_000} s and was ended.\n`)
  process.exit(1)
})

timeline.title('Tocsin demo: local model, mail, SMS, push, webhook; nothing leaves this machine')
// Decorators are not yet part of the language that Node reads: the agents are compiled as any TypeScript program is.
execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', join(root, 'examples/demo')], { stdio: 'inherit' })

let store: Store | undefined
let watching = true
let looking = Promise.resolve()
const watcher = (async () => {
  while (watching) {
    store ??= openWhenThere(world)
    if (store !== undefined) watch.read = store.read
    await look()
    await sleep(systemClock, 100)
  }
})()

timeline.note('metered-bots', 'report three days of OpenTelemetry spans')
timeline.note('night-report', 'is a script with a NotificationManager, no client')
await Promise.all([run('metered-bots'), run('night-report')])
timeline.note('refund-bot', 'uses the real openai client')
timeline.note('support-bot', 'asks the same thing twelve times')
await Promise.all([run('refund-bot'), run('support-bot')])
timeline.note('ticket-bot', 'answers 20 tickets while the provider is down')
world.goDown(true)
await run('ticket-bot')
const downUntilMs = systemClock.nowMs() + outageLeastMs
if (store !== undefined) timeline.add([{ kind: 'told', verdict: 'merged', channel: '', person: '', text: await toldWithin(store.read) }])
const why = await whyNotTold('ticket-7', world.data)
timeline.note('explain', `ticket-7: ${why}`)
timeline.note('triage-bot', 'is a class with decorators, nothing else')
timeline.note('faq-bot', 'asks four things, and every answer is odd')
await Promise.all([run('triage-bot'), run('faq-bot')])
const killed = await run('crash-bot')
const lostAtMs = systemClock.nowMs() + lostAfterMs
timeline.note('crash-bot', killed === 'SIGKILL' ? 'killed with kill -9, right after flush()' : `ended with ${killed}`)
await sleep(systemClock, Math.max(0, downUntilMs - systemClock.nowMs()))
timeline.note('ticket-bot', 'answers the 20 tickets; the provider is back')
world.goDown(false)
await run('ticket-bot', 'again')
await sleep(systemClock, Math.max(0, lostAtMs - systemClock.nowMs()))
timeline.note('tocsin drain', 'sends what the others left')
await drain()
watching = false
await watcher
const inClear = await tryClearText(world)
await look()
timeline.add(await watch.heldInAll())
timeline.note('without TLS', `${inClear.refusals.map(({ channel }) => channel).join(', ')}: refused, nothing was sent`)

const ended = await report(world)
await store?.close()
giveUp()
await world.close(keep ? 'keep' : 'remove')
if (keep) {
  for (const [index, mail] of world.mail.mails.entries()) writeFileSync(join(world.folder, `mail-${index + 1}.eml`), mail.raw)
  for (const [index, text] of world.sms.messages.entries()) writeFileSync(join(world.folder, `sms-${index + 1}.txt`), `To: ${text.to}\n\n${text.body}\n`)
}
if (keep) process.stdout.write(`Kept in ${world.folder}\nWhy not Bo?  npx tocsin explain alt_${ended.refused} --data ${world.data}\n`)
process.exitCode = ended.ok ? 0 : 1

function openWhenThere({ data }: World): Store | undefined {
  const file = join(data, 'tocsin.db')
  return existsSync(file) ? openSqliteStore({ file, clock: systemClock, durability: 'full' }) : undefined
}

/** Prints what is new; one look at a time, so that each thing is printed once. */
function look(): Promise<void> {
  looking = looking.then(async () => timeline.add(await watch.news()))
  return looking
}

/** Runs an agent as a process of its own; returns the signal that ended it, or how it ended otherwise. */
async function run(agent: string, ...args: readonly string[]): Promise<string> {
  const how = await start([join(built, `${agent}.js`), ...args])
  await look()
  return how
}

/** Drains until nothing waits but what is held on purpose; the lease of the killed process has to run out first. */
async function drain(): Promise<void> {
  for (let round = 0; round < 8; round += 1) {
    // A digest is due soon: one process that sends all is less work than one now and one then.
    const dueMs = Math.max(0, ...(await left()).map((delivery) => delivery.dueMs))
    await sleep(systemClock, Math.min(3_000, Math.max(round === 0 ? 0 : 500, dueMs - systemClock.nowMs())))
    await start([command, 'drain', '--config', world.env['DEMO_CONFIG'] ?? '', '--data', world.data])
    if ((await left()).length === 0 && (await isLostFound())) return
  }
}

/** Whoever gave no sign is looked at once more before it is told as lost: the machine may have slept. */
async function isLostFound(): Promise<boolean> {
  return (await store?.read.alerts({ limit: 1_000 }))?.some(({ rule }) => rule === 'session-lost') === true
}

/** What waits, and not on purpose: Mei has her quiet hours. */
async function left(): Promise<readonly DeliveryRecord[]> {
  return ((await store?.read.deliveries({ limit: 1_000 })) ?? []).filter((delivery) => delivery.state !== 'done' && delivery.person !== 'mei')
}

function start(args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--conditions=tocsin-source', ...args], { cwd: root, env: { ...process.env, ...world.env, CI: '', NODE_COMPILE_CACHE: compiled }, stdio: ['ignore', 'ignore', 'pipe'] })
    let complaints = ''
    child.stderr.on('data', (chunk: Buffer) => {
      complaints += chunk.toString()
    })
    child.on('error', reject)
    child.on('exit', (code, signal) => {
      if (code !== 0 && signal === null) timeline.title(`${args[0]} failed: ${complaints}`)
      resolve(signal ?? `code ${code}`)
    })
  })
}

async function report({ mail, sms, push, hook }: World): Promise<{ readonly ok: boolean; readonly refused: number }> {
  if (store === undefined) throw new Error('no agent made a database')
  const results = await checks(world, store.read, { inClear, why })
  const missing = results.filter((check) => !check.ok)
  const secrets = secretsOut(world)
  const twice = await toldTwice(world, store.read)
  const { alerts, events } = await store.read.counts()
  timeline.title('')
  for (const { what, ok } of results) timeline.title(`  ${ok ? 'ok     ' : 'MISSING'} ${what}`)
  timeline.title('')
  timeline.title(`${events} events -> ${alerts} alerts -> ${mail.mails.length + sms.messages.length + push.messages.length + hook.received.length} messages: ${mail.mails.length} e-mail, ${sms.messages.length} SMS, ${push.messages.length} push, ${hook.received.length} webhook`)
  timeline.title(`${missing.length} missing, ${twice} told twice, ${secrets} secrets out; ${timeline.seconds} s`)
  const all = await store.read.alerts({ limit: 100 })
  const refused = await firstRefused(all.map((alert) => alert.id))
  return { ok: missing.length === 0 && twice === 0 && secrets === 0, refused }
}

/** The alert that Bo was not told about. */
async function firstRefused(ids: readonly number[]): Promise<number> {
  for (const id of ids.toReversed()) {
    if ((await store?.read.decisionsOf(id))?.some((decision) => decision.reason === 'refused.role') === true) return id
  }
  return 0
}
