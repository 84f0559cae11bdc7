import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { channelWorlds } from '../testing/channel-worlds.ts'
import { channelTypes } from './registry.ts'

test('every channel of the registry has its other side in the tests, and there is no other', () => {
  expect([...channelWorlds.keys()].toSorted()).toEqual([...channelTypes.keys()].toSorted())
})

// A file for each, so that they run beside each other.
test.each([...channelTypes.keys()])('%s is held to the contract', (type) => {
  const file = new URL(`./${type}-contract.test.ts`, import.meta.url)
  expect(existsSync(file)).toBe(true)
  expect(readFileSync(file, 'utf8')).toContain(`holdToContract('${type}')`)
})
