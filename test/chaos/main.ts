import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import pg from 'pg'
import { seededChance } from '../../packages/core/src/model/chance.ts'
import { sleep, systemClock } from '../../packages/core/src/model/clock.ts'
import { openPostgresStore } from '../../packages/core/src/stores/postgres.ts'
import { startServer, stopServer } from '../../packages/core/src/testing/postgres-server.ts'
import { startHook } from './hook.ts'
import { sendUntil } from './load.ts'
import { Node } from './nodes.ts'
import { judge } from './verdict.ts'

const usage = `npm run chaos -- [--seconds 120] [--nodes 4] [--seed N] [--skew-ms 5000] [--away-seconds 60] [--keep] [--json]

Several servers over one PostgreSQL 18 take events while they are killed with -9 at random and started again; some events are sent twice.
At the end all that was accepted must be on record once and told once.

  --seconds N  how long events are sent and servers killed, 5 to 3600
  --nodes N    servers, 2 to 8
  --seed N     of what is killed when, and what is sent twice
  --skew-ms N  every second server's clock is ahead by so much, 0 to 600000
  --away-seconds N  the database is stopped for so long in the middle, 0 to 600; meanwhile no server is killed
  --keep       leaves the database, and says where
  --json       prints one JSON object

Exit codes: 0 all held, 1 something did not, 2 wrong usage.`

const project = 'chaos'
const amountUsd = 5
const thresholds = [0.1, 0.25, 0.5, 0.75, 1]
const settleMs = 90_000
/** A node that was killed is down for so long at most. */
const backMs = 2_000

/** The command behind `npm run chaos`. */
async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: { seconds: { type: 'string', default: '120' }, nodes: { type: 'string', default: '4' }, seed: { type: 'string', default: '1' }, 'skew-ms': { type: 'string', default: '0' }, 'away-seconds': { type: 'string', default: '0' }, keep: { type: 'boolean' }, json: { type: 'boolean' }, help: { type: 'boolean' } } })
  if (values.help === true) return print(usage)
  const [seconds, count, seed] = [wholeIn(values.seconds, 5, 3_600, '--seconds'), wholeIn(values.nodes, 2, 8, '--nodes'), wholeIn(values.seed, 0, 1e9, '--seed')]
  const [skewMs, awaySeconds] = [wholeIn(values['skew-ms'], 0, 600_000, '--skew-ms'), wholeIn(values['away-seconds'], 0, 600, '--away-seconds')]
  const tell = (text: string): void => void process.stderr.write(`${text}\n`)
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-chaos-'))
  const hook = await startHook()
  // Whoever runs PostgreSQL has to get in.
  mkdirSync(join(folder, 'postgres'))
  chmodSync(folder, 0o755)
  const database = await startServer(join(folder, 'postgres'), undefined, [])
  tell(`PostgreSQL on port ${database.port}, files in ${folder}`)
  const config = join(folder, 'tocsin.yaml')
  writeFileSync(config, JSON.stringify(configuration(hook.url)))
  const nodes = Array.from({ length: count }, (_, index) => new Node(index + 1, ['--config', config, '--data', join(folder, `node-${index + 1}`), '--database-url', database.url], index % 2 === 1 ? skewMs : 0))
  const chance = seededChance(seed)
  let isAway = false
  const takeAway = async (): Promise<void> => {
    await sleep(systemClock, (seconds * 1_000) / 2)
    isAway = true
    // A node that was killed just before comes back first: none starts without its database.
    await sleep(systemClock, backMs)
    for (const node of nodes) while (node.url === '') await sleep(systemClock, 20)
    process.kill(database.pid, 'SIGINT')
    tell(`the database is away for ${awaySeconds} s`)
    await sleep(systemClock, awaySeconds * 1_000)
    await startServer(join(folder, 'postgres'), database.port, [])
    isAway = false
    tell('the database is back')
  }
  try {
    await nodes[0]?.start()
    const key = /tok_[\w-]{43}/.exec(nodes[0]?.output ?? '')?.[0]
    if (key === undefined) throw new Error(`expected the first node to print a key:\n${nodes[0]?.output ?? ''}`)
    await Promise.all(nodes.slice(1).map((node) => node.start()))
    tell(`${count} servers answer; sending and killing for ${seconds} s`)
    const endMs = systemClock.monotonicMs() + (seconds + awaySeconds) * 1_000
    const isOver = (): boolean => systemClock.monotonicMs() >= endMs
    const [sent] = await Promise.all([sendUntil(nodes, key, isOver, { senders: 6, seed, pauseMs: 60, awaySeconds }), killUntil(nodes, { isOver, isAway: () => isAway }, () => chance.next(), tell), awaySeconds > 0 && takeAway()])
    for (const node of nodes) if (node.url === '') await node.start()
    tell('sending and killing is over; waiting for what is under way')
    const pool = new pg.Pool({ connectionString: database.url, max: 6 })
    const store = await openPostgresStore({ pool, clock: systemClock })
    const giveUpMs = systemClock.monotonicMs() + settleMs
    while ((await store.read.waiting(project)).length > 0 && systemClock.monotonicMs() < giveUpMs) await sleep(systemClock, 500)
    const answers = await judge(sent, hook.arrivals, nodes, { store, pool, project, thresholds, amountNanoUsd: amountUsd * 1e9 })
    for (const node of nodes) await node.stop()
    await store.close()
    await pool.end()
    if (values.json === true) print(JSON.stringify({ seconds, nodes: count, seed, answers }, undefined, 2))
    else for (const { says, found, problems } of answers) print([`${problems.length === 0 ? 'held ' : 'BROKE'}  ${says.padEnd(44)} ${found}`, ...problems.map((problem) => `         ${problem}`)].join('\n'))
    return answers.every(({ problems }) => problems.length === 0) ? 0 : 1
  } finally {
    for (const node of nodes) await node.stop()
    await hook.close()
    if (values.keep === true) tell(`kept in ${folder}`)
    else {
      await stopServer(join(folder, 'postgres'))
      rmSync(folder, { recursive: true, force: true })
    }
  }
}

/** One node after the other, at random, with `kill -9`; each comes back within two seconds. At most all but one are down. */
async function killUntil(nodes: readonly Node[], { isOver, isAway }: { readonly isOver: () => boolean; readonly isAway: () => boolean }, chance: () => number, tell: (text: string) => void): Promise<void> {
  const back: Promise<void>[] = []
  while (!isOver()) {
    await sleep(systemClock, 1_000 + 3_000 * chance())
    const up = nodes.filter(({ url }) => url !== '')
    const node = up[Math.floor(chance() * up.length)]
    if (isOver() || isAway() || node === undefined || up.length < 2) continue
    await node.kill()
    tell(`killed server ${node.number}`)
    const downMs = backMs * chance()
    back.push(sleep(systemClock, downMs).then(() => node.start()))
  }
  await Promise.all(back)
}

function configuration(hookUrl: string): object {
  return {
    project,
    channels: { hook: { type: 'webhook', url: hookUrl, secret: `whsec_${Buffer.from('a secret of thirty-two bytes long').toString('base64')}`, allowInsecure: true } },
    people: { dana: { role: 'admin', email: 'dana@example.com' } },
    routes: [{ to: ['dana'], via: ['hook'] }],
    budgets: { month: { amountUsd, period: 'month', thresholds, forecast: false } },
    rules: { 'spend-velocity': false, 'spend-anomaly': false, 'run-away': false, 'call-repeated': false, 'price-unknown': false },
    detection: { wait: '0s' },
    limits: false,
    storm: false,
    delivery: { leaseMs: 4_000, retryMs: 50, retryMaxMs: 500 },
  }
}

function wholeIn(text: string, min: number, max: number, name: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < min || value > max) throw new RangeError(`${name}: expected a whole number from ${min} to ${max}, found "${text}"`)
  return value
}

function print(text: string): 0 {
  process.stdout.write(`${text}\n`)
  return 0
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (failure) {
  process.stderr.write(`${failure instanceof Error ? failure.message : String(failure)}\n`)
  process.exitCode = failure instanceof RangeError ? 2 : 1
}
