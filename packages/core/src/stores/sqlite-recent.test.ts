import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { systemClock } from '../model/clock.ts'
import type { RuleState } from '../model/rule-state.ts'
import type { Store } from '../model/store.ts'
import { sampleMs, sampleSession } from '../testing/store-suite/samples.ts'
import { openSqliteStore } from './sqlite.ts'

const key = { project: 'bots', rule: 'slow', key: 'gpt-5' }
const stateOf = (value: string, atMs = sampleMs): RuleState => ({ ...key, value, atMs })

describe('what is held of sessions and of what rules keep', () => {
  let folder = ''
  let one: Store
  let other: Store
  // Two processes make room for each other by short pauses of real time.
  const open = (): Store => openSqliteStore({ file: join(folder, 'tocsin.db'), clock: systemClock, durability: 'normal' })
  const valueIn = (store: Store): Promise<string | undefined> => store.transaction(async (tx) => (await tx.ruleStates([key]))[0])
  const session = sampleSession()
  const callsIn = (store: Store): Promise<number | undefined> => store.transaction(async (tx) => (await tx.sessions([session]))[0]?.calls)
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tocsin-recent-'))
    one = open()
    other = open()
  })
  afterEach(async () => {
    await one.close()
    await other.close()
    rmSync(folder, { recursive: true })
  })

  test('is what another process wrote last', async () => {
    await one.transaction((tx) => tx.putRuleStates([stateOf('first')]))
    await one.transaction((tx) => tx.applySessions([session]))
    await other.transaction((tx) => tx.putRuleStates([stateOf('second')]))
    await other.transaction((tx) => tx.applySessions([session]))
    expect([await valueIn(one), await valueIn(other)]).toEqual(['second', 'second'])
    expect([await callsIn(one), await callsIn(other)]).toEqual([session.calls * 2, session.calls * 2])
  })

  test('is nothing that was rolled back', async () => {
    await one.transaction((tx) => tx.putRuleStates([stateOf('first')]))
    await one.transaction((tx) => tx.applySessions([session]))
    const broken = one.transaction(async (tx) => {
      await tx.putRuleStates([stateOf('second')])
      await tx.applySessions([session])
      throw new Error('the batch failed')
    })
    await expect(broken).rejects.toThrow('the batch failed')
    expect(await valueIn(one)).toBe('first')
    expect(await callsIn(one)).toBe(session.calls)
  })

  test('is gone with its row', async () => {
    await one.transaction((tx) => tx.putRuleStates([stateOf('first')]))
    await one.transaction((tx) => tx.removeRuleStates([key]))
    expect(await valueIn(one)).toBeUndefined()
    await one.transaction((tx) => tx.putRuleStates([stateOf('old', 1)]))
    const query = { project: 'bots', after: '', limit: 100, contentBeforeMs: sampleMs, bodiesBeforeMs: sampleMs, decisionsBeforeMs: sampleMs, pacesBeforeMs: 0 }
    await one.transaction((tx) => tx.forget({ ...query, what: 'rules' }))
    expect(await valueIn(one)).toBeUndefined()
  })

  test('knows that a session fell silent', async () => {
    await one.transaction((tx) => tx.applySessions([session]))
    await one.transaction((tx) => tx.endSilentSessions([session], session.lastAtMs + 1))
    const [state] = await one.transaction((tx) => tx.sessions([session]))
    expect(state?.state).toBe('indeterminate')
  })
})
