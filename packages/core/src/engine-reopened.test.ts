import { afterEach, expect, test } from 'vitest'
import type { ConfigInput } from './model/config.ts'
import { callFailed, closeWorlds, engineWorld, type EngineWorld } from './testing/engine-world.ts'
import { Receiver } from './testing/receiver.ts'

afterEach(closeWorlds)

const minuteMs = 60_000
const failing = (severity: 'warning' | 'high'): ConfigInput['rules'] => ({ 'model-failed': false, failing: { on: 'llm.call', when: "event.status == 'error'", severity, quiet: '2m' } })
const people: ConfigInput['people'] = { dana: { role: 'admin', email: 'dana@example.com' } }
/** Long enough for a machine that is busy: it ends when nothing more is to be done. */
async function at(world: EngineWorld, aheadMs: number): Promise<void> {
  world.clock.aheadMs = aheadMs
  await world.tick(1_500)
}

const digest: ConfigInput['routes'] = [{ to: ['dana'], via: ['mail'], digest: '5m' }]

test('whoever was told that an alert fires, and was spared its end, is not told that it fires once more', async () => {
  const mail = new Receiver('mail')
  const world = engineWorld({ rules: failing('warning'), people, routes: digest }, [mail])
  await world.engine.accept([callFailed('zero', world.clock.nowMs())])
  for (let minutes = 1; minutes <= 5; minutes += 1) {
    await at(world, minutes * minuteMs - 1_000)
    await world.engine.accept([callFailed(`keeps ${minutes}`, world.clock.nowMs())])
  }
  await at(world, 5 * minuteMs + 1_000)
  expect(mail.messages).toHaveLength(1)
  await at(world, 7 * minuteMs)
  expect((await world.store.read.alerts())[0]?.state).toBe('resolved')
  await world.engine.accept([callFailed('again', world.clock.nowMs())])
  for (let minutes = 8; minutes < 15; minutes += 1) {
    await at(world, minutes * minuteMs - 30_000)
    await world.engine.accept([callFailed(`on ${minutes}`, world.clock.nowMs())])
  }
  expect(mail.subjects).toHaveLength(1)
  expect((await world.decisions()).map(({ reason }) => reason)).toContain('merged.already_told')
  await at(world, 20 * minuteMs)
  await at(world, 26 * minuteMs)
  expect(mail.subjects.map((subject) => subject.startsWith('Resolved'))).toEqual([false, true])
})

test('whoever heard the end is told that it fires again, and so is whoever was spared the end of something that is worse now', async () => {
  for (const severity of ['warning', 'high'] as const) {
    const mail = new Receiver('mail')
    const routes: ConfigInput['routes'] = severity === 'warning' ? [{ to: ['dana'], via: ['mail'] }] : digest
    const world = engineWorld({ rules: failing('warning'), people, routes }, [mail])
    const changed = engineWorld({ rules: failing(severity), people, routes: [{ to: ['dana'], via: ['mail'] }] }, [mail], { file: world.file })
    await world.engine.accept([callFailed('one', world.clock.nowMs())])
    await world.tick(1_500)
    if (severity === 'high') {
      for (let minutes = 1; minutes <= 5; minutes += 1) {
        await at(world, minutes * minuteMs - 1_000)
        await world.engine.accept([callFailed(`keeps ${minutes}`, world.clock.nowMs())])
      }
      await at(world, 5 * minuteMs + 1_000)
    }
    await at(world, 7 * minuteMs)
    const before = mail.messages.length
    await at(changed, 7 * minuteMs)
    await changed.engine.accept([callFailed('again', changed.clock.nowMs())])
    await changed.tick(1_500)
    expect([severity, mail.messages.slice(before).map(({ news }) => news)]).toEqual([severity, ['firing']])
  }
})
