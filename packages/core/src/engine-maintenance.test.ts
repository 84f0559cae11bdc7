import { afterEach, expect, test } from 'vitest'
import { weekdays } from './model/attention-config.ts'
import { systemClock } from './model/clock.ts'
import type { ConfigInput } from './model/config.ts'
import { callFailed, closeWorlds, engineWorld } from './testing/engine-world.ts'
import { Receiver } from './testing/receiver.ts'

afterEach(closeWorlds)

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs

/** A window of two hours that begins so long from now, each day or on the one on which it begins then. */
function windowIn(aheadMs: number, isDaily: boolean): NonNullable<ConfigInput['maintenance']>[number] {
  const begin = new Date(Math.floor((systemClock.nowMs() + aheadMs) / minuteMs) * minuteMs)
  const clock = (at: Date): string => at.toISOString().slice(11, 16)
  const day = weekdays[(begin.getUTCDay() + 6) % 7] ?? 'mon'
  return { name: 'backups', match: "alert.kind != 'cost'", hours: `${clock(begin)}-${clock(new Date(begin.getTime() + 2 * hourMs))}`, ...(isDaily ? {} : { days: [day] }), timezone: 'UTC' }
}

const failing: ConfigInput = {
  rules: { 'model-failed': false, failing: { on: 'llm.call', when: "event.status == 'error'", severity: 'high', quiet: '3d', groupBy: ['agent'] } },
  routes: [{ to: ['dana'], via: ['mail'] }],
}

test('what fires in a maintenance window is told when it is over, with the name of the window', async () => {
  const mail = new Receiver('mail')
  const world = engineWorld({ ...failing, maintenance: [windowIn(-minuteMs, false)] }, [mail])
  await world.engine.accept([callFailed('one', world.clock.nowMs())])
  await world.at(hourMs)
  expect(mail.messages).toEqual([])
  expect(await world.decisions(1)).toMatchObject([{ reason: 'silenced.maintenance', person: '*', params: { name: 'backups', until: expect.any(Number) as number } }])
  await world.at(2 * hourMs + minuteMs)
  expect(mail.messages).toHaveLength(1)
  expect(mail.messages[0]?.text).toContain('“backups”')
  await world.at(3 * hourMs)
  await world.engine.accept([{ ...callFailed('two', world.clock.nowMs()), agent: 'other' }])
  await world.tick()
  expect(mail.messages).toHaveLength(2)
})

test('what fires when a window begins is hushed in it, each time that it comes, over restarts', async () => {
  const mail = new Receiver('mail')
  const config: ConfigInput = { ...failing, maintenance: [windowIn(hourMs, true)] }
  const first = engineWorld(config, [mail])
  await first.engine.accept([callFailed('one', first.clock.nowMs())])
  await first.tick()
  expect(mail.messages).toHaveLength(1)
  await first.at(2 * hourMs)
  expect(await first.store.transaction((tx) => tx.hushes([1]))).toMatchObject([{ by: 'maintenance:backups' }])
  await first.close()
  const second = engineWorld(config, [mail], { file: first.file, aheadMs: 2 * hourMs + minuteMs })
  await second.tick()
  expect(mail.messages).toHaveLength(1)
  await second.at(4 * hourMs)
  expect(mail.messages).toHaveLength(2)
  await second.at(dayMs + 2 * hourMs)
  expect(await second.store.transaction((tx) => tx.hushes([1]))).toMatchObject([{ by: 'maintenance:backups' }])
  await second.at(dayMs + 4 * hourMs)
  expect(mail.messages).toHaveLength(3)
})
