import { ROOT_CONTEXT, SpanStatusCode, trace } from '@opentelemetry/api'
import { TracerProvider } from '@opentelemetry/sdk-trace'
import { expect, test } from 'vitest'
import { systemChance } from '../../packages/core/src/model/chance.ts'
import { systemClock } from '../../packages/core/src/model/clock.ts'
import type { EventInput } from '../../packages/core/src/model/event.ts'
import { Observation } from '../../packages/core/src/observe/observation.ts'
import { createSpanProcessor } from '../../packages/core/src/observe/span-processor.ts'

// A workspace of its own, because version 3 of the SDK wants a newer API than version 2 allows.

test('spans of OpenTelemetry SDK 3 become events: a session, a call, an error', async () => {
  const events: EventInput[] = []
  const observation = new Observation({ recorder: { record: (event) => void events.push(event) }, clock: systemClock, chance: systemChance })
  let flushed = 0
  const provider = new TracerProvider({
    spanProcessors: [createSpanProcessor(observation, async () => {
      flushed += 1
    })],
  })
  const tracer = provider.getTracer('test')
  const agent = tracer.startSpan('invoke_agent support-bot', { attributes: { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.name': 'support-bot' } }, ROOT_CONTEXT)
  const inside = trace.setSpan(ROOT_CONTEXT, agent)
  const asked = { 'gen_ai.operation.name': 'chat', 'gen_ai.provider.name': 'openai', 'gen_ai.request.model': 'gpt-5-mini' }
  tracer.startSpan('chat gpt-5-mini', { attributes: { ...asked, 'gen_ai.usage.input_tokens': 42, 'gen_ai.usage.output_tokens': 7 } }, inside).end()
  const refused = tracer.startSpan('chat gpt-5-mini', { attributes: { ...asked, 'error.type': 'RateLimitError' } }, inside)
  refused.setStatus({ code: SpanStatusCode.ERROR, message: '429 Too Many Requests' })
  refused.end()
  agent.end()
  const calls = events.filter((event) => event.type === 'llm.call')
  expect(calls.map((event) => [event.status, event.llm?.inputTokens])).toEqual([['ok', 42], ['error', undefined]])
  expect(calls[1]?.error?.class).toBe('rate-limit')
  expect(events.some((event) => event.type === 'agent.step' || event.type === 'session.end')).toBe(true)
  await provider.forceFlush()
  await provider.shutdown()
  expect(flushed).toBe(2)
  expect(observation.faults).toBe(0)
})
