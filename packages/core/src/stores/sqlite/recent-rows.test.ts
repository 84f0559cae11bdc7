import { describe, expect, it } from 'vitest'
import { RecentRows } from './recent-rows.ts'

describe('the rows that were used last', () => {
  it('are held as they were put last, until they are forgotten', () => {
    const rows = new RecentRows<string>((row) => row.length)
    rows.put('a', 'one')
    rows.put('a', 'two')
    rows.put('b', 'three')
    expect([rows.get('a'), rows.get('b'), rows.get('c')]).toEqual(['two', 'three', undefined])
    rows.forget('a')
    expect([rows.get('a'), rows.get('b')]).toEqual([undefined, 'three'])
    rows.forgetAll()
    expect(rows.get('b')).toBeUndefined()
  })

  it('are few enough for four million characters, and those in use stay', () => {
    const rows = new RecentRows<string>((row) => row.length)
    const row = 'x'.repeat(10_000)
    rows.put('used', row)
    for (let number = 0; number < 2_000; number += 1) {
      rows.put(`row-${number}`, row)
      expect(rows.get('used')).toBe(row)
    }
    const held = Array.from({ length: 2_000 }, (_, number) => rows.get(`row-${number}`)).filter((one) => one !== undefined)
    expect(held.length).toBeGreaterThan(150)
    expect(held.length).toBeLessThan(400)
    expect(rows.get('row-1999')).toBe(row)
  })

  it('forgets a row wherever it is held', () => {
    const rows = new RecentRows<string>((row) => row.length)
    rows.put('a', 'one')
    // Beyond half of what is held: the first is among the old ones now.
    for (let number = 0; number < 220; number += 1) rows.put(`row-${number}`, 'x'.repeat(10_000))
    rows.forget('a')
    expect(rows.get('a')).toBeUndefined()
  })
})
