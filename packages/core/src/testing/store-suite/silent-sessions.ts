import { expect, test } from 'vitest'
import type { SessionDelta } from '../../model/session.ts'
import type { StoreUnderTest } from '../store-suite.ts'
import { only, sampleMs, sampleSession } from './samples.ts'

export function silentSessionSuite(here: StoreUnderTest): void {
  const apply = async (delta: Partial<SessionDelta>) => only(await here.write((tx) => tx.applySessions([sampleSession(delta)])))
  const silence = (sinceMs: number, ...ids: readonly string[]) => here.write((tx) => tx.endSilentSessions(ids.map((sessionId) => ({ project: 'bots', sessionId })), sinceMs))

  test('a session that was not heard since ends without a time of its end; the others say when they were heard', async () => {
    await apply({ sessionId: 'silent', lastAtMs: sampleMs + 10, calls: 3 })
    await apply({ sessionId: 'lively', lastAtMs: sampleMs + 11 })
    await apply({ sessionId: 'over', end: { atMs: sampleMs, state: 'success' } })
    await here.write((tx) => tx.applySessions([sampleSession({ sessionId: 'silent', project: 'other' })]))
    expect(await silence(sampleMs + 10, 'lively', 'silent', 'over', 'unknown')).toEqual([sampleMs + 11, undefined, undefined, undefined])
    const silent = await here.store.read.session('bots', 'silent')
    expect(silent).toMatchObject({ state: 'indeterminate', calls: 3 })
    expect(silent).not.toHaveProperty('endedAtMs')
    expect(await here.store.read.session('bots', 'lively')).toMatchObject({ state: 'running' })
    expect(await here.store.read.session('bots', 'over')).toMatchObject({ state: 'success' })
    expect(await here.store.read.session('other', 'silent')).toMatchObject({ state: 'running' })
  })

  test('a later sign of life breaks the silence, an earlier one that was late does not', async () => {
    await apply({ lastAtMs: sampleMs + 10 })
    await silence(sampleMs + 10, 's1')
    expect((await apply({ lastAtMs: sampleMs + 10 })).after).toMatchObject({ state: 'indeterminate', calls: 2 })
    const { before, after } = await apply({ lastAtMs: sampleMs + 11 })
    expect([before?.state, after.state]).toEqual(['indeterminate', 'running'])
  })

  test('after silence an explicit end counts, also one that is dated before the last sign of life', async () => {
    await apply({ lastAtMs: sampleMs + 10 })
    await silence(sampleMs + 10, 's1')
    const { after } = await apply({ lastAtMs: sampleMs + 5, calls: 0, end: { atMs: sampleMs + 5, state: 'success', reason: 'done' } })
    expect(after).toMatchObject({ state: 'success', endedAtMs: sampleMs + 5, endReason: 'done' })
    expect(await silence(sampleMs + 99, 's1')).toEqual([undefined])
    expect(await here.store.read.session('bots', 's1')).toMatchObject({ state: 'success', endedAtMs: sampleMs + 5 })
  })
}
