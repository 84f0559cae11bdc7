import { afterEach, describe, expect, it } from 'vitest'
import { closeWorlds, engineWorld, said } from './testing/engine-world.ts'
import { Receiver } from './testing/receiver.ts'

afterEach(closeWorlds)

const hourMs = 3_600_000

describe('a pause', () => {
  it('holds everything, decides everything, and what waited comes afterwards, however old it became', async () => {
    const mail = new Receiver('mail')
    const world = engineWorld({ pause: true }, [mail])
    await world.tick()
    await world.engine.accept([said('while held', world.clock.nowMs(), { severity: 'critical' })])
    await world.at(10 * hourMs)
    expect(mail.messages).toEqual([])
    expect(await world.decisions()).toContainEqual(expect.objectContaining({ person: 'dana', channel: 'mail', reason: 'held.paused', params: expect.objectContaining({ by: 'tocsin.yaml' }) as object }))
    await world.store.transaction((tx) => tx.endHold('default', world.clock.nowMs()))
    await world.at(10 * hourMs + 5_000)
    expect(mail.messages.map(({ subject }) => subject)).toEqual([expect.stringContaining('while held')])
    expect((await world.deliveries()).map(({ result }) => result)).toEqual(['sent'])
  })

  it('holds for every process on the folder, and a start without it in the configuration goes on', async () => {
    const mail = new Receiver('mail')
    const world = engineWorld({}, [mail])
    await world.tick()
    const other = engineWorld({ pause: true }, [mail], { file: world.file })
    await other.tick()
    await world.engine.accept([said('held by the other', world.clock.nowMs())])
    await world.at(2_000)
    expect(mail.messages).toEqual([])
    const third = engineWorld({}, [mail], { file: world.file, aheadMs: 4_000 })
    await third.tick()
    expect(mail.messages).toHaveLength(1)
  })

  it('that a person began is not ended by a start', async () => {
    const mail = new Receiver('mail')
    const world = engineWorld({}, [mail])
    await world.store.transaction((tx) => tx.putHold({ project: 'default', by: 'ana', sinceMs: world.clock.nowMs() }))
    await world.engine.accept([said('quiet', world.clock.nowMs())])
    await world.tick()
    expect(mail.messages).toEqual([])
    expect(await world.decisions()).toContainEqual(expect.objectContaining({ reason: 'held.paused', params: expect.objectContaining({ by: 'ana' }) as object }))
  })

  it('asks no next channel because the first was held', async () => {
    const [mail, text] = [new Receiver('mail'), new Receiver('text')]
    const world = engineWorld({ pause: true, routes: [{ to: ['dana'], via: { first: ['mail', 'text'], after: '1m' } }] }, [mail, text])
    await world.tick()
    await world.engine.accept([said('first by mail', world.clock.nowMs())])
    for (const minutes of [1, 2, 3]) await world.at(minutes * 60_000)
    await world.store.transaction((tx) => tx.endHold('default', world.clock.nowMs()))
    await world.at(200_000)
    await world.at(260_000)
    expect([mail.messages.length, text.messages.length]).toEqual([1, 0])
  })
})

it('a dry run decides everything and sends nothing', async () => {
  const [mail, text] = [new Receiver('mail'), new Receiver('text')]
  const world = engineWorld({ dryRun: true, routes: [{ name: 'all', to: ['dana'], via: { first: ['mail', 'text'], after: '1m' } }] }, [mail, text])
  await world.engine.accept([said('would be told', world.clock.nowMs())])
  await world.tick()
  await world.at(2 * 60_000)
  expect([...mail.messages, ...text.messages]).toEqual([])
  const reasons = (await world.decisions()).map(({ reason, channel }) => `${reason} ${channel}`)
  expect(reasons).toEqual(expect.arrayContaining(['sent.now mail', 'refused.dry_run mail']))
  expect(reasons.some((reason) => reason.endsWith('text'))).toBe(false)
  expect((await world.deliveries()).map(({ result }) => result)).toEqual(['dry-run'])
})
