import { callHttp, errorText, networksOf, sleep, type Clock, type Config, type Store } from 'tocsin/engine'
import type { Projects } from '../projects/projects.ts'

type HeartbeatConfig = NonNullable<Config['heartbeat']>

export interface HeartbeatParts {
  readonly store: Store
  readonly projects: Projects
  readonly clock: Clock
  /** One sentence for the operator. */
  readonly notice: (text: string) => void
}

/** What is kept in the store: shared by all servers. */
interface Beat {
  /** When one of them last took it upon itself to call. */
  readonly atMs: number
  /** Calls in a row that failed. */
  readonly failures: number
}

/** When it was sent last, and how often in a row it failed. */
export async function lastBeat(store: Store, project: string): Promise<Beat> {
  return readBeat((await store.transaction((tx) => tx.ruleStates([{ project, ...key }]), { project }))[0])
}

const key = { rule: 'heartbeat', key: 'last' } as const
/** How often it looks whether the configuration asks for a heartbeat by now, and at most whether it is time for one, milliseconds. */
const lookMs = 5_000
/** What failed is tried again after so long at most, milliseconds. */
const retryMs = 30_000
/** Calls in a row that failed after which the admins are told: one or two are the network's. */
const toldAfter = 3
const timeoutMs = 10_000

/**
 * The dead man's switch: an address outside is called as long as this installation does its work, so that its silence means trouble. Who
 * calls is decided in a transaction of the store: of many servers one does each time, any of them the next time, and when the store cannot
 * be written nobody does. Nor where something is due and has waited for longer than `late`.
 *
 * What is held by `tocsin pause` is not late: somebody wants it so.
 */
export function startHeartbeat(parts: HeartbeatParts): { stop(): Promise<void> } {
  const { store, projects, clock, notice } = parts
  const stopping = new AbortController()
  let trouble = ''
  const running = run()
  return {
    async stop() {
      stopping.abort()
      await running
    },
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      const config = projects.get(projects.fileProject)?.config.heartbeat
      const waitMs = config === undefined ? lookMs : await beat(config).catch((failure: unknown) => tell(`the heartbeat is not sent, because the store cannot be written: ${errorText(failure)}`))
      await sleep(clock, Math.min(lookMs, waitMs), stopping.signal)
    }
  }

  /** @returns when to look again, milliseconds from now */
  async function beat(config: HeartbeatConfig): Promise<number> {
    const project = projects.fileProject
    const taken = await store.transaction(async (tx) => {
      const nowMs = clock.nowMs()
      const last = readBeat((await tx.ruleStates([{ project, ...key }]))[0])
      // A clock that was set back must not silence it.
      const leftMs = last.atMs > nowMs + config.every ? 0 : last.atMs + config.every - nowMs
      if (leftMs > 0) return { leftMs }
      await tx.putRuleStates([{ project, ...key, value: JSON.stringify({ ...last, atMs: nowMs }), atMs: nowMs }])
      return { leftMs: 0, failures: last.failures }
    }, { project })
    if (taken.failures === undefined) return taken.leftMs
    const late = await lateProject(config.late)
    if (late !== undefined) return tell(`the heartbeat is not sent, because deliveries of project ${late} are stuck: something has been due for longer than ${config.late / 1_000} s`)
    const cause = await call(config)
    if (stopping.signal.aborted) return config.every
    if (cause === undefined) {
      if (taken.failures > 0 || trouble !== '') notice('the heartbeat is sent again')
      trouble = ''
      if (taken.failures > 0) await keep({ atMs: clock.nowMs(), failures: 0 })
      return config.every
    }
    await failed(config, cause, taken.failures + 1)
    return Math.min(config.every, retryMs)
  }

  async function failed(config: HeartbeatConfig, cause: string, failures: number): Promise<void> {
    const againMs = Math.min(config.every, retryMs)
    await keep({ atMs: clock.nowMs() - config.every + againMs, failures })
    if (failures < toldAfter) return
    const { host } = new URL(config.url)
    tell(`the heartbeat to ${host} failed ${failures} times: ${cause}`, `failed ${cause}`)
    projects.get(projects.fileProject)?.engine.report({ type: 'tocsin.heartbeat-failed', source: 'engine', detail: { host, cause, count: String(failures) } })
  }

  function keep(beatNow: Beat): Promise<void> {
    const project = projects.fileProject
    return store.transaction((tx) => tx.putRuleStates([{ project, ...key, value: JSON.stringify(beatNow), atMs: clock.nowMs() }]), { project })
  }

  async function lateProject(lateMs: number): Promise<string | undefined> {
    for (const name of projects.names()) {
      const channels = projects.get(name)?.engine.channels.map((channel) => channel.name) ?? []
      const dueMs = await store.read.nextDueMs(name, channels, [])
      if (dueMs === undefined || clock.nowMs() - dueMs <= lateMs) continue
      const isHeld = (await store.transaction((tx) => tx.hold(name), { project: name })) !== undefined
      if (!isHeld) return name
    }
    return undefined
  }

  /** @returns why it did not arrive; nothing where it did */
  async function call({ url, method, allowInsecure, allowNetworks }: HeartbeatConfig): Promise<string | undefined> {
    const via = { trust: 'user-supplied', allowInsecure, networks: networksOf(allowNetworks) } as const
    const result = await callHttp({ method, url: new URL(url), headers: {}, via, timeoutMs }, { signal: stopping.signal, clock })
    if (result.kind === 'failed') return result.cause === 'refused' ? result.detail : `${result.cause} (${result.code})`
    return result.status >= 200 && result.status < 300 ? undefined : `it answered ${result.status}`
  }

  /** Once for each trouble. */
  function tell(text: string, what = text): number {
    if (trouble !== what) notice(text)
    trouble = what
    return lookMs
  }
}

function readBeat(value: string | undefined): Beat {
  return value === undefined ? { atMs: 0, failures: 0 } : (JSON.parse(value) as Beat) // as written above
}
