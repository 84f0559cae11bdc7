import { beforeEach, describe, expect, it } from 'vitest'
import { seededChance } from '../model/chance.ts'
import type { EventInput } from '../model/event.ts'
import { manualClock } from '../testing/manual-clock.ts'
import { askApproval } from './approval.ts'
import { runInScope } from './context.ts'
import { Observation } from './observation.ts'

let events: EventInput[]
let observation: Observation
beforeEach(() => {
  events = []
  observation = new Observation({ recorder: { record: (event) => void events.push(event) }, clock: manualClock(1_000), chance: seededChance(7) })
})
const answers = (): readonly (string | undefined)[] => events.map(({ detail }) => detail?.['answer'])

describe('an approval', () => {
  it('is recorded as it is asked for and as it is answered, with one id, in the session it was asked in', async () => {
    const asking = runInScope({ sessionId: 's', agent: 'bot' }, () => askApproval(observation, 'refund $900', async () => Promise.resolve(true)))
    expect(events).toEqual([expect.objectContaining({ type: 'approval.request', name: 'refund $900', sessionId: 's', agent: 'bot', detail: { id: expect.any(String) as string } })])
    expect(await asking).toBe(true)
    expect(events[1]).toMatchObject({ type: 'approval.request', sessionId: 's', detail: { id: events[0]?.detail?.['id'], answer: 'approved' } })
  })

  it('gives back what was answered, and the error of asking goes on unchanged', async () => {
    expect(askApproval(observation, 'a', () => false)).toBe(false)
    expect(askApproval(observation, 'b', () => 'later')).toBe('later')
    const broken = new Error('nobody there')
    await expect(askApproval(observation, 'c', () => Promise.reject(broken))).rejects.toBe(broken)
    expect(() => askApproval(observation, 'd', () => {
      throw broken
    })).toThrow(broken)
    expect(answers()).toEqual([undefined, 'rejected', undefined, 'answered', undefined, 'given up', undefined, 'given up'])
  })
})
