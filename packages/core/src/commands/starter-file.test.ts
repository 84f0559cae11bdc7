import { expect, test } from 'vitest'
import { channelTypes } from '../channels/registry.ts'
import { loadConfig } from '../load-config.ts'
import { warningsOf } from './check-warnings.ts'
import { audiences, starterFile } from './starter-file.ts'

const everything = { email: 'ana@example.com', phone: '+14155550101', budgetUsd: 50, quietHours: '22:00-07:00', locale: 'en', timezone: 'Europe/Berlin' } as const

test.each(audiences.flatMap((audience) => [...channelTypes.keys()].map((channelType) => [audience, channelType] as const)))('a file for %s by %s is right, warns of nothing and holds no secret', (audience, channelType) => {
  const { text, channel, variables } = starterFile({ ...everything, audience, channelType })
  // One value that fits every variable: an account of Twilio is the only one with a form.
  const config = loadConfig({ text, file: 'tocsin.yaml', env: Object.fromEntries(variables.map((name) => [name, `AC${'1'.repeat(32)}`])) })
  expect(config.channels[channel]?.type).toBe(channelType)
  expect(config.people['me']).toMatchObject({ role: 'owner', email: 'ana@example.com', quietHours: '22:00-07:00' })
  expect(config.routes?.map(({ name }) => name)).toEqual(audience === 'me' ? undefined : ['urgent', 'rest'])
  expect(warningsOf(config, text, 'tocsin.yaml')).toEqual([])
})
