import { afterAll, beforeAll, expect, test } from 'vitest'
import { startModelProvider } from './model-provider.ts'
import type { ModelProvider } from './model-provider.ts'

const containing = (part: string): unknown => expect.stringContaining(part)

let provider: ModelProvider

beforeAll(async () => {
  provider = await startModelProvider({ script: (request) => (request.body?.['model'] === 'broken' ? { kind: 'server-error', statusCode: 503 } : undefined) })
})
afterAll(() => provider.close())

const post = (path: string, body: object): Promise<Response> => fetch(provider.url + path, { method: 'POST', headers: { authorization: 'Bearer sk-sent', 'content-type': 'application/json' }, body: JSON.stringify(body) })

test('answers in the order it was told, then as its script says, then with a plain answer', async () => {
  provider.respondWith({ kind: 'unauthorized' }, { kind: 'quota', echo: 'sk-in-text' })
  const refused = await post('/v1/chat/completions', { model: 'm' })
  expect([refused.status, await refused.text()]).toEqual([401, containing('sk-sent')])
  const empty = await post('/v1/messages', { model: 'm' })
  expect([empty.status, await empty.json()]).toEqual([429, { type: 'error', error: { type: 'billing_error', message: containing('sk-in-text') } }])
  expect((await post('/v1/responses', { model: 'broken' })).status).toBe(503)
  expect(await (await post('/v1/chat/completions', { model: 'm' })).json()).toMatchObject({ object: 'chat.completion', model: 'm', usage: { prompt_tokens: 42, completion_tokens: 7 } })
  expect(provider.requests.map((request) => request.path)).toEqual(['/v1/chat/completions', '/v1/messages', '/v1/responses', '/v1/chat/completions'])
})

test('an empty answer has no text, a slow one comes later, a reset one never', async () => {
  provider.respondWith({ kind: 'empty' }, { kind: 'slow', afterMs: 60, text: 'late' }, { kind: 'reset' })
  expect(await (await post('/v1/chat/completions', { model: 'm' })).json()).toMatchObject({ choices: [{ message: { content: null }, finish_reason: 'stop' }] })
  const startedMs = performance.now()
  expect(await (await post('/v1/messages', { model: 'm' })).json()).toMatchObject({ content: [{ type: 'text', text: 'late' }] })
  expect(performance.now() - startedMs).toBeGreaterThan(50)
  await expect(post('/v1/messages', { model: 'm' })).rejects.toThrow('fetch failed')
})

test('a stream has its pieces, with usage only where it was asked for', async () => {
  const plain = await (await post('/v1/chat/completions', { model: 'm', stream: true })).text()
  expect(plain).not.toContain('usage')
  expect(plain.endsWith('data: [DONE]\n\n')).toBe(true)
  provider.respondWith({ kind: 'ok', pauseMs: 5 })
  expect(await (await post('/v1/chat/completions', { model: 'm', stream: true, stream_options: { include_usage: true } })).text()).toContain('"completion_tokens":7')
})

test('a second close does no harm, and no request is answered after it', async () => {
  const other = await startModelProvider()
  await other.close()
  await other.close()
  await expect(fetch(`${other.url}/v1/messages`)).rejects.toThrow('fetch failed')
})
