import { afterEach, describe, expect, test } from 'vitest'
import type { ConfigInput } from './model/config.ts'
import { callFailed, closeWorlds, engineWorld, said, type EngineWorld } from './testing/engine-world.ts'
import { Receiver } from './testing/receiver.ts'

afterEach(closeWorlds)

const hourMs = 3_600_000
const dayMs = 24 * hourMs

/** A world that stood still from before it could tell anything until so long after; then two rounds, so that a collection is due. */
async function wakeAt(world: EngineWorld, aheadMs: number): Promise<void> {
  await world.at(aheadMs)
  await world.at(aheadMs + 1_000)
}

describe('news that was not sent in time', () => {
  test('is a line of the next collected message, with its time, marked as late and in the words of the reader', async () => {
    for (const [locale, words] of [['en', { heading: '2 older updates were not sent in time', mark: ' (late)' }], ['zh-CN', { heading: '2 条较早的更新未能及时送达', mark: '（迟到）' }]] as const) {
      const mail = new Receiver('mail')
      const world = engineWorld({ people: { dana: { role: 'admin', email: 'dana@example.com', locale } } }, [mail])
      await world.engine.accept([said('disk full', world.clock.nowMs()), said('all down', world.clock.nowMs(), { severity: 'critical' })])
      await wakeAt(world, 25 * hourMs)
      expect(mail.subjects).toEqual([expect.stringContaining(words.heading)])
      const [message] = mail.messages
      expect(message?.severity).toBe('info')
      for (const title of ['disk full', 'all down']) expect(message?.text).toMatch(new RegExp(`\\d\\d:\\d\\d.*${title}${words.mark.replace(/[()]/g, '\\$&')}`))
      const [alert] = await world.store.read.alerts()
      expect((await world.decisions(alert?.id)).map(({ reason }) => reason)).toEqual(expect.arrayContaining(['refused.too_old', 'held.digest']))
    }
  })

  test('stands among the newer news that is collected for the same person there', async () => {
    const mail = new Receiver('mail')
    const world = engineWorld({ delivery: { batchMs: 5_000 } }, [mail])
    await world.engine.accept([said('old one', world.clock.nowMs())])
    await world.at(25 * hourMs)
    await world.engine.accept([said('new one', world.clock.nowMs(), { severity: 'info' })])
    await world.at(25 * hourMs + 6_000)
    expect(mail.messages).toHaveLength(1)
    expect(mail.messages[0]?.text).toContain('old one (late)')
    expect(mail.messages[0]?.text).toMatch(/new one$/m)
    expect(mail.messages[0]?.text).toContain('One of them is older and was not sent in time.')
  })

  test('is told late once: a late line that becomes too old itself is told no more', async () => {
    const mail = new Receiver('mail')
    const world = engineWorld({}, [mail])
    await world.engine.accept([said('old one', world.clock.nowMs())])
    await world.at(25 * hourMs)
    await wakeAt(world, 10 * dayMs)
    await wakeAt(world, 20 * dayMs)
    expect(mail.messages).toEqual([])
    expect((await world.deliveries()).map(({ result }) => result)).toEqual(['too-old', 'too-old'])
  })

  test('is not told late where the next channel took it on, or another channel told it', async () => {
    for (const via of [{ first: ['mail', 'other'], after: '40h' }, ['mail', 'other']] as const) {
      const [mail, other] = [new Receiver('mail'), new Receiver('other')]
      const routes: ConfigInput['routes'] = [{ to: ['dana'], via: Array.isArray(via) ? [...via] : { first: ['mail', 'other'], after: '40h' } }]
      const world = engineWorld({ routes, delivery: { pauseMs: dayMs } }, [mail, other])
      mail.answer = () => ({ kind: 'bad-config', detail: 'wrong password' })
      await world.engine.accept([said('old one', world.clock.nowMs())])
      await world.tick()
      await wakeAt(world, 25 * hourMs)
      expect(other.subjects.filter((subject) => subject.includes('old one'))).toHaveLength(1)
      const late = [...mail.messages, ...other.messages].filter(({ text }) => text.includes('(late)'))
      expect(late.map(({ text }) => text).filter((text) => text.includes('old one'))).toEqual([])
    }
  })

  test('is not told late when it is over by then, but for what was critical', async () => {
    const failing = (severity: 'high' | 'critical'): ConfigInput => ({ rules: { 'model-failed': false, failing: { on: 'llm.call', when: "event.status == 'error'", severity, quiet: '1m' } }, delivery: { pauseMs: dayMs } })
    for (const severity of ['high', 'critical'] as const) {
      const mail = new Receiver('mail')
      const world = engineWorld(failing(severity), [mail])
      mail.answer = () => ({ kind: 'bad-config', detail: 'wrong password' })
      await world.engine.accept([callFailed('one', world.clock.nowMs())])
      await world.tick()
      await world.at(hourMs)
      mail.answer = () => ({ kind: 'sent' })
      const before = mail.messages.length
      await wakeAt(world, 3 * dayMs)
      expect([severity, mail.messages.slice(before).map(({ text }) => text.includes('(over) (late)'))]).toEqual([severity, severity === 'critical' ? [true] : []])
    }
  })

  test('comes by another channel where the one that it waited for is gone', async () => {
    const mail = new Receiver('mail')
    const before = engineWorld({}, [mail])
    await before.engine.accept([said('calm', before.clock.nowMs())])
    await before.close()
    const after = engineWorld({ channels: { renamed: { type: 'mail' } } }, [mail], { file: before.file })
    await wakeAt(after, 25 * hourMs)
    expect(mail.messages.map(({ text }) => text)).toEqual([expect.stringContaining('calm (late)')])
  })
})
