import { describe, expect, test } from 'vitest'
import { decisionReasons } from '../../packages/core/src/model/decision.ts'
import { lanesOf, stageOf } from '../../packages/dashboard/src/pages/alerts/lanes.ts'

type Of = Parameters<typeof lanesOf>[0]
type Decision = Of['decisions'][number]

const decided = (person: string, reason: string, more: Partial<Decision> = {}): Decision => ({ person, channel: '*', reason, verdict: reason.split('.', 1)[0] ?? '', sentence: `${person} ${reason}`, params: {}, atMs: 1, count: 1, ...more })
// Reason for the cast: of an alert the drawing looks at these two alone.
const drawn = (reached: Of['reached'], decisions: readonly Decision[]) => lanesOf({ reached, decisions } as unknown as Of)

test('every reason is decided in a column, and each column but the first decides something', () => {
  const columns = new Map(decisionReasons.map((reason) => [reason as string, stageOf(reason)]))
  expect(new Set(columns.values())).toEqual(new Set(['cause', 'route', 'person', 'timing', 'channel']))
  expect(['refused.role', 'refused.no_route', 'refused.bad_address', 'held.quiet_hours', 'limited.person', 'silenced.snoozed', 'merged.cause', 'sent.fallback', 'held.retry'].map((reason) => columns.get(reason))).toEqual(['person', 'route', 'channel', 'timing', 'timing', 'timing', 'cause', 'channel', 'channel'])
  // One that a newer server knows.
  expect([stageOf('refused.moon'), stageOf('orbited.twice')]).toEqual(['person', 'channel'])
})

describe('lanes', () => {
  test('who was told goes to the end, held by the last that held them; who was not ends where it was decided', () => {
    const lanes = drawn(
      [{ person: 'dana', outcome: 'told', channel: 'sms', route: 'on-call', atMs: 9, tookMs: 2_000 }, { person: 'lee', outcome: 'waiting', channel: 'mail', atMs: 90 }, { person: 'bo', outcome: 'not-told' }],
      [decided('dana', 'held.group_wait'), decided('dana', 'held.quiet_hours'), decided('lee', 'held.digest', { params: { route: 'team' } }), decided('bo', 'refused.role', { params: { role: 'billing' } })],
    )
    expect(lanes).toMatchObject([
      { person: 'dana', outcome: 'told', route: 'on-call', channel: 'sms', held: { reason: 'held.quiet_hours' } },
      { person: 'lee', outcome: 'waiting', route: 'team', held: { reason: 'held.digest' } },
      { person: 'bo', outcome: 'stopped', role: 'billing', end: { stage: 'person', decision: { reason: 'refused.role' } } },
    ])
    expect(lanes[0]?.end).toBeUndefined()
  })

  test('who reads the place where another was told runs into their lane, beneath it; what is of nobody comes last', () => {
    const lanes = drawn(
      [{ person: 'dana', outcome: 'told', channel: 'wall' }, { person: 'kim', outcome: 'told', channel: 'sms' }, { person: 'lee', outcome: 'not-told' }],
      [decided('*', 'refused.no_route'), decided('lee', 'merged.already_told', { channel: 'wall' })],
    )
    expect(lanes.map(({ person, joins, end }) => [person, joins, end?.stage])).toEqual([['dana', undefined, undefined], ['lee', 'dana', 'channel'], ['kim', undefined, undefined], ['', undefined, 'route']])
  })

  test('nobody is left out, whatever is known of them', () => {
    expect(drawn([{ person: 'ann', outcome: 'not-told' }], [])).toMatchObject([{ person: 'ann', end: { stage: 'person' } }])
  })
})
