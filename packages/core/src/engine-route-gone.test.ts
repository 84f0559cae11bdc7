import { afterEach, describe, expect, test } from 'vitest'
import type { ConfigInput } from './model/config.ts'
import type { Decision } from './model/decision.ts'
import { callFailed, closeWorlds, engineWorld, type EngineWorld } from './testing/engine-world.ts'
import { acknowledge, fail, failingFor as rules, onCallPeople as people, onCallRoutes as routes, onCallSteps as steps, who } from './testing/on-call-world.ts'
import { Receiver } from './testing/receiver.ts'

afterEach(closeWorlds)

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const plain: ConfigInput['routes'] = [{ name: 'on-call', to: ['dana'], via: ['mail'] }]
const repeating = plain.map((route) => ({ ...route, repeatInterval: '5m' }))

async function gone(world: EngineWorld): Promise<readonly Decision[]> {
  return (await world.decisions()).filter(({ reason }) => reason === 'failed.route_gone')
}

async function everyMinute(world: EngineWorld, from: number, to: number): Promise<void> {
  for (let minute = from; minute <= to; minute += 1) await world.at(minute * minuteMs + 2_000)
}

describe('where the route of an alert that fires is gone from the configuration', () => {
  test.each<[string, ConfigInput['routes'], ConfigInput['routes']]>([
    ['renamed', routes(), routes(steps, { name: 'other' })],
    ['removed', routes(), [{ name: 'other', to: ['lee'], via: ['mail'] }]],
    ['without the step', routes(), plain],
    ['renamed, that is told again', repeating, repeating.map((route) => ({ ...route, name: 'other' }))],
  ])('%s: why nobody else is asked is on record, once', async (_case, before, after) => {
    const mail = new Receiver('mail')
    const world = engineWorld({ people, rules: rules(), routes: before }, [mail])
    await fail(world)
    const sinceMs = world.clock.nowMs() + 5 * minuteMs
    const changed = engineWorld({ people, rules: rules(), routes: after }, [mail], { file: world.file })
    await world.close()
    await everyMinute(changed, 1, 9)
    expect(await gone(changed)).toEqual([])
    await everyMinute(changed, 10, 12)
    const [said, ...more] = await gone(changed)
    expect(said).toMatchObject({ alert: 1, person: '*', channel: '*', params: { route: 'on-call' }, count: 1 })
    expect(Math.abs(Number(said?.params['time']) - sinceMs)).toBeLessThan(minuteMs)
    await everyMinute(changed, 13, 30)
    await acknowledge(changed)
    await changed.at(hourMs)
    expect([more, await gone(changed)]).toEqual([[], [said]])
    expect(who(mail)).toEqual(['dana'])
  })

  test('that is on record also where somebody takes the alert before', async () => {
    const mail = new Receiver('mail')
    const world = engineWorld({ people, rules: rules(), routes: routes() }, [mail])
    await fail(world)
    const changed = engineWorld({ people, rules: rules(), routes: routes(steps, { name: 'other' }) }, [mail], { file: world.file })
    await everyMinute(changed, 5, 6)
    await acknowledge(changed)
    await everyMinute(changed, 7, 9)
    expect((await gone(changed)).map(({ count, params }) => [count, params['route']])).toEqual([[1, 'on-call']])
  })

  test('nothing is said where it was taken before anybody else was due, nor of a new alert', async () => {
    const mail = new Receiver('mail')
    const world = engineWorld({ people, rules: rules(), routes: routes() }, [mail])
    await fail(world)
    const changed = engineWorld({ people, rules: rules(), routes: routes(steps, { name: 'other' }) }, [mail], { file: world.file })
    await acknowledge(changed)
    await changed.engine.accept([{ ...callFailed('two', changed.clock.nowMs()), agent: 'new' }])
    await everyMinute(changed, 0, 30)
    expect(await gone(changed)).toEqual([])
    expect(who(mail)).toEqual(['dana', 'dana', 'lee', 'max'])
  })

  test('nothing is said while another process has it, and one that has it later goes on', async () => {
    const mail = new Receiver('mail')
    const world = engineWorld({ people, rules: rules(), routes: routes() }, [mail])
    await fail(world)
    const without = engineWorld({ people, rules: rules(), routes: routes(steps, { name: 'other' }) }, [mail], { file: world.file })
    await everyMinute(without, 5, 7)
    await world.at(8 * minuteMs)
    expect(who(mail)).toEqual(['dana', 'lee'])
    await everyMinute(without, 9, 19)
    expect(await gone(without)).toEqual([])
    await everyMinute(without, 20, 26)
    expect(await gone(without)).toHaveLength(1)
    await world.at(hourMs)
    expect(who(mail)).toEqual(['dana', 'lee', 'max'])
  })
})
