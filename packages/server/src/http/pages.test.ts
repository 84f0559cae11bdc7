import { afterAll, beforeAll, expect, test } from 'vitest'
import { serverWorld, type ServerWorld } from '../testing/server-world.ts'

let world: ServerWorld
beforeAll(async () => {
  world = await serverWorld()
})
afterAll(() => world.dispose())

test('every address of the dashboard is answered with its page, and any other is not there', async () => {
  for (const path of ['/', '/welcome', '/join', '/login', '/p/bots', '/p/bots/alerts/alt_51', '/p/%3Cscript%3E/me']) {
    const { status, text, headers } = await world.call('GET', path)
    expect.soft([path, status, text.includes('<div id="root">'), headers.get('cache-control')]).toEqual([path, 200, true, 'no-cache'])
    expect.soft(headers.get('content-security-policy')).toContain("script-src 'self'")
  }
  expect((await world.call('GET', '/elsewhere')).status).toBe(404)
  expect((await world.call('GET', '/api/v1/elsewhere')).status).toBe(404)
})

test('its files are compressed beforehand, kept for a year, and the only ones that can be had', async () => {
  const { text } = await world.call('GET', '/')
  const script = /src="(\/assets\/[^"]+\.js)"/.exec(text)?.[1] ?? ''
  const [br, gzip, plain] = await Promise.all(['br', 'gzip', 'identity'].map((encoding) => world.call('GET', script, { headers: { 'accept-encoding': encoding } })))
  expect([br, gzip, plain].map((one) => [one?.status, one?.headers.get('content-encoding'), one?.headers.get('cache-control'), one?.headers.get('content-type')])).toEqual(
    ['br', 'gzip', null].map((encoding) => [200, encoding, 'public, max-age=31536000, immutable', 'application/javascript; charset=utf-8']),
  )
  expect(br?.text).toBe(plain?.text)
  for (const path of ['/assets/..%2findex.html', '/assets/%2e%2e%2f%2e%2e%2fpackage.json', '/assets/none.js', '/assets/..%2Fstamp', '/stamp']) expect.soft([path, (await world.call('GET', path)).status >= 400]).toEqual([path, true])
})
