import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { serverWorld, type ServerWorld } from '../testing/server-world.ts'

interface Recorded {
  readonly requests: readonly { readonly method: string; readonly url: string; readonly headers: Readonly<Record<string, string>>; readonly body: { readonly resourceSpans?: readonly unknown[] } }[]
}

// Reason for the cast: the file was recorded in this form.
const recorded = JSON.parse(readFileSync(new URL('../testing/agentops-0.1.0.json', import.meta.url), 'utf8')) as Recorded

let world: ServerWorld
beforeAll(async () => {
  world = await serverWorld({ project: 'agentops' })
})
afterAll(() => world.dispose())

/** The first instant of the recording becomes that of the test. */
function fromNow(body: object, sinceMs: number): string {
  const firstMs = 1_795_441_511_000
  return JSON.stringify(body).replaceAll(/"(\d{13})(\d{6})"/g, (_, ms: string, rest: string) => `"${Number(ms) - firstMs + sinceMs}${rest}"`)
}

test('what the SDK for TypeScript really sends becomes calls, tools and steps of one session for each run', async () => {
  const sinceMs = Date.now() - 60_000
  let token = ''
  for (const { method, url, headers, body } of recorded.requests) {
    const isAsking = body.resourceSpans === undefined
    const response = await fetch(world.url + url, {
      method,
      headers: { ...headers, ...(!isAsking && { authorization: `Bearer ${token}` }) },
      body: isAsking ? JSON.stringify({ api_key: world.ingestKey }) : fromNow(body, sinceMs),
    })
    expect([url, response.status]).toEqual([url, 200])
    const { token: given, ...answer } = (await response.json()) as { readonly token?: string; readonly partialSuccess?: object }
    expect(answer.partialSuccess).toBeUndefined()
    token = given ?? token
  }

  const key = await world.makeKey('read')
  const { items: sessions } = (await world.call('GET', '/api/v1/sessions', { key })).json as { items: { id: string; calls: number; errors: number; unpriced: number; agent?: string }[] }
  expect(sessions.toSorted((one, other) => one.calls - other.calls).map(({ calls, errors, unpriced, agent }) => [agent, calls, errors, unpriced])).toEqual([['Weather bot', 1, 1, 0], ['Weather bot', 3, 0, 2]])
  // Several end within the same millisecond: by what they are.
  const steps = async (id: string | undefined): Promise<unknown[]> => {
    const { items } = (await world.call('GET', `/api/v1/events?session=${id ?? ''}`, { key })).json as { items: { type: string; llm?: { responseId?: string } }[] }
    return items.toSorted((one, other) => `${one.type} ${one.llm?.responseId}`.localeCompare(`${other.type} ${other.llm?.responseId}`))
  }
  expect(await steps(sessions.find(({ calls }) => calls === 3)?.id)).toMatchObject([
    { type: 'agent.step', status: 'ok', agent: 'Weather bot', name: 'Weather bot', tags: { service: 'weather' } },
    { type: 'llm.call', status: 'ok', durationMs: 131, llm: { provider: 'openai', model: 'unknown', responseId: 'resp_7', inputTokens: 120, outputTokens: 17, costSource: 'unknown' } },
    { type: 'llm.call', status: 'ok', llm: { responseId: 'resp_8', finishReason: 'stop' } },
    { type: 'tool.call', status: 'ok', tool: { name: 'get_weather' } },
  ])
  expect(await steps(sessions.find(({ calls }) => calls === 1)?.id)).toMatchObject([
    { type: 'agent.step', status: 'error', agent: 'Weather bot' },
    { type: 'llm.call', status: 'error', error: { class: 'quota', statusCode: 429 } },
  ])
})
