import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node'
import { init } from 'tocsin'

/**
 * Three days of three agents that an OpenTelemetry setup watched, each span with the time at which it ended. Two of them take turns at an even
 * pace, until one calls a dozen times as often; the third has worked since midnight, and its money will not last until the next.
 */
const tocsin = init(process.env['DEMO_CONFIG'], { data: process.env['DEMO_DATA'] ?? '.tocsin' })
const tracer = new NodeTracerProvider({ spanProcessors: [tocsin.spanProcessor()] }).getTracer('metered-bots')

const minuteMs = 60_000
const slotMs = 10 * minuteMs
const slots = 3 * 144
const spikeSlots = 2
const nowMs = Date.now()
const slotNowMs = Math.floor(nowMs / slotMs) * slotMs

function call(agent: string, endMs: number, model: string, inputTokens: number, outputTokens: number): void {
  const attributes = {
    'gen_ai.operation.name': 'chat', 'gen_ai.provider.name': 'openai', 'gen_ai.request.model': model, 'gen_ai.response.model': model,
    'gen_ai.agent.name': agent, 'gen_ai.usage.input_tokens': inputTokens, 'gen_ai.usage.output_tokens': outputTokens,
  }
  tracer.startSpan(`chat ${model}`, { root: true, startTime: endMs - 2_000, attributes }).end(endMs)
}

for (let ago = slots; ago > 0; ago -= 1) {
  const atMs = slotNowMs - ago * slotMs + 5 * minuteMs
  call(ago % 2 === 0 ? 'writer-bot' : 'critic-bot', atMs, 'gpt-5', 120_000, 30_000 + 1_000 * (ago % 3))
  for (let more = 1; ago <= spikeSlots && more <= 6; more += 1) call('critic-bot', atMs + more * 30_000, 'gpt-5', 240_000, 60_000)
}
for (let ago = 36; ago > 0; ago -= 1) call('research-bot', nowMs - ago * 20 * minuteMs, 'gpt-5-mini', 60_000, 18_000)
await tocsin.close()
