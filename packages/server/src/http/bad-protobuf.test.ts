import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { emptyDatabase, type EmptyDatabase } from '../testing/empty-database.ts'
import { encodeOtlp } from '../testing/otlp-encode.ts'
import { logsMessage, modelCall, tracesMessage } from '../testing/otlp-messages.ts'
import { serverWorld, type ServerWorld } from '../testing/server-world.ts'

const atMs = Date.now()
const spans = encodeOtlp(tracesMessage([
  { endMs: atMs, traceId: 'ab'.repeat(16), spanId: 'cd'.repeat(8) },
  { endMs: atMs, traceId: 'ab'.repeat(16), spanId: 'ef'.repeat(8), parentSpanId: 'cd'.repeat(8), status: { code: 2, message: 'rate limit' }, events: [{ name: 'exception', attributes: { 'exception.type': 'RateLimitError', 'exception.message': '429' } }], attributes: modelCall },
]))
const logs = encodeOtlp(logsMessage([{ atMs, body: 'claude_code.api_error', attributes: { 'event.name': 'api_error', 'session.id': 's-1', 'model': 'm', 'error': 'e', 'status_code': '529', 'cost_usd': 0.5 } }]))
const doors: readonly (readonly [path: string, whole: Buffer])[] = [['/v1/traces', spans], ['/v1/logs', logs], ['/v1/metrics', spans]]

describe.each(['sqlite', 'postgres'] as const)('on %s', (kind) => {
  let world: ServerWorld
  let database: EmptyDatabase | undefined
  beforeAll(async () => {
    database = kind === 'postgres' ? await emptyDatabase() : undefined
    // Kept, and not shown on the terminal of the test.
    world = await serverWorld({ channels: { box: { type: 'inbox' } } }, database === undefined ? {} : { databaseUrl: database.url })
  })
  afterAll(async () => {
    await world.dispose()
    await database?.dispose()
  })

  async function send(path: string, body: Buffer): Promise<number> {
    const response = await fetch(`${world.url}${path}`, { method: 'POST', headers: { 'authorization': `Bearer ${world.ingestKey}`, 'content-type': 'application/x-protobuf' }, body: new Uint8Array(body) })
    await response.arrayBuffer()
    return response.status
  }

  async function wrongOf(path: string, bodies: readonly Buffer[]): Promise<readonly string[]> {
    const wrong: string[] = []
    const left = [...bodies]
    await Promise.all(Array.from({ length: 8 }, async () => {
      for (let body = left.shift(); body !== undefined; body = left.shift()) {
        const status = await send(path, body)
        if (status !== 200 && status !== 400) wrong.push(`${path} ${status} for ${body.toString('hex').slice(0, 400)}`)
      }
    }))
    return wrong
  }

  test('a message that is cut off, of which bits are turned, or that is none is taken or refused, and never a fault of ours', async () => {
    for (const [path, whole] of doors) {
      const cut = Array.from({ length: 30 }, (_, index) => whole.subarray(0, Math.floor((whole.length * index) / 30)))
      const turned = fc.sample(fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }), { numRuns: 80, seed: 4_711 }).map((turns) => {
        const bytes = Buffer.from(whole)
        for (const [at, mask] of turns) bytes.writeUInt8(bytes.readUInt8(at) ^ mask, at)
        return bytes
      })
      const none = fc.sample(fc.uint8Array({ minLength: 1, maxLength: 200 }), { numRuns: 30, seed: 4_712 }).map((bytes) => Buffer.from(bytes))
      expect(await wrongOf(path, [...cut, ...turned, ...none])).toEqual([])
    }
    expect((await world.call('GET', '/readyz')).json).toEqual({ ok: true })
  })

  test('texts that are no UTF-8, NULs, and numbers beyond all sense in what is right are kept or refused', async () => {
    const odd: readonly unknown[] = ['\u0000', 'a\u0000b', '\ud800', '\u202e', 'x'.repeat(100_000), Number.MAX_SAFE_INTEGER, -1, Number.NaN, Infinity, 1e-320, [], {}, ['\u0000'], true]
    const messages = Object.keys(modelCall).flatMap((name) => odd.map((value, index) => encodeOtlp(tracesMessage([{ endMs: atMs, traceId: 'ab'.repeat(16), spanId: Buffer.from(`${name}${index}`).toString('hex').slice(-16).padStart(16, '0'), attributes: { ...modelCall, [name]: value } }]))))
    const bytes = messages.map((message, index) => (index % 5 === 0 ? Buffer.from(message.toString('latin1').replace('chat gpt', 'c\u00ff\u0000t gpt'), 'latin1') : message))
    expect(await wrongOf('/v1/traces', bytes)).toEqual([])
  })

  test('what is right is taken after all that, and counted once', async () => {
    const whole = encodeOtlp(tracesMessage([{ endMs: atMs, traceId: '12'.repeat(16), spanId: '34'.repeat(8) }]))
    expect([await send('/v1/traces', whole), await send('/v1/traces', whole)]).toEqual([200, 200])
    const key = `${'12'.repeat(16)}:${'34'.repeat(8)}`
    const rows = database === undefined ? (await world.store.read.events({ limit: 1_000 })).filter(({ id }) => id.startsWith(key)) : await database.query(`select id from tocsin.events where id like '${key}%'`)
    expect(rows).toHaveLength(1)
  })
})
