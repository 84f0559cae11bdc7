import { afterEach, expect, test } from 'vitest'
import type { EventInput } from '../model/event.ts'
import { closeWorlds, engineWorld } from '../testing/engine-world.ts'
import { Receiver } from '../testing/receiver.ts'

afterEach(closeWorlds)

test('an event sent again is a duplicate; another one under its id is refused with a reason, in one batch and in the next', async () => {
  const mail = new Receiver('mail')
  const world = engineWorld({}, [mail])
  const atMs = world.clock.nowMs()
  const event = (more: Partial<EventInput> = {}): EventInput => ({ source: 'native', type: 'tool.call', id: 'one', atMs, tool: { name: 'search' }, ...more })
  const failed = event({ error: { class: 'server', message: 'no' } })
  const first = await world.engine.accept([event(), event(), failed])
  expect(first.fates).toEqual(['accepted', 'duplicate', { refused: 'id-reused', why: expect.stringContaining('expected an id that no other event') as string }])
  const second = await world.engine.accept([event({ sessionId: 'learned' }), failed])
  expect([second.accepted, second.duplicates, second.refused.map(({ index, refused }) => [index, refused])]).toEqual([0, 1, [[1, 'id-reused']]])
  await world.tick()
  expect(mail.subjects).toEqual([])
})
