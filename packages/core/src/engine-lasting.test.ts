import { afterEach, expect, test } from 'vitest'
import type { EventInput } from './model/event.ts'
import { closeWorlds, engineWorld } from './testing/engine-world.ts'
import { Receiver } from './testing/receiver.ts'

afterEach(closeWorlds)

const minuteMs = 60_000

function said(atMs: number, id: string, over?: true): EventInput {
  return { type: 'custom', source: 'native', id, atMs, announcement: { title: 'Disk of db-1 is full', severity: 'high', about: 'disk|db-1', ...(over === true && { over }) } }
}

test('what lasts is one alert, however often it is said, until it is said to be over', async () => {
  const mail = new Receiver('mail')
  const world = engineWorld({ routes: [{ to: ['dana'], via: ['mail'] }] }, [mail])
  const nowMs = world.clock.nowMs()
  await world.engine.accept([said(nowMs, 'a')])
  await world.tick()
  await world.engine.accept([said(nowMs + 1, 'b'), said(nowMs, 'a')])
  await world.at(minuteMs)
  expect(mail.messages.map(({ news }) => news)).toEqual(['firing'])
  await world.engine.accept([said(nowMs + minuteMs, 'c', true)])
  await world.at(2 * minuteMs)
  expect(mail.messages.map(({ news }) => news)).toEqual(['firing', 'resolved'])
  expect(await world.store.read.alerts()).toMatchObject([{ state: 'resolved', count: 2, announcement: { about: 'disk|db-1' } }])
})

test('of several about the same that come at once the newest counts, whatever their order', async () => {
  const mail = new Receiver('mail')
  const world = engineWorld({ routes: [{ to: ['dana'], via: ['mail'] }] }, [mail])
  const nowMs = world.clock.nowMs()
  await world.engine.accept([said(nowMs, 'over', true), said(nowMs - 1_000, 'begun')])
  await world.tick()
  expect(await world.store.read.alerts()).toEqual([])
  await world.engine.accept([said(nowMs + 2, 'again'), said(nowMs + 1, 'over again', true)])
  await world.tick()
  expect(mail.messages.map(({ news }) => news)).toEqual(['firing'])
})
