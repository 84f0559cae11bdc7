import { DatabaseSync } from 'node:sqlite'
import { afterEach, expect, test } from 'vitest'
import type { ConfigInput } from './model/config.ts'
import { closeWorlds, engineWorld, said, sessionFailed } from './testing/engine-world.ts'
import { Receiver } from './testing/receiver.ts'

afterEach(closeWorlds)

const people: ConfigInput['people'] = { dana: { role: 'admin', email: 'dana@example.com' }, lee: { role: 'admin', email: 'lee@example.com' } }
const routes: ConfigInput['routes'] = [{ to: ['dana', 'lee'], via: { first: ['mail', 'other'], after: '1h' } }]

function damage(file: string, sql: string): void {
  const db = new DatabaseSync(file)
  db.exec(sql)
  db.close()
}

test('whoever a delivery that cannot be read was for is told by their next channel, once, and everybody else as before', async () => {
  const [mail, other] = [new Receiver('mail'), new Receiver('other')]
  const before = engineWorld({ people, routes }, [mail, other])
  await before.engine.accept([sessionFailed('s', before.clock.nowMs())])
  await before.close()
  damage(before.file, `delete from destinations where person = 'dana'`)
  const world = engineWorld({ people, routes }, [mail, other], { file: before.file })
  await world.tick(1_500)
  world.clock.aheadMs = 60_000
  await world.tick(1_500)
  expect([mail.messages.map(({ to }) => to), other.messages.map(({ to }) => to)]).toEqual([['lee@example.com'], ['dana@example.com']])
  const decisions = await world.decisions(1)
  expect(decisions.find(({ reason }) => reason === 'failed.content')).toMatchObject({ person: '*', channel: 'mail', params: { cause: 'the delivery cannot be read' } })
  expect(decisions.find(({ reason }) => reason === 'sent.fallback')).toMatchObject({ person: 'dana', channel: 'other' })
  world.clock.aheadMs = 2 * 3_600_000
  await world.tick(1_500)
  expect([mail.messages.length, other.messages.length]).toEqual([1, 1])
})

test('where there is no next channel it is on record, and nothing else waits', async () => {
  const mail = new Receiver('mail')
  const only: ConfigInput = { people, routes: [{ to: ['dana'], via: ['mail'] }] }
  const before = engineWorld(only, [mail])
  await before.engine.accept([said('one', before.clock.nowMs())])
  await before.close()
  damage(before.file, 'delete from destinations')
  const world = engineWorld(only, [mail], { file: before.file })
  expect(await world.engine.drain('all', 1_500)).toEqual({ waiting: 0 })
  await world.engine.accept([said('two', world.clock.nowMs())])
  await world.tick(1_500)
  expect(mail.subjects).toEqual(['[High] two'])
  expect((await world.decisions(1)).map(({ reason }) => reason)).toContain('failed.content')
})
