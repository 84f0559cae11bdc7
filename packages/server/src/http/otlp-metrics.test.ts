import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { AggregationTemporalityPreference, OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http'
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics'
import { encodeOtlp } from '../testing/otlp-encode.ts'
import { logsMessage, metricsMessage, type MetricInput } from '../testing/otlp-messages.ts'
import { serverWorld, type ServerWorld } from '../testing/server-world.ts'

let world: ServerWorld
let readKey: string
beforeAll(async () => {
  world = await serverWorld({ project: 'metered' })
  readKey = await world.makeKey('read')
})
afterAll(() => world.dispose())

const minuteMs = 60_000

async function post(body: object, form: 'json' | 'protobuf' | 'packed' = 'json', path = '/v1/metrics'): Promise<{ readonly status: number; readonly text: string }> {
  const bytes = form === 'json' ? Buffer.from(JSON.stringify(body)) : form === 'protobuf' ? encodeOtlp(body) : gzipSync(encodeOtlp(body))
  const headers = { 'content-type': form === 'json' ? 'application/json' : 'application/x-protobuf', 'authorization': `Bearer ${world.ingestKey}`, ...(form === 'packed' && { 'content-encoding': 'gzip' }) }
  const response = await fetch(`${world.url}${path}`, { method: 'POST', body: bytes, headers })
  return { status: response.status, text: await response.text() }
}

/** Calls and nano-dollars of a session. */
async function sessionOf(sessionId: string): Promise<readonly (number | undefined)[]> {
  const [session] = await world.store.transaction((tx) => tx.sessions([{ project: 'metered', sessionId }]))
  return [session?.calls, session?.costNanoUsd]
}

/** What of a count of the intake was added by this. */
async function counted(name: string, work: () => Promise<unknown>): Promise<number> {
  const before = await count(name)
  await work()
  return (await count(name)) - before
}

async function count(name: string): Promise<number> {
  const { text } = await world.call('GET', '/metrics', { key: readKey })
  return Number(new RegExp(`^tocsin_intake_${name}_total (\\d+)$`, 'm').exec(text)?.[1])
}

/** A minute of Claude Code: 0.02 $ and its tokens. */
function minute(sessionId: string, endMs: number, more: Partial<MetricInput> = {}): object {
  const of = { startMs: endMs - minuteMs, endMs }
  const attributes = { 'session.id': sessionId, 'user.email': 'dana@example.com', 'model': 'claude-sonnet-5', 'query_source': 'main' }
  return metricsMessage([
    { name: 'claude_code.cost.usage', points: [{ ...of, value: 0.02, attributes }], ...more },
    { name: 'claude_code.token.usage', points: ['input', 'output', 'cacheRead', 'cacheCreation'].map((type, index) => ({ ...of, value: 10 ** index, attributes: { ...attributes, type } })), ...more },
    { name: 'claude_code.lines_of_code.count', points: [{ ...of, value: 7, attributes: { ...attributes, type: 'added' } }] },
  ])
}

function request(sessionId: string, atMs: number): object {
  return logsMessage([{ atMs, body: 'claude_code.api_request', attributes: { 'event.name': 'api_request', 'session.id': sessionId, 'model': 'claude-sonnet-5', 'input_tokens': 5, 'output_tokens': 7, 'cost_usd': 0.02 } }], { 'service.name': 'claude-code' }, 'com.anthropic.claude_code.events')
}

describe('the exporter of OpenTelemetry for JavaScript', () => {
  const exported = async (sessionId: string, temporalityPreference: AggregationTemporalityPreference): Promise<void> => {
    const exporter = new OTLPMetricExporter({ url: `${world.url}/v1/metrics`, headers: { authorization: `Bearer ${world.ingestKey}` }, temporalityPreference })
    const meters = new MeterProvider({ readers: [new PeriodicExportingMetricReader({ exporter })] })
    const meter = meters.getMeter('com.anthropic.claude_code')
    const [cost, tokens, sessions] = [meter.createCounter('claude_code.cost.usage', { unit: 'USD' }), meter.createCounter('claude_code.token.usage'), meter.createCounter('claude_code.session.count')]
    const attributes = { 'session.id': sessionId, 'model': 'claude-sonnet-5' }
    sessions.add(1, { 'session.id': sessionId, 'start_type': 'fresh' })
    for (let round = 0; round < 2; round++) {
      for (let call = 0; call < 3; call++) {
        cost.add(0.01, attributes)
        tokens.add(100, { ...attributes, type: 'input' })
        tokens.add(20, { ...attributes, type: 'output' })
      }
      await meters.forceFlush()
    }
    await meters.shutdown()
  }

  test('what was spent in each stretch of time counts, and the calls are not made up', async () => {
    await exported('sdk-delta', AggregationTemporalityPreference.DELTA)
    expect(await sessionOf('sdk-delta')).toEqual([0, 60_000_000])
    const { items } = (await world.call('GET', '/api/v1/events?type=llm.usage&session=sdk-delta', { key: readKey })).json as { items: { llm: unknown }[] }
    expect(items).toHaveLength(2)
    expect(items[0]).toMatchObject({ llm: { model: 'claude-sonnet-5', inputTokens: 300, outputTokens: 60, costNanoUsd: 30_000_000, costSource: 'reported' } })
  })

  test('sums since the start of a series are not used, and counted', async () => {
    expect(await counted('points_cumulative', () => exported('sdk-cumulative', AggregationTemporalityPreference.CUMULATIVE))).toBeGreaterThanOrEqual(8)
    expect(await sessionOf('sdk-cumulative')).toEqual([undefined, undefined])
  })
})

describe('money counts once', () => {
  test('sent again, in any form, it changes nothing', async () => {
    const message = minute('again', Date.now())
    for (const form of ['json', 'json', 'protobuf', 'packed'] as const) expect(await post(message, form)).toMatchObject({ status: 200, text: form === 'json' ? '{}' : '' })
    expect(await sessionOf('again')).toEqual([0, 20_000_000])
  })

  test('log records first: the metric adds nothing, which is counted', async () => {
    const nowMs = Date.now()
    await post(request('logs-first', nowMs - 30_000), 'json', '/v1/logs')
    expect(await counted('points_told', () => post(minute('logs-first', nowMs)))).toBe(5)
    expect(await sessionOf('logs-first')).toEqual([1, 20_000_000])
  })

  test('the metric first: the call is counted and its money is not', async () => {
    const nowMs = Date.now()
    await post(minute('metric-first', nowMs))
    await post(request('metric-first', nowMs - 30_000), 'json', '/v1/logs')
    expect(await sessionOf('metric-first')).toEqual([1, 20_000_000])
  })

  test('both at once, many times, to one server', async () => {
    const nowMs = Date.now()
    const sessions = Array.from({ length: 30 }, (_, index) => `at-once-${index}`)
    await Promise.all(sessions.flatMap((session) => [post(minute(session, nowMs)), post(request(session, nowMs - 5), 'json', '/v1/logs')]))
    expect(await Promise.all(sessions.map(sessionOf))).toEqual(sessions.map(() => [1, 20_000_000]))
  })
})

describe('what is not used is said and counted', () => {
  test.each([
    ['points_without_session', 5, minute('', Date.now()), /5 data points were not used because they name no session\.id/],
    ['points_cumulative', 5, minute('grows', Date.now(), { temporality: 2 }), /5 data points were not used because they are cumulative/],
    ['points_without_cost', 1, metricsMessage([{ name: 'claude_code.token.usage', points: [{ startMs: Date.now() - 5, endMs: Date.now(), value: 5, attributes: { 'session.id': 'x', 'type': 'input' } }] }]), /1 data points with tokens/],
    ['points_rejected', 5, minute('old', Date.now() - 400 * 86_400_000), /5 data points were refused, the first because: expected an event that is not older/],
    ['points_rejected', 5, minute('ahead', Date.now() + 400 * 86_400_000), /5 data points were refused, the first because: expected atMs/],
    ['points_rejected', 5, minute('gauge', Date.now(), { form: 'gauge' }), /5 data points were rejected: expected sums/],
  ])('%s', async (name, many, message, says) => {
    for (const form of ['json', 'protobuf'] as const) {
      let text = ''
      expect(await counted(name, async () => ({ text } = await post(message, form)))).toBe(many)
      expect(text).toMatch(says)
    }
  })

  test('metrics of others, Codex among them, are counted and never said', async () => {
    const message = metricsMessage([{ name: 'codex.turn.token_usage', points: [{ startMs: 1, endMs: Date.now(), value: 5, attributes: { model: 'gpt-5-codex', token_type: 'total' } }] }], { 'service.name': 'codex_cli_rs' })
    expect(await counted('points_other', async () => expect(await post(message)).toEqual({ status: 200, text: '{}' }))).toBe(1)
  })

  test.each<[string, unknown]>([
    ['a number that is none', 'NaN'], ['an endless one', 'Infinity'], ['less than nothing', -5], ['a list', [1]], ['a text', 'x'], ['too much', 1e300], ['nothing', null], ['longer than numbers are', '9'.repeat(500)],
  ])('an amount that is %s', async (_, asDouble) => {
    const point = { startTimeUnixNano: '1', timeUnixNano: String(BigInt(Date.now()) * 1_000_000n), asDouble, attributes: [{ key: 'session.id', value: { stringValue: 'hostile' } }] }
    const { status } = await post({ resourceMetrics: [{ scopeMetrics: [{ metrics: [{ name: 'claude_code.cost.usage', sum: { aggregationTemporality: 1, dataPoints: [point] } }] }] }] })
    expect(status).toBe(200)
    expect(await sessionOf('hostile')).toEqual([undefined, undefined])
  })

  test('a thousand attributes and values as deep as they like are cut, and the money counts', async () => {
    const deep = Array.from({ length: 50 }).reduce<object>((value) => ({ a: value }), {})
    const attributes = { 'session.id': 'wide', 'model': 'm'.repeat(5_000), deep, ...Object.fromEntries(Array.from({ length: 1_200 }, (_, index) => [`a${index}`, index])) }
    const { status, text } = await post(metricsMessage([{ name: 'claude_code.cost.usage', points: [{ startMs: Date.now() - 5, endMs: Date.now(), value: 1, attributes }] }]), 'packed')
    expect([status, text]).toEqual([200, expect.stringContaining('were left out')])
    expect(await sessionOf('wide')).toEqual([0, 1_000_000_000])
  })
})
