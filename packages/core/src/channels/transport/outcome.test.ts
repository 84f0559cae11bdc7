import { describe, expect, test } from 'vitest'
import type { HttpAnswer, HttpFailure } from './http.ts'
import { httpOutcome } from './outcome.ts'

function answer(status: number, more: Partial<HttpAnswer> = {}): HttpAnswer {
  return { kind: 'answer', status, headers: {}, text: '', complete: true, ...more }
}

function failure(cause: 'network' | 'time-out' | 'tls', code: string, bodySent: boolean): HttpFailure {
  return { kind: 'failed', cause, code, bodySent }
}

describe('a status says', () => {
  test.each([
    [200, 'sent'], [201, 'sent'], [202, 'sent'], [204, 'sent'],
    [301, 'bad-config'], [302, 'bad-config'], [304, 'bad-config'], [308, 'bad-config'],
    [401, 'bad-config'], [403, 'bad-config'], [404, 'bad-config'], [405, 'bad-config'], [407, 'bad-config'], [410, 'bad-config'],
    [400, 'bad-content'], [406, 'bad-content'], [409, 'bad-content'], [413, 'bad-content'], [415, 'bad-content'], [422, 'bad-content'], [431, 'bad-content'],
    [408, 'retry'], [425, 'retry'], [429, 'retry'], [500, 'retry'], [502, 'retry'], [503, 'retry'], [504, 'retry'], [599, 'retry'],
  ] as const)('%i: %s, where the provider says nothing', (status, kind) => {
    const outcome = httpOutcome(answer(status), () => ({}))
    expect(outcome).toEqual(kind === 'sent' ? { kind } : { kind, code: String(status), detail: String(status) })
  })

  test('how long to wait, and the provider may say it elsewhere', () => {
    expect(httpOutcome(answer(429, { afterMs: 7_000 }), () => ({}))).toMatchObject({ kind: 'retry', afterMs: 7_000 })
    expect(httpOutcome(answer(503, { afterMs: 7_000 }), () => ({ afterMs: 650, detail: 'slow down' }))).toEqual({ kind: 'retry', code: '503', detail: '503 slow down', afterMs: 650 })
    // Only where it is tried again.
    expect(httpOutcome(answer(400, { afterMs: 7_000 }), () => ({}))).toEqual({ kind: 'bad-content', code: '400', detail: '400' })
  })
})

describe('a provider’s own code', () => {
  test('goes before the status, also in an answer that looks like success', () => {
    expect(httpOutcome(answer(200), () => ({ kind: 'bad-address', code: 'channel_not_found', detail: 'no such channel' }))).toEqual({ kind: 'bad-address', code: 'channel_not_found', detail: '200 no such channel' })
    expect(httpOutcome(answer(400), () => ({ kind: 'retry', code: '21611', afterMs: 5 }))).toEqual({ kind: 'retry', code: '21611', detail: '400', afterMs: 5 })
    expect(httpOutcome(answer(409), () => ({ kind: 'sent', detail: 'had it already' }))).toEqual({ kind: 'sent', detail: 'had it already' })
  })

  test('of the message is kept', () => {
    expect(httpOutcome(answer(200), () => ({ providerId: 'SM1' }))).toEqual({ kind: 'sent', providerId: 'SM1' })
  })

  test('is read from answers only', () => {
    const asked: number[] = []
    httpOutcome(failure('network', 'ECONNRESET', true), ({ status }) => ({ code: String(asked.push(status)) }))
    expect(asked).toEqual([])
  })
})

describe('no answer', () => {
  test.each([
    ['network', 'ECONNREFUSED', false, 'retry', 'the other side could not be reached (network)'],
    ['time-out', 'ABORT_ERR', false, 'retry', 'the other side could not be reached (time-out)'],
    ['network', 'ENOTFOUND', false, 'retry', 'the host name could not be resolved'],
    ['network', 'EAI_AGAIN', false, 'retry', 'the host name could not be resolved'],
    ['network', 'ECONNRESET', true, 'in-doubt', 'the message went out and no answer came (network)'],
    ['network', 'HPE_INVALID_CONSTANT', true, 'in-doubt', 'the message went out and no answer came (network)'],
    ['time-out', 'ABORT_ERR', true, 'in-doubt', 'the message went out and no answer came (time-out)'],
    ['tls', 'CERT_HAS_EXPIRED', false, 'bad-config', 'no trusted TLS connection: check the address, its certificate and ca'],
  ] as const)('by %s (%s), sent whole: %s, is %s', (cause, code, bodySent, kind, detail) => {
    expect(httpOutcome(failure(cause, code, bodySent), () => ({}))).toEqual({ kind, code, detail })
  })

  test('by TLS that is not trusted is the fault of an address that belongs to a person, and not of the channel', () => {
    expect(httpOutcome(failure('tls', 'CERT_HAS_EXPIRED', false), () => ({}), 'bad-address')).toMatchObject({ kind: 'bad-address', code: 'CERT_HAS_EXPIRED' })
  })

  test.each([
    ['address-not-allowed', 'bad-config', 'bad-address'],
    ['url-not-allowed', 'bad-config', 'bad-address'],
    ['port-not-allowed', 'bad-config', 'bad-address'],
    ['header-not-allowed', 'bad-content', 'bad-content'],
  ] as const)('because it was refused here (%s) is %s, and for the address of a person %s', (code, ofChannel, ofPerson) => {
    const refused: HttpFailure = { kind: 'failed', cause: 'refused', bodySent: false, code, detail: 'expected another' }
    expect(httpOutcome(refused, () => ({}))).toEqual({ kind: ofChannel, code, detail: 'expected another' })
    expect(httpOutcome(refused, () => ({}), 'bad-address')).toEqual({ kind: ofPerson, code, detail: 'expected another' })
  })
})
