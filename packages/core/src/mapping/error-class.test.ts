import { expect, test } from 'vitest'
import { describeError } from './error-class.ts'

const thrown = (fields: object, name = 'Error'): Error => Object.assign(new Error('text'), { name }, fields)

test.each([
  ['quota', { status: 429, code: 'insufficient_quota' }],
  ['rate-limit', { status: 429, code: 'rate_limit_exceeded', type: 'tokens' }],
  ['rate-limit', { status: 429 }],
  ['quota', { status: 402 }],
  ['auth', { status: 401 }],
  ['auth', { status: 403, error: { type: 'error', error: { type: 'permission_error', message: 'no' } } }],
  ['context-length', { status: 400, code: 'context_length_exceeded' }],
  ['context-length', { status: 400, message: 'prompt is too long: 9 tokens > 8 maximum', error: { error: { type: 'invalid_request_error' } } }],
  ['quota', { status: 400, message: 'Your credit balance is too low', error: { error: { type: 'invalid_request_error' } } }],
  ['content-filter', { status: 400, code: 'content_filter' }],
  ['invalid-request', { status: 404, code: 'model_not_found' }],
  ['timeout', { name: 'TimeoutError' }],
  ['timeout', { status: 504 }],
  ['cancelled', { name: 'AbortError' }],
  ['network', { message: 'fetch failed', cause: { code: 'ECONNRESET' } }],
  ['network', { message: 'fetch failed', cause: { cause: { code: 'EAI_AGAIN' } } }],
  ['server', { status: 500 }],
  ['server', { status: 529, error: { error: { type: 'overloaded_error' } } }],
  ['other', { message: 'what' }],
])('%s: %j', (kind, fields) => {
  expect(describeError(thrown(fields)).class).toBe(kind)
})

test('keeps status, code and a bounded message', () => {
  expect(describeError(thrown({ status: 429, code: 'insufficient_quota', message: 'm'.repeat(1_000_000) }))).toEqual({ class: 'quota', statusCode: 429, code: 'insufficient_quota', message: 'm'.repeat(10_192) })
})

test('reads anything that can be thrown, and is never hurt by it', () => {
  const hostile = new Proxy({}, { get: () => { throw new Error('no') }, getPrototypeOf: () => { throw new Error('no') } })
  const cyclic: Record<string, unknown> = {}
  cyclic['cause'] = cyclic
  for (const odd of [undefined, null, 7, 'text', Symbol('s'), () => 1, hostile, cyclic, 10n]) expect(describeError(odd).class).toBe('other')
  expect(describeError('just text').message).toBe('just text')
})
