import { afterEach, expect, test } from 'vitest'
import { serverWorld, type ServerWorld } from '../testing/server-world.ts'

let world: ServerWorld | undefined
afterEach(async () => {
  await world?.dispose()
  world = undefined
})

test('browsers are told to frame nothing, to run nothing from elsewhere and to keep no answer', async () => {
  world = await serverWorld()
  const { headers } = await world.call('GET', '/api/v1/me')
  expect(headers.get('content-security-policy')).toContain("script-src 'self'")
  expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
  expect([headers.get('referrer-policy'), headers.get('x-content-type-options'), headers.get('cache-control'), headers.get('strict-transport-security')]).toEqual(['no-referrer', 'nosniff', 'no-store', null])
})

test('behind a proxy they are told to come by TLS alone', async () => {
  world = await serverWorld({}, { behindProxy: true })
  expect((await world.call('GET', '/healthz')).headers.get('strict-transport-security')).toContain('max-age=')
})

test('pages of other sites get no answers, but those that are named, and these without a session', async () => {
  world = await serverWorld({}, { allowedOrigins: ['https://ops.example.com'] })
  const from = async (origin: string) => (await world?.call('OPTIONS', '/api/v1/keys', { headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' } }))?.headers
  const named = await from('https://ops.example.com')
  expect([named?.get('access-control-allow-origin'), named?.get('access-control-allow-credentials')]).toEqual(['https://ops.example.com', null])
  expect((await from('https://evil.example'))?.get('access-control-allow-origin')).not.toBe('https://evil.example')
  const closed = await serverWorld()
  try {
    expect((await closed.call('OPTIONS', '/api/v1/keys', { headers: { origin: 'https://ops.example.com', 'access-control-request-method': 'POST' } })).headers.get('access-control-allow-origin')).toBeNull()
  } finally {
    await closed.dispose()
  }
})
