import { afterEach, expect, test } from 'vitest'
import { sleep, systemClock } from '../../packages/core/src/model/clock.ts'
import { serverWorld, type ServerWorld } from '../../packages/server/src/testing/server-world.ts'
import { newFolder, startAgent } from './run-agent.ts'

/** Agents that send to a server and die: a real server, real processes, a real kill -9. */
let world: ServerWorld
afterEach(() => world.dispose())

const lostSoon = { people: { dana: { role: 'admin', email: 'dana@example.com' } }, channels: { box: { type: 'inbox' } }, rules: { 'session-lost': { after: '1s' } } } as const

async function told(): Promise<readonly string[]> {
  const messages = await world.store.read.inbox()
  return messages.map(({ subject }) => subject)
}

async function until(isSo: () => Promise<boolean>, forMs: number): Promise<boolean> {
  for (const endMs = systemClock.monotonicMs() + forMs; systemClock.monotonicMs() < endMs; await sleep(systemClock, 50)) if (await isSo()) return true
  return false
}

test('an agent that was killed is told as lost, and one that lives on is not', { timeout: 40_000 }, async () => {
  world = await serverWorld(lostSoon)
  const order = { scenario: 'worksOn', config: { endpoint: world.url, apiKey: world.ingestKey }, options: { allowInsecure: true } } as const
  const [dies, lives] = [1, 2].map(() => startAgent({ ...order, data: newFolder() }))
  await Promise.all([dies?.next(), lives?.next()])
  // Several times longer than a process may be silent.
  expect(await until(async () => (await told()).length > 0, 3_000)).toBe(false)
  dies?.child.kill('SIGKILL')
  expect(await until(async () => (await told()).length > 0, 15_000)).toBe(true)
  await sleep(systemClock, 1_500)
  expect(await told()).toHaveLength(1)
  expect((await told())[0]).toMatch(/long work/)
  lives?.child.kill('SIGKILL')
  await lives?.ended
})

test('what signs has a name and the key of a project, and hears how often it is wished', async () => {
  world = await serverWorld(lostSoon)
  const sign = (body: unknown, key = world.ingestKey) => world.call('POST', '/api/v1/signs', { key, body })
  expect(await sign({ process: 'host:1-a' })).toMatchObject({ status: 200, json: { everyMs: 1_000 / 3 } })
  for (const wrong of [{}, { process: '' }, { process: 'a b c' }, { process: 'x'.repeat(300) }, { process: 'host:1', more: 1 }]) expect((await sign(wrong)).status).toBe(422)
  expect((await sign({ process: 'host:1' }, await world.makeKey('read'))).status).toBe(403)
  expect((await sign({ process: 'host:1' }, 'tok_unknown')).status).toBe(401)
  await world.dispose()
  world = await serverWorld({ rules: { 'session-lost': false } })
  expect(await sign({ process: 'host:1-a' })).toMatchObject({ status: 200, json: {} })
})
