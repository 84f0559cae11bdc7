import { afterEach, expect, test } from 'vitest'
import type { EventInput } from './model/event.ts'
import { engineWorld, type EngineWorld } from './testing/engine-world.ts'
import { Receiver } from './testing/receiver.ts'

const worlds: EngineWorld[] = []

afterEach(async () => {
  for (const world of worlds.splice(0)) await world.close()
})

/** A project over a file that another one uses too, each with a channel `mail` and a person `dana` of its own. */
function projectWorld(project: string, mail: Receiver, from: { readonly file?: string } = {}): EngineWorld {
  const world = engineWorld({ project, people: { dana: { role: 'admin', email: `dana@${project}.example` } } }, [mail], from)
  worlds.push(world)
  return world
}

test('two projects share a folder, and each tells its own people by its own channels', async () => {
  const [mailOfA, mailOfB] = [new Receiver('mail'), new Receiver('mail')]
  const a = projectWorld('a', mailOfA)
  const b = projectWorld('b', mailOfB, { file: a.file })
  await a.engine.accept([failure('of a')])
  await b.tick()
  expect(mailOfB.messages).toEqual([])
  expect(await b.engine.drain('all', 10)).toEqual({ waiting: 0 })
  mailOfB.answer = () => ({ kind: 'bad-config', detail: 'wrong password' })
  await b.engine.accept([failure('of b')])
  await b.tick()
  await a.tick()
  expect(mailOfA.messages.map(({ to }) => to)).toEqual(['dana@a.example'])
  expect(await b.engine.drain('all', 10)).not.toEqual({ waiting: 0 })
  expect(await a.engine.drain('all', 10)).toEqual({ waiting: 0 })
})

function failure(id: string): EventInput {
  return { source: 'client', type: 'session.end', sessionId: id, status: 'error', endState: 'fail', endReason: 'gave up' }
}
