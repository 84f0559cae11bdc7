import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import type { ConfigInput } from './model/config.ts'
import { callFailed, closeWorlds, engineWorld, type EngineWorld } from './testing/engine-world.ts'
import { acknowledge, fail, failingFor as rules, onCallPeople as people, onCallRoutes as routes, who } from './testing/on-call-world.ts'
import { Receiver } from './testing/receiver.ts'

afterEach(closeWorlds)

const minuteMs = 60_000
const hourMs = 60 * minuteMs

async function reasonsOf(world: EngineWorld, person: string): Promise<readonly string[]> {
  return (await world.decisions()).filter((one) => one.person === person).map(({ reason }) => reason)
}

describe('many processes', () => {
  test('tell each step once, whichever of them dies', async () => {
    const mail = new Receiver('mail')
    const config: ConfigInput = { people, rules: rules(), routes: routes() }
    const first = engineWorld(config, [mail])
    const second = engineWorld(config, [mail], { file: first.file })
    await fail(first)
    await first.close()
    await second.tick()
    expect(who(mail)).toEqual(['dana'])
    const third = engineWorld(config, [mail], { file: first.file })
    second.clock.aheadMs = third.clock.aheadMs = 5 * minuteMs + 2_000
    await Promise.all([second.tick(), third.tick()])
    expect(who(mail)).toEqual(['dana', 'lee'])
    await third.close()
    const fourth = engineWorld(config, [mail], { file: first.file })
    second.clock.aheadMs = fourth.clock.aheadMs = 15 * minuteMs + 4_000
    await Promise.all([second.tick(), fourth.tick()])
    await second.at(hourMs)
    expect(who(mail)).toEqual(['dana', 'lee', 'max'])
  })

  test('go on with a step whose process died before it was sent', async () => {
    const mail = new Receiver('mail')
    const config: ConfigInput = { people, rules: rules(), routes: routes(), delivery: { leaseMs: 1_000 } }
    const first = engineWorld(config, [mail])
    await fail(first)
    mail.hold()
    await first.at(5 * minuteMs + 2_000)
    expect(who(mail)).toEqual(['dana', 'lee'])
    // Its lease ends without a word, and what is in doubt goes again only where it may.
    const second = engineWorld(config, [mail], { file: first.file })
    mail.answer = () => ({ kind: 'sent' })
    await second.at(16 * minuteMs)
    await second.tick()
    expect(who(mail).filter((one) => one === 'max')).toEqual(['max'])
    await second.at(hourMs)
    expect(who(mail).filter((one) => one === 'max')).toEqual(['max'])
  })
})

test('in any order of failures, restarts and acknowledgements each step is told once, in order, and none after somebody took it', async () => {
  const trouble = fc.array(fc.record({ by: fc.constantFrom('first', 'second', 'both'), afterMs: fc.integer({ min: 1_000, max: 8 * minuteMs }), answer: fc.constantFrom('sent', 'sent', 'retry', 'bad-content'), act: fc.constantFrom('none', 'none', 'none', 'restart', 'acknowledge') }), { minLength: 4, maxLength: 10 })
  await fc.assert(
    fc.asyncProperty(trouble, async (happenings) => {
      const mail = new Receiver('mail')
      const got: string[] = []
      const afterTaken: string[] = []
      let answer: (typeof happenings)[number]['answer'] = 'sent'
      mail.answer = ({ to }) => {
        if (answer === 'sent') got.push(to.split('@')[0] ?? '')
        return answer === 'sent' ? { kind: 'sent' } : { kind: answer, detail: 'no' }
      }
      const config: ConfigInput = { people, rules: rules(), routes: routes(), delivery: { retryMs: 60_000, retryMaxMs: 60_000 }, storm: false }
      const worlds = { first: engineWorld(config, [mail]), second: undefined as EngineWorld | undefined }
      worlds.second = engineWorld(config, [mail], { file: worlds.first.file })
      await worlds.first.engine.accept([callFailed('one', worlds.first.clock.nowMs())])
      let aheadMs = 0
      let isTaken = false
      for (const one of happenings) {
        aheadMs += one.afterMs
        answer = one.answer
        const running = one.by === 'both' ? [worlds.first, worlds.second] : [worlds[one.by] ?? worlds.first]
        for (const world of [worlds.first, worlds.second]) world.clock.aheadMs = aheadMs
        const before = got.length
        await Promise.all(running.map((world) => world.tick()))
        if (isTaken) afterTaken.push(...got.slice(before))
        if (one.act === 'restart') {
          await worlds.first.close()
          worlds.first = engineWorld(config, [mail], { file: worlds.second.file, aheadMs })
        }
        if (one.act === 'acknowledge') {
          await acknowledge(worlds.second)
          isTaken = true
        }
      }
      expect(afterTaken).toEqual([])
      expect(got).toEqual([...new Set(got)])
      // A step that is tried again may come after the one that took over from it; but who is asked first was asked first.
      const asked = (await worlds.second.deliveries()).map(({ person }) => person)
      expect(asked).toEqual(['dana', 'lee', 'max'].slice(0, asked.length))
      await closeWorlds()
    }),
    { numRuns: 15 },
  )
}, 60_000)

test('a text message says that it is the last step', async () => {
  for (const [locale, words] of [['en', '(last step)'], ['zh-CN', '（最后一步）']] as const) {
    const sms = new Receiver('sms-like', { shape: 'short' })
    const world = engineWorld({ people: { ...people, lee: { ...people.lee, locale } }, rules: rules(), routes: routes([{ after: '5m', to: ['lee'] }], { via: ['sms-like'] }) }, [sms])
    await fail(world)
    await world.at(5 * minuteMs + 2_000)
    expect(sms.messages.map(({ text }) => text.includes(words))).toEqual([false, true])
  }
})

test('the words of the last step are in the language of its reader', async () => {
  const mail = new Receiver('mail')
  const world = engineWorld({ people: { ...people, max: { ...people.max, locale: 'zh-CN' } }, rules: rules(), routes: routes() }, [mail])
  await fail(world)
  await world.at(5 * minuteMs + 2_000)
  await world.at(15 * minuteMs + 4_000)
  expect(mail.messages[2]?.text).toMatch(/已升级给你：lee .*内未确认（第 3 步，共 3 步）。/)
  expect(mail.messages[2]?.text).toContain('你是最后一步：之后不再询问他人。')
})

test('in a dry run each step is decided in its time, and nothing is sent', async () => {
  const mail = new Receiver('mail')
  const world = engineWorld({ people, rules: rules(), routes: routes(), dryRun: true }, [mail])
  await fail(world)
  await world.at(5 * minuteMs - 2_000)
  expect(await reasonsOf(world, 'lee')).toEqual([])
  await world.at(5 * minuteMs + 2_000)
  expect((await reasonsOf(world, 'lee')).toSorted()).toEqual(['refused.dry_run', 'sent.escalated'])
  expect(await reasonsOf(world, 'max')).toEqual([])
  expect(who(mail)).toEqual([])
})
