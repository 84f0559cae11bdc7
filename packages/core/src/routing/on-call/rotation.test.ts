import { describe, expect, test } from 'vitest'
import { configSchema, type ConfigInput } from '../../model/config.ts'
import { everybodyCalled, peopleCalled } from '../people.ts'
import { onDuty, personOnDuty } from './rotation.ts'

const at = (text: string): number => Date.parse(text)
type Rotation = NonNullable<ConfigInput['rotations']>[string]

/** Who is on duty at each of these instants. */
function duties(settings: Partial<Rotation>, instants: readonly string[], members: string[] = ['ann', 'bo', 'cy']): readonly string[] {
  const config = configSchema.parse({ rotations: { 'on-call': { members, ...settings } } })
  return instants.map((instant) => {
    const rotation = config.rotations['on-call'] ?? { members: [], every: 'day', at: '', on: 'mon', start: '', overrides: [] }
    const { person } = onDuty(rotation, config, at(instant))
    // Asked again and again it is the same, whatever was asked before.
    expect([personOnDuty(rotation, config, at(instant)), personOnDuty(rotation, config, at(instant))]).toEqual([person, person])
    return person
  })
}

describe('the turn', () => {
  test('changes each day at the local time, and begins with the first member on the day of the start', () => {
    const daily = { every: 'day', at: '09:00', timezone: 'Asia/Shanghai', start: '2026-11-02' } as const
    expect(duties(daily, ['2026-11-02T08:59:59+08:00', '2026-11-02T09:00:00+08:00', '2026-11-03T08:59:59.999+08:00', '2026-11-03T09:00:00+08:00', '2026-11-04T09:00:00+08:00', '2026-11-05T09:00:00+08:00'])).toEqual(['cy', 'ann', 'ann', 'bo', 'cy', 'ann'])
  })

  test('changes each week on its day; the first member has the week that holds the start', () => {
    const weekly = { every: 'week', on: 'mon', at: '09:00', timezone: 'UTC', start: '2026-11-04' } as const
    expect(duties(weekly, ['2026-11-02T08:59:59Z', '2026-11-02T09:00:00Z', '2026-11-04T12:00:00Z', '2026-11-09T08:59:59Z', '2026-11-09T09:00:00Z', '2026-11-23T09:00:00Z'])).toEqual(['cy', 'ann', 'ann', 'ann', 'bo', 'ann'])
    expect(duties({ ...weekly, start: '2026-11-02' }, ['2026-11-02T09:00:00Z', '2026-11-01T09:00:00Z'])).toEqual(['ann', 'cy'])
    expect(duties({ ...weekly, on: 'fri', start: '2026-11-05' }, ['2026-10-30T09:00:00Z', '2026-11-06T08:59:00Z', '2026-11-06T09:00:00Z'])).toEqual(['ann', 'ann', 'bo'])
  })

  test('goes round before the start, too', () => {
    expect(duties({ every: 'day', at: '00:00', start: '2026-11-10' }, ['2026-11-09T12:00:00Z', '2026-11-08T12:00:00Z', '2026-11-07T12:00:00Z', '2016-11-10T12:00:00Z'])).toEqual(['cy', 'bo', 'ann', 'cy'])
  })

  test('is 23 hours in spring and 25 in autumn in Berlin, and keeps its local time', () => {
    const daily = { every: 'day', at: '09:00', timezone: 'Europe/Berlin', start: '2026-03-28' } as const
    expect(duties(daily, ['2026-03-28T08:00:00Z', '2026-03-29T06:59:59Z', '2026-03-29T07:00:00Z', '2026-03-30T06:59:59Z', '2026-03-30T07:00:00Z'])).toEqual(['ann', 'ann', 'bo', 'bo', 'cy'])
    expect(duties({ ...daily, start: '2026-10-24' }, ['2026-10-24T07:00:00Z', '2026-10-25T07:59:59Z', '2026-10-25T08:00:00Z', '2026-10-26T08:00:00Z'])).toEqual(['ann', 'ann', 'bo', 'cy'])
  })

  test('begins as late as the change moves a time that is skipped, and the first time at one that comes twice', () => {
    const daily = { every: 'day', at: '02:30', timezone: 'Europe/Berlin' } as const
    expect(duties({ ...daily, start: '2026-03-29' }, ['2026-03-29T01:29:59Z', '2026-03-29T01:30:00Z', '2026-03-30T00:29:59Z', '2026-03-30T00:30:00Z'])).toEqual(['cy', 'ann', 'ann', 'bo'])
    expect(duties({ ...daily, start: '2026-10-25' }, ['2026-10-25T00:29:59Z', '2026-10-25T00:30:00Z', '2026-10-25T01:30:00Z', '2026-10-26T01:29:59Z', '2026-10-26T01:30:00Z'])).toEqual(['cy', 'ann', 'ann', 'ann', 'bo'])
  })

  test('at midnight begins at one where clocks skip midnight', () => {
    const daily = { every: 'day', at: '00:00', timezone: 'Asia/Beirut', start: '2026-03-28' } as const
    // The 29th begins at 01:00, which is 22:00Z the day before.
    expect(duties(daily, ['2026-03-27T22:00:00Z', '2026-03-28T21:59:59Z', '2026-03-28T22:00:00Z', '2026-03-29T20:59:59Z', '2026-03-29T21:00:00Z'])).toEqual(['ann', 'ann', 'bo', 'bo', 'cy'])
  })

  test('of a date that a zone leaves out has no length', () => {
    // Samoa had no 30 December 2011.
    const daily = { every: 'day', at: '09:00', timezone: 'Pacific/Apia', start: '2011-12-29' } as const
    expect(duties(daily, ['2011-12-29T19:00:00Z', '2011-12-30T18:59:59Z', '2011-12-30T19:00:00Z'])).toEqual(['ann', 'ann', 'cy'])
  })

  test('is in the zone of the defaults where it names none', () => {
    const config = configSchema.parse({ defaults: { timezone: 'Asia/Shanghai' }, rotations: { r: { members: ['ann', 'bo'], every: 'day', at: '09:00', start: '2026-11-02' } } })
    const [rotation] = Object.values(config.rotations)
    expect(rotation && onDuty(rotation, config, at('2026-11-03T00:59:59Z')).person).toBe('ann')
    expect(rotation && onDuty(rotation, config, at('2026-11-03T01:00:00Z')).person).toBe('bo')
  })
})

describe('overrides', () => {
  const daily = { every: 'day', at: '09:00', start: '2026-11-02' } as const
  const one = { person: 'di', from: '2026-11-02T12:00:00+01:00', until: '2026-11-04T12:00:00Z' }

  test('hold from their beginning up to their end, and move nobody', () => {
    expect(duties({ ...daily, overrides: [one] }, ['2026-11-02T10:59:59Z', '2026-11-02T11:00:00Z', '2026-11-04T11:59:59Z', '2026-11-04T12:00:00Z'])).toEqual(['ann', 'di', 'di', 'cy'])
  })

  test('the last that covers an instant holds', () => {
    const overrides = [one, { person: 'ed', from: '2026-11-03T00:00:00Z', until: '2026-11-03T01:00:00Z' }]
    expect(duties({ ...daily, overrides }, ['2026-11-02T23:59:59Z', '2026-11-03T00:30:00Z', '2026-11-03T01:00:00Z'])).toEqual(['di', 'ed', 'di'])
    expect(duties({ ...daily, overrides: overrides.toReversed() }, ['2026-11-03T00:30:00Z'])).toEqual(['di'])
  })
})

describe('who is next', () => {
  const next = (rotation: Rotation, instant: string): unknown => {
    const config = configSchema.parse({ rotations: { r: rotation } })
    const [found] = Object.values(config.rotations)
    return found && onDuty(found, config, at(instant))
  }

  test('is the next member at the hand-over, or whoever stands in before it', () => {
    const daily: Rotation = { members: ['ann', 'bo'], every: 'day', at: '09:00', start: '2026-11-02' }
    expect(next(daily, '2026-11-02T10:00:00Z')).toEqual({ person: 'ann', isOverride: false, next: { person: 'bo', atMs: at('2026-11-03T09:00:00Z') } })
    const overrides = [{ person: 'di', from: '2026-11-02T20:00:00Z', until: '2026-11-02T22:00:00Z' }]
    expect(next({ ...daily, overrides }, '2026-11-02T10:00:00Z')).toMatchObject({ next: { person: 'di', atMs: at('2026-11-02T20:00:00Z') } })
    expect(next({ ...daily, overrides }, '2026-11-02T21:00:00Z')).toEqual({ person: 'di', isOverride: true, next: { person: 'ann', atMs: at('2026-11-02T22:00:00Z') } })
  })

  test('is whoever is next somebody else', () => {
    const overrides = [{ person: 'ann', from: '2026-11-02T20:00:00Z', until: '2026-11-05T22:00:00Z' }]
    expect(next({ members: ['ann', 'bo'], every: 'day', at: '09:00', start: '2026-11-02', overrides }, '2026-11-02T10:00:00Z')).toMatchObject({ person: 'ann', next: { person: 'bo', atMs: at('2026-11-05T22:00:00Z') } })
  })

  test('is nobody where one has it alone', () => {
    expect(next({ members: ['ann'] }, '2026-11-02T10:00:00Z')).toEqual({ person: 'ann', isOverride: false })
  })
})

describe('rotation:NAME', () => {
  const config = configSchema.parse({ people: { ann: { role: 'admin' }, di: { role: 'admin' } }, rotations: { r: { members: ['ann', 'gone'], every: 'day', start: '2026-11-02', overrides: [{ person: 'di', from: '2026-12-01T00:00:00Z', until: '2026-12-02T00:00:00Z' }] } } })

  test('means who is on duty, and nobody where that person is gone', () => {
    expect(peopleCalled(config, 'rotation:r', at('2026-11-02T12:00:00Z'))).toEqual(['ann'])
    expect(peopleCalled(config, 'rotation:r', at('2026-11-03T12:00:00Z'))).toEqual([])
    expect(peopleCalled(config, 'rotation:constructor', at('2026-11-03T12:00:00Z'))).toEqual([])
  })

  test('may mean everybody in it', () => {
    expect(everybodyCalled(config, 'rotation:r')).toEqual(['ann', 'di'])
    expect(everybodyCalled(config, 'role:admin')).toEqual(['ann', 'di'])
    expect(everybodyCalled(config, 'rotation:none')).toEqual([])
  })
})
