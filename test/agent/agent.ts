import { writeSync } from 'node:fs'
import { init, type Client, type InitInput, type InitOptions } from '../../packages/core/src/index.ts'
import { sleep, systemClock } from '../../packages/core/src/model/clock.ts'

/**
 * Agents of the tests in this folder, one for each way in which a program uses the client and ends. What a test wants to
 * know is printed as one JSON line each.
 */
export interface AgentOrder {
  readonly scenario: keyof typeof scenarios
  readonly data: string
  readonly config?: InitInput
  readonly options?: InitOptions
  readonly count?: number
  /** Address of a model provider. */
  readonly provider?: string
}

const order = JSON.parse(process.argv[2] ?? '{}') as AgentOrder // The tests write it.
const say = (value: unknown): void => void writeSync(1, `${JSON.stringify(value)}\n`)
const start = (config: unknown = order.config): Client => {
  // A program in JavaScript may hand over anything.
  const tocsin = init(config as InitInput | undefined, { data: order.data, ...order.options })
  return tocsin
}
const codeOf = (thrown: unknown): string => (thrown instanceof Error && 'code' in thrown ? String(thrown.code) : String(thrown))
const settled = (work: Promise<unknown>): Promise<string> => work.then(() => 'fine', codeOf)
const critical = (tocsin: Client, title = 'the till is empty'): void => tocsin.notify({ title, severity: 'critical' })

/** Uses everything that may not throw into the agent. */
function useAll(tocsin: Client): void {
  tocsin.notify({ title: 'hello', severity: 'high' })
  tocsin.session('work', (session) => tocsin.operation('step', () => session.end('fail', 'no luck')))
  tocsin.startSession('more')
  tocsin.endSession('success')
  tocsin.observe({ nothing: 'known' })
  tocsin.tool('search', (query: string) => query, 'x')
}

const scenarios = {
  async wrong() {
    const before = performance.now()
    const tocsin = start()
    const initMs = performance.now() - before
    useAll(tocsin)
    const flushed = await settled(tocsin.flush())
    useAll(tocsin)
    say({ initMs, flushed, again: await settled(tocsin.flush()), sent: await settled(tocsin.notifications.sendEmail('dana@example.com', 'a', 'b')), closed: await settled(tocsin.close()) })
  },
  async wrongUnawaited() {
    useAll(start())
    await sleep(systemClock, 500)
    say('went on')
  },
  async functionInConfig() {
    const tocsin = start({ people: { dana: { role: 'admin', email: () => 'dana@example.com' } } })
    useAll(tocsin)
    say({ flushed: await settled(tocsin.flush()), closed: await settled(tocsin.close()) })
  },
  async cyclicConfig() {
    const config: Record<string, unknown> = {}
    config['channels'] = { self: config }
    const tocsin = start(config)
    useAll(tocsin)
    say({ flushed: await settled(tocsin.flush(8_000)), closed: await settled(tocsin.close()) })
  },
  async throwingConfig() {
    const tocsin = start({
      get people() {
        throw new Error('not today')
      },
    })
    useAll(tocsin)
    say({ flushed: await settled(tocsin.flush()), closed: await settled(tocsin.close()) })
  },
  async flush() {
    const tocsin = start()
    for (let number = 0; number < (order.count ?? 1); number += 1) tocsin.notify({ title: `number ${number}`, severity: 'high' })
    say(await settled(tocsin.flush()))
    process.kill(process.pid, 'SIGKILL')
  },
  /** Flushes while somebody else holds the database, and again when it is free. */
  async flushLocked() {
    const tocsin = start()
    await tocsin.flush()
    say('ready')
    await new Promise((resolve) => process.stdin.once('data', resolve))
    for (let number = 0; number < (order.count ?? 1); number += 1) tocsin.notify({ title: `number ${number}`, severity: 'high' })
    say(await settled(tocsin.flush(500)))
    await new Promise((resolve) => process.stdin.once('data', resolve))
    process.stdin.destroy()
    say(await settled(tocsin.flush(30_000)))
    say(await tocsin.close(0))
  },
  /** Records far more than the buffer holds while nothing can be committed. */
  async overflow() {
    const tocsin = start()
    await tocsin.flush()
    say('ready')
    await new Promise((resolve) => process.stdin.once('data', resolve))
    tocsin.notify({ title: 'kept whatever comes', severity: 'critical' })
    const rssBefore = process.memoryUsage().rss
    for (let number = 0; number < (order.count ?? 200_000); number += 1) {
      tocsin.notify({ title: `calm ${number} ${'x'.repeat(200)}`, severity: 'info' })
      if (number % 5_000 === 0) await sleep(systemClock, 1)
    }
    say({ grownMb: (process.memoryUsage().rss - rssBefore) / 1_000_000 })
    await new Promise((resolve) => process.stdin.once('data', resolve))
    process.stdin.destroy()
    say(await settled(tocsin.flush(30_000)))
    await sleep(systemClock, 100)
    say(await settled(tocsin.flush(30_000)))
    say(await tocsin.close(5_000))
  },
  fallsOff() {
    const tocsin = start()
    tocsin.notify({ title: 'all is well', severity: 'info' })
    critical(tocsin)
  },
  exits() {
    critical(start())
    process.exit(0)
  },
  throws() {
    critical(start())
    throw new Error('the agent fell over')
  },
  async settlesFirst() {
    const tocsin = start()
    await tocsin.flush()
    tocsin.notify({ title: 'all is well', severity: 'info' })
    critical(tocsin)
    process.exit(3)
  },
  idle() {
    start()
    say(performance.now())
  },
  async idleReady() {
    await start().flush()
  },
  async listeners() {
    const count = (): Record<string, number> => Object.fromEntries(['exit', 'beforeExit', 'SIGTERM', 'SIGINT', 'SIGHUP', 'uncaughtException', 'unhandledRejection', 'warning'].map((name) => [name, process.listenerCount(name)]))
    const before = count()
    const open = start()
    const during = count()
    await open.close(0)
    for (let round = 0; round < 3; round += 1) {
      const tocsin = start()
      tocsin.notify({ title: `round ${round}` })
      await tocsin.close(0)
    }
    const many = Array.from({ length: 12 }, () => start())
    const crowded = count()
    await Promise.all(many.map((one) => one.close(0)))
    say({ before, during, crowded, after: count() })
  },
  async lives() {
    const tocsin = start()
    await tocsin.flush()
    for (let number = 0; ; number += 1) {
      tocsin.notify({ title: `number ${number}`, severity: 'high' })
      say(number)
      await sleep(systemClock, 5)
    }
  },
  /** Values that no type allows, at every door. */
  async badValues() {
    const tocsin = start()
    const bad = (tags: unknown): void => tocsin.notify({ title: 'bad tags', tags: tags as Record<string, string> })
    bad({ callback: () => undefined })
    bad({ symbol: Symbol('no') })
    bad({
      get trap() {
        throw new Error('a trap')
      },
    })
    bad('no object')
    bad(null)
    tocsin.notify(null as unknown as { title: string })
    tocsin.notify({ title: 7 as unknown as string, to: 5 as unknown as string[] })
    const cyclic: Record<string, unknown> = { name: 'ring' }
    cyclic['self'] = cyclic
    const configuration = {
      cyclic,
      huge: 'y'.repeat(10_000_000),
      get trap() {
        throw new Error('a trap')
      },
      fine: 'kept',
    }
    const trapTags = {
      get trap(): string {
        throw new Error('a trap')
      },
      team: 'support',
    }
    tocsin.session('traps', () => undefined, { id: 'trapped', tags: trapTags, configuration })
    tocsin.session('hooks', () => undefined, { id: 'hooked', tags: { callback: (() => 1) as unknown as string }, agent: (() => 1) as unknown as string })
    tocsin.session(Symbol('name') as unknown as string, () => undefined, { id: 42 as unknown as string })
    tocsin.session('none', () => undefined, null as unknown as undefined)
    tocsin.session('z'.repeat(10_000_000), () => undefined, { id: 'huge', tags: { huge: 'z'.repeat(10_000_000) }, user: 'z'.repeat(10_000_000) })
    tocsin.notify({ title: 'huge', body: 'b'.repeat(10_000_000) })
    tocsin.tool('ring', (value: unknown) => value, cyclic)
    tocsin.tool('huge', (value: unknown) => value, 'h'.repeat(10_000_000))
    tocsin.operation((() => 'x') as unknown as string, () => undefined)
    const hostile = new Proxy({}, { get: () => { throw new Error('a trap') }, has: () => { throw new Error('a trap') } })
    say(tocsin.observe(hostile) === hostile)
    tocsin.notify({ title: 'the last one', severity: 'high' })
    const flushed = await settled(tocsin.flush())
    tocsin.notify({ title: 'after', severity: 'high' })
    say({ flushed, again: await settled(tocsin.flush()), email: await settled(tocsin.notifications.sendEmail('dana@example.com', 'a', 'b')), send: await settled(tocsin.notifications.send({ channel: 'nowhere', title: 'x' })), big: await settled(tocsin.notifications.send({ channel: 'news', title: 'big', body: 'b'.repeat(10_000_000) })) })
    say({ closed: await settled(tocsin.close(0)) })
  },
  async clockJumps() {
    const real = Date.now.bind(Date)
    const tocsin = start()
    for (const offsetMs of [0, -3_600_000, 86_400_000, -86_400_000, Number.NaN]) {
      Date.now = () => real() + offsetMs
      tocsin.session(`offset ${offsetMs}`, () => undefined, { id: `offset ${offsetMs}` })
    }
    Date.now = real
    say({ flushed: await settled(tocsin.flush()) })
    await tocsin.close(0)
  },
  async brokenNotice() {
    const tocsin = init({ channels: { nowhere: { type: 'pigeon' } } }, {
      data: order.data,
      onNotice: () => {
        throw new Error('the logger is broken')
      },
    })
    say(await settled(tocsin.flush()))
    await sleep(systemClock, 200)
    say('went on')
  },
  async closedStderr() {
    const tocsin = start({ channels: { nowhere: { type: 'pigeon' } } })
    say(await settled(tocsin.flush()))
    await sleep(systemClock, 300)
    say('went on')
  },
  /** Records all the while; something else crashes the engine's thread. */
  async recordsThroughCrashes() {
    const tocsin = start()
    const count = order.count ?? 50
    for (let number = 0; number < count; number += 1) {
      tocsin.session(`number ${number}`, () => undefined, { id: `number-${number}` })
      await sleep(systemClock, 20)
    }
    say(await settled(tocsin.flush(30_000)))
    say(await tocsin.close(3_000))
  },
  async crashedAtExit() {
    const tocsin = start()
    await tocsin.flush()
    await sleep(systemClock, 1_000)
    critical(tocsin)
    process.exit(0)
  },
  async twoClients() {
    const first = start()
    const second = start()
    first.notify({ title: 'by the first', severity: 'high' })
    second.notify({ title: 'by the second', severity: 'high' })
    await Promise.all([first.flush(), second.flush()])
    await first.close(3_000)
    second.notify({ title: 'by the second alone', severity: 'high' })
    critical(second)
  },
  /** Calls a model through the real client, so often. */
  async spends() {
    const { OpenAI } = await import('openai')
    const tocsin = start()
    const openai = tocsin.observe(new OpenAI({ baseURL: order.provider, apiKey: 'test', maxRetries: 0 }))
    for (let call = 0; call < (order.count ?? 1); call += 1) await openai.chat.completions.create({ model: 'dear', messages: [{ role: 'user', content: 'hi' }] })
    await tocsin.flush()
    say(await tocsin.close(3_000))
  },
  async tells() {
    const tocsin = start()
    for (let number = 0; number < (order.count ?? 1); number += 1) tocsin.notify({ title: `number ${number} of ${process.pid}`, severity: 'high' })
    await tocsin.flush()
    say(await tocsin.close(2_000))
  },
  /** A session that is under way until the process is killed. */
  async worksOn() {
    const tocsin = start()
    tocsin.startSession('long work')
    await tocsin.flush()
    say('works')
    await sleep(systemClock, 60_000)
  },
  async livesAWhile() {
    const tocsin = start()
    await tocsin.flush()
    await sleep(systemClock, 3_000)
    say(await tocsin.close(3_000))
  },
  /** Goes on while its disk is full, until the test has made room. */
  async fullDisk() {
    const tocsin = start()
    await tocsin.flush()
    say('ready')
    const count = order.count ?? 1_000
    for (let number = 0; number < count; number += 1) tocsin.notify({ title: `number ${number}`, body: 'x'.repeat(1_500), severity: 'info' })
    say(await settled(tocsin.flush(5_000)))
    await new Promise((resolve) => process.stdin.once('data', resolve))
    process.stdin.destroy()
    say(await settled(tocsin.flush(30_000)))
    say(await tocsin.close(0))
  },
  async recordsWhileClosing() {
    const tocsin = start()
    await tocsin.flush()
    tocsin.notify({ title: 'before', severity: 'high' })
    const closing = tocsin.close(0)
    const again = tocsin.close(0)
    for (let number = 0; number < 20; number += 1) {
      tocsin.notify({ title: `while closing ${number}`, severity: 'high' })
      await Promise.resolve()
    }
    say([await closing, await again])
  },
} as const

await scenarios[order.scenario]()
