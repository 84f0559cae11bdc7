import { expect, test } from 'vitest'
import { Intake, type Admission } from './intake.ts'

function enter(intake: Intake, bytes = 0): Admission {
  const admission = intake.enter()
  if (admission === undefined || !admission.hold(bytes)) throw new Error('expected room, found none')
  return admission
}

/** What has happened once everything that can happen has. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await Promise.resolve()
}

test('no more requests and bytes than there is room for, and what leaves makes room', () => {
  const intake = new Intake({ requestsMax: 2, bytesMax: 100 })
  const first = enter(intake, 60)
  const second = enter(intake, 40)
  expect(intake.enter()).toBeUndefined()
  expect(second.hold(1)).toBe(false)
  first.leave()
  first.leave()
  expect(intake.underWay).toEqual({ requests: 1, bytes: 40 })
  expect(second.hold(60)).toBe(true)
  second.leave()
  expect(second.hold(1)).toBe(false)
  expect(intake.underWay).toEqual({ requests: 0, bytes: 0 })
})

test('bodies are worked on in the order in which they came, a large one alone', async () => {
  const intake = new Intake({ workingBytesMax: 100 })
  const order: string[] = []
  const line = [['huge', 500], ['small', 10], ['other', 95], ['last', 1]] as const
  const admissions = line.map(([name, bytes]) => {
    const admission = enter(intake, bytes)
    void admission.turn().then(() => order.push(name))
    return admission
  })
  await settled()
  expect(order).toEqual(['huge'])
  admissions[0]?.leave()
  await settled()
  // The last one would fit, and waits for its turn all the same.
  expect(order).toEqual(['huge', 'small'])
  admissions[1]?.leave()
  await settled()
  expect(order).toEqual(['huge', 'small', 'other', 'last'])
})

test('whoever gives up while waiting holds up nobody', async () => {
  const intake = new Intake({ workingBytesMax: 10 })
  const working = enter(intake, 10)
  await working.turn()
  const gone = enter(intake, 10)
  void gone.turn()
  let isThere = false
  const next = enter(intake, 10)
  void next.turn().then(() => (isThere = true))
  gone.leave()
  working.leave()
  await settled()
  expect([isThere, intake.underWay]).toEqual([true, { requests: 1, bytes: 10 }])
})
