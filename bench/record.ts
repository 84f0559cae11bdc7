import { SpanKind, type Tracer } from '@opentelemetry/api'
import { BasicTracerProvider, BatchSpanProcessor, type SpanExporter } from '@opentelemetry/sdk-trace-base'
import { systemChance } from '../packages/core/src/model/chance.ts'
import { systemClock, type Clock } from '../packages/core/src/model/clock.ts'
import type { LlmCall } from '../packages/core/src/model/event.ts'
import { runInScope, type Scope } from '../packages/core/src/observe/context.ts'
import { ModelCall, type ModelCallStart } from '../packages/core/src/observe/model-call.ts'
import { Observation } from '../packages/core/src/observe/observation.ts'
import { EngineThread } from '../packages/core/src/thread.ts'
import { intoEngine } from '../packages/core/src/way-out.ts'
import type { Benchmark } from './figure.ts'
import { median, quantile } from './quantile.ts'
import { inTemporaryFolder } from './temporary-folder.ts'
import { within } from './within.ts'

const rounds = 60
const warmUpRounds = 20
/** Rounds of one side in a row, for the CPU: the kernel's count is exact only over some milliseconds. */
const cpuRounds = 20
/** A full hand-over; a full batch of OpenTelemetry's processor is 512 spans. */
const callsARound = 500
/** Hand-overs of one call, as an agent that calls now and then makes them. */
const loneCalls = 200

/**
 * One model call on the agent's own thread: the product from the call's start to its event in the buffer, with its share
 * of the hand-over to the engine's thread and of hearing that it is committed; OpenTelemetry from `startSpan` to the batch
 * processor's queue, without its share of the export. Both hold the same attributes; their rounds alternate.
 */
export const record: Benchmark = {
  name: 'record',
  title: 'one model call on the main thread, beside one OpenTelemetry span with the batch processor',
  async run(progress) {
    progress(`${rounds} rounds of ${callsARound} calls each`)
    const { tocsin, openTelemetry, timerUs } = await inTemporaryFolder(measure)
    const shareUs = median(tocsin.shareUs)
    const own = (q: number): number => quantile(tocsin.callUs, q) + shareUs
    const ratio = (q: number): number => own(q) / quantile(openTelemetry.callUs, q)
    return [
      { what: 'tocsin, median', value: own(0.5), unit: 'µs', note: `its share of a hand-over of ${callsARound} calls is ${shareUs.toFixed(2)} µs of it` },
      { what: 'OpenTelemetry, median', value: median(openTelemetry.callUs), unit: 'µs' },
      { what: 'ratio of the medians', value: ratio(0.5), unit: '×', target: { atMost: 0.5 } },
      { what: 'tocsin, p99', value: own(0.99), unit: 'µs' },
      { what: 'OpenTelemetry, p99', value: quantile(openTelemetry.callUs, 0.99), unit: 'µs', note: `ratio ${ratio(0.99).toFixed(2)} · clock of ${timerUs.toFixed(2)} µs taken off` },
      { what: 'a hand-over for one call alone, median', value: median(tocsin.loneUs), unit: 'µs', note: 'at most one in 20 ms' },
      { what: 'tocsin, all of the thread’s CPU', value: tocsin.cpuUs, unit: 'µs', note: 'a call; garbage collection, hand-over and answers included' },
      { what: 'OpenTelemetry, all of the thread’s CPU', value: openTelemetry.cpuUs, unit: 'µs', note: `a call; export to nowhere included · ratio ${(tocsin.cpuUs / openTelemetry.cpuUs).toFixed(2)}` },
    ]
  },
}

/** Where the calls belong to: in OpenTelemetry these are attributes of the span. */
const scope: Scope = { sessionId: 'session-4f9qd2xb', agent: 'support-bot', user: 'customer-17', environment: 'production', operation: 'answer-ticket' }

class Samples {
  /** Each call by itself. */
  readonly callUs: number[] = []
  /** A call's share of a hand-over, one sample a round. */
  readonly shareUs: number[] = []
  readonly loneUs: number[] = []
  /** Of the whole thread, a call. */
  cpuUs = 0
}

async function measure(folder: string): Promise<{ readonly tocsin: Samples; readonly openTelemetry: Samples; readonly timerUs: number }> {
  const handovers = new HandoverClock()
  const thread = new EngineThread({
    way: intoEngine({ channels: { inbox: { type: 'inbox' } }, people: { dana: { role: 'admin' } }, rules: { 'model-failed': {} } }),
    data: folder,
    bufferEvents: 10_000,
    handoverMs: 20,
    exitMs: 2_000,
    clock: handovers,
    chance: systemChance,
    notice: (text) => console.error(text),
    lossEvent: () => {
      throw new Error('an event was dropped: the rounds are too large')
    },
  })
  const exporter: SpanExporter = { export: (_spans, done) => done({ code: 0 }), shutdown: async () => undefined }
  const provider = new BasicTracerProvider({ spanProcessors: [new BatchSpanProcessor(exporter)] })
  try {
    await thread.flush(20_000)
    const observation = new Observation({ recorder: thread, clock: systemClock, chance: systemChance })
    const tracer = provider.getTracer('bench')
    const timerUs = timerCostUs()
    const tocsin = new Samples()
    const openTelemetry = new Samples()
    const calls = (samples: Samples): Promise<void> => runInScope(scope, () => recordCalls(observation, thread, handovers, samples, timerUs))
    const spans = (samples: Samples): Promise<void> => recordSpans(tracer, provider, samples, timerUs)
    for (let round = 0; round < warmUpRounds + rounds; round += 1) {
      await calls(round < warmUpRounds ? new Samples() : tocsin)
      await spans(round < warmUpRounds ? new Samples() : openTelemetry)
    }
    for (let lone = 0; lone < loneCalls; lone += 1) tocsin.loneUs.push(await loneHandoverUs(observation, thread, handovers, timerUs))
    tocsin.cpuUs = await cpuUsOf(calls)
    openTelemetry.cpuUs = await cpuUsOf(spans)
    return { tocsin, openTelemetry, timerUs }
  } finally {
    await provider.shutdown()
    await thread.close(2_000)
  }
}

async function loneHandoverUs(observation: Observation, thread: EngineThread, handovers: HandoverClock, timerUs: number): Promise<number> {
  new ModelCall(observation, start).answered(answers[0])
  const since = systemClock.monotonicMs()
  handovers.run()
  const tookUs = (systemClock.monotonicMs() - since) * 1_000 - timerUs
  await thread.flush(20_000)
  return tookUs
}

/** For a call, over many rounds in a row. */
async function cpuUsOf(round: (samples: Samples) => Promise<void>): Promise<number> {
  const before = process.threadCpuUsage()
  for (let i = 0; i < cpuRounds; i += 1) await round(new Samples())
  const { user, system } = process.threadCpuUsage(before)
  return (user + system) / (cpuRounds * callsARound)
}

async function recordCalls(observation: Observation, thread: EngineThread, handovers: HandoverClock, samples: Samples, timerUs: number): Promise<void> {
  const callUs = new Float64Array(callsARound)
  for (let i = 0; i < callsARound; i += 1) {
    const since = systemClock.monotonicMs()
    const call = new ModelCall(observation, start)
    call.answered(answers[i % answers.length] ?? {})
    callUs[i] = (systemClock.monotonicMs() - since) * 1_000 - timerUs
  }
  const since = systemClock.monotonicMs()
  handovers.run()
  samples.shareUs.push(((systemClock.monotonicMs() - since) * 1_000 - timerUs) / callsARound)
  await within(thread.flush(20_000), 20_000, 'a commit')
  for (const one of callUs) samples.callUs.push(one)
}

async function recordSpans(tracer: Tracer, provider: BasicTracerProvider, samples: Samples, timerUs: number): Promise<void> {
  const callUs = new Float64Array(callsARound)
  for (let i = 0; i < callsARound; i += 1) {
    const since = systemClock.monotonicMs()
    const span = tracer.startSpan('chat gpt-4o-mini', { kind: SpanKind.CLIENT, attributes: { 'gen_ai.operation.name': 'chat', 'gen_ai.provider.name': 'openai', 'gen_ai.request.model': 'gpt-4o-mini' } })
    const answer = answers[i % answers.length] ?? {}
    span.setAttributes({
      'gen_ai.response.model': answer.model,
      'gen_ai.response.id': answer.responseId,
      'gen_ai.response.finish_reasons': ['stop'],
      'gen_ai.usage.input_tokens': answer.inputTokens,
      'gen_ai.usage.output_tokens': answer.outputTokens,
      'gen_ai.usage.cache_read.input_tokens': answer.cacheReadTokens,
      'gen_ai.conversation.id': scope.sessionId,
      'gen_ai.agent.name': scope.agent,
      'user.id': scope.user,
      'deployment.environment.name': scope.environment,
      'tocsin.operation': scope.operation,
    })
    span.end()
    callUs[i] = (systemClock.monotonicMs() - since) * 1_000 - timerUs
  }
  await provider.forceFlush()
  for (const one of callUs) samples.callUs.push(one)
}

const start: ModelCallStart = { source: 'observe', provider: 'openai', operation: 'chat', model: 'gpt-4o-mini', streamed: false }

/** What a client has read from its answers; reading them is the same work on both sides and is left out on both. */
const answers: readonly Partial<LlmCall>[] = Array.from({ length: 16 }, (_, i) => ({
  model: 'gpt-4o-mini-2024-07-18',
  responseId: `chatcmpl-${(i * 7_919).toString(36).padStart(12, 'A')}`,
  finishReason: 'stop',
  inputTokens: 900 + i,
  outputTokens: 180 + i,
  cacheReadTokens: 512,
}))

/** The machine's clock, but what is put off runs when the benchmark says so, and is timed. */
class HandoverClock implements Clock {
  #tasks: (() => void)[] = []

  nowMs(): number {
    return systemClock.nowMs()
  }

  monotonicMs(): number {
    return systemClock.monotonicMs()
  }

  after(delayMs: number, task: () => void): () => void {
    if (delayMs === 0) return systemClock.after(0, task)
    this.#tasks.push(task)
    return () => {
      this.#tasks = this.#tasks.filter((other) => other !== task)
    }
  }

  run(): void {
    const tasks = this.#tasks
    this.#tasks = []
    for (const task of tasks) task()
  }
}

/** What asking the clock twice costs by itself, microseconds. */
function timerCostUs(): number {
  const costs = Array.from({ length: 10_000 }, () => {
    const since = systemClock.monotonicMs()
    return (systemClock.monotonicMs() - since) * 1_000
  })
  return median(costs)
}
