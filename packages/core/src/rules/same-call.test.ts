import { describe, expect, it } from 'vitest'
import type { Event } from '../model/event.ts'
import { printOf } from './same-call.ts'

const event: Event = {
  id: 'e1', project: 'bots', type: 'llm.call', source: 'observe', atMs: 2_000, durationMs: 500, tags: {}, status: 'ok',
  llm: { provider: 'openai', model: 'gpt-5', operation: 'chat', inputTokens: 2, outputTokens: 3, responseId: 'chatcmpl-1' },
}

describe('the print of a call', () => {
  it('is the same whoever describes the call', () => {
    const other = printOf({ ...event, id: 'e2', source: 'otel', atMs: 2_010, agent: 'a' })
    expect(printOf(event)).toEqual({ project: 'bots', eventId: 'e1', source: 'observe', print: other?.print, startMs: 1_500, endMs: 2_000 })
    expect(other?.print).toMatch(/^[0-9a-f]{12}$/)
  })

  it('differs where provider, response id, model or tokens do', () => {
    const prints = [{}, { provider: 'azure' }, { responseId: 'chatcmpl-2' }, { model: 'gpt-4' }, { inputTokens: 9 }, { outputTokens: undefined }].map(
      (change) => printOf({ ...event, llm: { ...event.llm, provider: 'openai', model: 'gpt-5', operation: 'chat', inputTokens: 2, outputTokens: 3, responseId: 'chatcmpl-1', ...change } })?.print,
    )
    expect(new Set(prints).size).toBe(6)
  })

  it('is absent without a response id, and for what is no model call', () => {
    expect(printOf({ ...event, llm: { provider: 'openai', model: 'gpt-5', operation: 'chat' } })).toBeUndefined()
    expect(printOf({ ...event, type: 'agent.step' })).toBeUndefined()
  })
})
