import type { ServerWorld } from '../../packages/server/src/testing/server-world.ts'

/** Words as agents send them that no page may stumble over: markup, another direction, signs outside the first plane, and no place to break. */
export const wild = {
  html: '<img src=x onerror="document.title=1"><script>document.title=1</script>',
  rtl: 'وكيل الدعم \u202Eevil',
  emoji: '👩‍🚀🧯 bot',
  long: 'w'.repeat(10_000),
} as const

/** Sends events by the door that agents use, and expects that all are kept. */
export async function send(world: ServerWorld, events: readonly object[]): Promise<void> {
  for (let from = 0; from < events.length; from += 1_000) {
    const { status, json, text } = await world.call('POST', '/api/v1/events', { key: world.ingestKey, body: { events: events.slice(from, from + 1_000) } })
    const refused = (json as { readonly refused?: readonly unknown[] }).refused ?? []
    if (status !== 200 || refused.length > 0) throw new Error(`expected all events to be kept, got ${status} ${text.slice(0, 500)}`)
  }
}

interface Run {
  readonly id: string
  readonly agent: string
  readonly name?: string
  readonly endMs: number
  /** What its calls cost, each. @default 0.02 */
  readonly costUsd?: number
  readonly model?: string
}

const call = (model: string, more: object) => ({ provider: 'openai', model, operation: 'chat', inputTokens: 1_200, outputTokens: 80, ...more })

/** A session that looks something up with a model and a tool, and ends well. */
export function goodRun({ id, agent, name, endMs, costUsd = 0.02, model = 'gpt-5' }: Run): object[] {
  const of = { sessionId: id, agent, ...(name !== undefined && { name }) }
  const startMs = endMs - 9_000
  return [
    { ...of, type: 'session.start', id: `${id}:start`, atMs: startMs },
    { ...of, type: 'llm.call', id: `${id}:1`, atMs: startMs + 2_000, durationMs: 1_800, depth: 2, llm: call(model, { costNanoUsd: Math.round(costUsd * 1e9), costSource: 'reported' }) },
    { ...of, type: 'tool.call', id: `${id}:2`, atMs: startMs + 4_000, durationMs: 1_500, depth: 3, tool: { name: 'search' } },
    { ...of, type: 'llm.call', id: `${id}:3`, atMs: startMs + 8_000, durationMs: 3_000, depth: 2, llm: call(model, { costNanoUsd: Math.round(costUsd * 1e9), costSource: 'reported' }) },
    { ...of, type: 'session.end', id: `${id}:end`, atMs: endMs, endState: 'success' },
  ]
}

/** A session in which a tool fails and is made good, then the model fails for good. */
export function failedRun({ id, agent, name, endMs, costUsd = 0.14, model = 'gpt-5', message = 'You exceeded your current quota, please check your plan.' }: Run & { readonly message?: string }): object[] {
  const of = { sessionId: id, agent, ...(name !== undefined && { name }) }
  const startMs = endMs - 20_000
  const quota = { class: 'quota', message, statusCode: 429, code: 'insufficient_quota' }
  return [
    { ...of, type: 'session.start', id: `${id}:start`, atMs: startMs },
    { ...of, type: 'llm.call', id: `${id}:1`, atMs: startMs + 3_000, durationMs: 2_500, depth: 2, llm: call(model, { costNanoUsd: Math.round(costUsd * 1e9), costSource: 'reported' }) },
    { ...of, type: 'tool.call', id: `${id}:2`, atMs: startMs + 5_000, durationMs: 1_500, depth: 3, status: 'error', error: { class: 'timeout', message: 'the search took too long' }, tool: { name: 'search' } },
    { ...of, type: 'tool.call', id: `${id}:3`, atMs: startMs + 7_000, durationMs: 1_500, depth: 3, tool: { name: 'search' } },
    { ...of, type: 'llm.call', id: `${id}:4`, atMs: startMs + 12_000, durationMs: 400, depth: 2, status: 'error', error: quota, excerpt: 'Refund order 17', llm: call(model, { retries: 3 }) },
    { ...of, type: 'llm.call', id: `${id}:5`, atMs: startMs + 15_000, durationMs: 400, depth: 2, status: 'error', error: quota, llm: call(model, { retries: 3 }) },
    { ...of, type: 'session.end', id: `${id}:end`, atMs: endMs, status: 'error', endState: 'fail', endReason: message },
  ]
}

/** A model answers nobody: each of these sessions fails of it. */
export function outage({ endMs, sessions, model = 'claude-sonnet-4-5' }: { readonly endMs: number; readonly sessions: number; readonly model?: string }): object[] {
  return Array.from({ length: sessions }, (_, index) => {
    const id = `victim-${String(index).padStart(2, '0')}`
    const of = { sessionId: id, agent: ['support-bot', 'triage-bot', 'refund-bot'][index % 3] }
    const atMs = endMs - 5_000 + index * 100
    return [
      { ...of, type: 'session.start', id: `${id}:start`, atMs: atMs - 2_000 },
      { ...of, type: 'llm.call', id: `${id}:1`, atMs, durationMs: 900, status: 'error', error: { class: 'server', message: '503 overloaded', statusCode: 503 }, llm: { provider: 'anthropic', model, operation: 'chat' } },
      { ...of, type: 'session.end', id: `${id}:end`, atMs: atMs + 50, status: 'error', endState: 'fail' },
    ]
  }).flat()
}
