import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { Clock, OpenChannel, Outcome, Store } from 'tocsin/engine'
import type { Intake, IntakeCounts } from '../intake/intake.ts'
import type { Projects } from '../projects/projects.ts'

/** What the server measures of itself, in the text format of Prometheus. Names end in their unit. */
export interface Metrics {
  /** Everything as of now. */
  text(): Promise<string>
  readonly contentType: string
  /** A request was answered: its route as it is declared, never its address. */
  answered(method: string, route: string, status: number, tookMs: number): void
  /** A connection was ended because there were as many as may be. */
  readonly endedConnection: (why: 'displaced' | 'refused') => void
  /** The channel as it is, with what becomes of its sends counted. */
  watch(project: string, open: OpenChannel, clock: Clock): OpenChannel
}

const secondsBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

/** Of these counts of the intake, by the name of their metric. */
const intakeNames: Readonly<Record<keyof IntakeCounts, string>> = {
  requests: 'Requests that brought events',
  refusedBusy: 'Requests refused because too much was under way',
  refusedMalformed: 'Requests refused because their body could not be read',
  spans: 'Spans received',
  spansOther: 'Spans about neither agents nor models',
  spansRejected: 'Spans refused',
  logs: 'Log records received',
  logsOther: 'Log records about neither agents nor models',
  logsUnused: 'Log records of known programs that tell nothing new',
  logsRejected: 'Log records refused',
  points: 'Data points of metrics received',
  pointsOther: 'Data points of metrics that nobody reads',
  pointsTold: 'Data points whose calls log records or spans have told already',
  pointsCumulative: 'Data points that were not used because they are cumulative',
  pointsWithoutSession: 'Data points that were not used because they name no session',
  pointsWithoutCost: 'Data points with tokens that were not used because what they cost came apart from them',
  pointsRejected: 'Data points refused',
  events: 'Events, sent as such or made of spans and log records',
  eventsRefused: 'Events refused',
}

/** @param parts what is looked at whenever somebody reads */
export function createMetrics(parts: { readonly intake: Intake; readonly store: Store; readonly projects: () => Projects; readonly clock: Clock; readonly version: string }): Metrics {
  const { intake, store, clock } = parts
  const register = new Registry()
  const registers = [register]
  collectDefaultMetrics({ register, prefix: 'tocsin_' })
  // Gauges with the name of a counter, which Prometheus' own check refuses; the gauges of the same names without it tell as much, by kind.
  for (const what of ['handles', 'requests', 'resources']) register.removeSingleMetric(`tocsin_nodejs_active_${what}_total`)
  new Gauge({ name: 'tocsin_build_info', help: 'Version of the server', labelNames: ['version'], registers }).set({ version: parts.version }, 1)

  for (const [count, help] of Object.entries(intakeNames)) {
    const total = new Counter({
      name: `tocsin_intake_${count.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}_total`, help, registers,
      collect() {
        // Reason for the cast: the names are those of the counts.
        const now = intake.counts[count as keyof IntakeCounts]
        total.reset()
        total.inc(now)
      },
    })
  }
  const underWay = new Gauge({
    name: 'tocsin_intake_under_way', help: 'Requests that bring events and have no answer yet, and the bytes of their bodies', labelNames: ['what'], registers,
    collect() {
      const { requests, bytes } = intake.underWay
      underWay.set({ what: 'requests' }, requests)
      underWay.set({ what: 'bytes' }, bytes)
    },
  })
  const waiting = new Gauge({
    name: 'tocsin_deliveries_waiting', help: 'Deliveries that are not done', labelNames: ['project', 'channel', 'priority'], registers,
    async collect() {
      waiting.reset()
      for (const project of parts.projects().names()) {
        for (const { channel, priority, count } of await store.read.waiting(project)) waiting.set({ project, channel, priority }, count)
      }
    },
  })
  const late = new Gauge({
    name: 'tocsin_due_late_seconds', help: 'For how long the oldest that is due has waited; 0 where nothing is due', labelNames: ['project'], registers,
    async collect() {
      late.reset()
      for (const project of parts.projects().names()) {
        const channels = parts.projects().get(project)?.engine.channels.map(({ name }) => name) ?? []
        const dueMs = await store.read.nextDueMs(project, channels, [])
        late.set({ project }, dueMs === undefined ? 0 : Math.max(0, clock.nowMs() - dueMs) / 1_000)
      }
    },
  })
  const paused = new Gauge({
    name: 'tocsin_channels_paused', help: '1 where a channel is paused because it is wrongly set up or only fails', labelNames: ['project', 'channel', 'why'], registers,
    async collect() {
      paused.reset()
      for (const project of parts.projects().names()) {
        const pauses = await store.transaction((tx) => tx.pauses(project), { project })
        for (const { channel, why } of pauses) paused.set({ project, channel, why }, 1)
      }
    },
  })
  const requests = new Histogram({ name: 'tocsin_http_request_seconds', help: 'Time from the first byte of a request to the end of its answer', labelNames: ['method', 'route', 'status'], buckets: secondsBuckets, registers })
  const ended = new Counter({ name: 'tocsin_connections_ended_total', help: 'Connections ended because there were as many as may be: the one that was silent for longest, or the newcomer where all were being answered', labelNames: ['why'], registers })
  const sends = new Counter({ name: 'tocsin_sends_total', help: 'Attempts to send, by what became of them', labelNames: ['project', 'channel', 'outcome'], registers })
  const sendSeconds = new Histogram({ name: 'tocsin_send_seconds', help: 'Time that a provider took to answer', labelNames: ['project', 'channel'], buckets: secondsBuckets, registers })

  return {
    text: () => register.metrics(),
    contentType: register.contentType,
    answered: (method, route, status, tookMs) => requests.observe({ method, route, status: String(status) }, tookMs / 1_000),
    endedConnection: (why) => ended.inc({ why }),
    watch: (project, open, timing) => watched(open, timing, (outcome, tookMs) => {
      sends.inc({ project, channel: open.name, outcome: outcome.kind })
      sendSeconds.observe({ project, channel: open.name }, tookMs / 1_000)
    }),
  }
}

/** A channel whose sends are told of; all else is its own. */
function watched(open: OpenChannel, clock: Clock, tell: (outcome: Outcome, tookMs: number) => void): OpenChannel {
  const { channel } = open
  const watching: typeof channel = {
    async send(...given) {
      const sinceMs = clock.monotonicMs()
      const outcome = await channel.send(...given)
      tell(outcome, clock.monotonicMs() - sinceMs)
      return outcome
    },
    ...(channel.find !== undefined && { find: (...given) => channel.find?.(...given) ?? Promise.resolve('unknown') }),
    ...(channel.receive !== undefined && { receive: (...given) => channel.receive?.(...given) ?? [] }),
    ...(channel.close !== undefined && { close: async () => channel.close?.() }),
  }
  return { ...open, channel: watching }
}
