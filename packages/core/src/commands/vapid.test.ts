import { expect, test } from 'vitest'
import { parseYaml } from '../config-source.ts'
import { openChannels } from '../channels/registry.ts'
import { vapid } from './vapid.ts'

test('a pair of keys is printed as settings that a channel takes, and each time another one', () => {
  const [one, two] = [vapid(), vapid()]
  expect(parseYaml(one.lines.join('\n'), 'printed').data).toEqual(one.value)
  expect(one.value).not.toEqual(two.value)
  for (const { value } of Array.from({ length: 1_000 }, () => vapid())) {
    expect(openChannels({ browsers: { type: 'web-push', subject: 'mailto:ops@example.com', ...value } }).size).toBe(1)
  }
})
