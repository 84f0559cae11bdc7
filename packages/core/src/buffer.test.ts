import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { EventBuffer } from './buffer.ts'
import type { EventInput } from './model/event.ts'

const calm = (id: number): EventInput => ({ type: 'llm.call', source: 'observe', id: String(id) })
const byHand = (id: number): EventInput => ({ type: 'custom', source: 'client', id: String(id), announcement: { title: 'said', severity: 'info', direct: { channel: 'mail', address: 'dana@example.com' } } })
const wrong = (id: number): EventInput => ({ ...calm(id), status: 'error' })
const ids = (events: readonly EventInput[]): number[] => events.map((event) => Number(event.id))

describe('the buffer', () => {
  test('hands over in the order of recording', () => {
    const buffer = new EventBuffer(10)
    for (const id of [1, 2, 3]) buffer.push(calm(id))
    expect(ids(buffer.take(2))).toEqual([1, 2])
    expect(ids(buffer.take(2))).toEqual([3])
  })

  test('drops the oldest event that tells of nothing wrong when it is full', () => {
    const buffer = new EventBuffer(3)
    for (const event of [wrong(1), calm(2), calm(3), wrong(4), calm(5)]) buffer.push(event)
    expect(ids(buffer.take(10))).toEqual([1, 4, 5])
    expect(buffer.takeDropped()).toBe(2)
    expect(buffer.takeDropped()).toBe(0)
  })

  test('loses a calm event rather than one that tells of something wrong', () => {
    const buffer = new EventBuffer(2)
    for (const event of [wrong(1), wrong(2), calm(3)]) buffer.push(event)
    expect(ids(buffer.take(10))).toEqual([1, 2])
    for (const event of [wrong(4), wrong(5), wrong(6)]) buffer.push(event)
  })

  test('keeps what is for one address, whatever its severity', () => {
    const buffer = new EventBuffer(2)
    for (const event of [calm(1), byHand(2), wrong(3)]) buffer.push(event)
    expect(ids(buffer.take(10))).toEqual([2, 3])
  })

  test('counts what was handed over against the bound until it is confirmed', () => {
    const buffer = new EventBuffer(2)
    buffer.push(wrong(1))
    buffer.push(wrong(2))
    buffer.take(2)
    buffer.push(wrong(3))
    expect(buffer.waiting).toBe(0)
    buffer.confirm(2)
    buffer.push(wrong(4))
    expect(ids(buffer.take(2))).toEqual([4])
    expect(buffer.takeDropped()).toBe(1)
  })

  test('never holds more than its bound, loses nothing uncounted, and keeps the order', () => {
    const step = fc.oneof(fc.constant('calm' as const), fc.constant('wrong' as const), fc.integer({ min: 1, max: 5 }))
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.array(step, { maxLength: 3_000 }), (eventsMax, steps) => {
        const buffer = new EventBuffer(eventsMax)
        const out: number[] = []
        let pushed = 0
        for (const one of steps) {
          if (typeof one === 'number') {
            const taken = buffer.take(one)
            out.push(...ids(taken))
            buffer.confirm(taken.length)
          } else {
            pushed += 1
            buffer.push(one === 'calm' ? calm(pushed) : wrong(pushed))
          }
          expect(buffer.waiting + buffer.handedOver).toBeLessThanOrEqual(eventsMax)
        }
        out.push(...ids(buffer.take(Infinity)))
        expect(out.length + buffer.takeDropped()).toBe(pushed)
        expect(out).toEqual(out.toSorted((a, b) => a - b))
      }),
    )
  })
})
