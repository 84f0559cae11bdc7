import { expect, test } from 'vitest'
import { loadConfig, parseConfig } from '../load-config.ts'
import type { ConfigInput } from '../model/config.ts'
import { exampleEnvironment } from '../testing/example-environment.ts'
import { audiences, starterBudget, starterRouting } from '../starters.ts'
import { warningsOf } from './check-warnings.ts'
import { starterChannels, starterFile } from './starter-file.ts'

const everything = { email: 'ana@example.com', phone: '+14155550101', budgetUsd: 50, quietHours: '22:00-07:00', locale: 'en', timezone: 'Europe/Berlin' } as const

test.each(audiences.flatMap((audience) => [...starterChannels().keys()].map((channelType) => [audience, channelType] as const)))('a file for %s by %s is right, warns of nothing and holds no secret', (audience, channelType) => {
  const { text, channel, variables } = starterFile({ ...everything, audience, channelType })
  const env = exampleEnvironment()
  expect(variables.filter((name) => env[name] === undefined)).toEqual([])
  const config = loadConfig({ text, file: 'tocsin.yaml', env })
  expect(config.channels[channel]?.type).toBe(channelType)
  expect(text.split('\n').filter((line) => line.startsWith('# ')).length).toBeGreaterThan(4)
  expect(config.people['me']).toMatchObject({ role: 'owner', email: 'ana@example.com', quietHours: '22:00-07:00' })
  expect(config.routes?.map(({ name }) => name)).toEqual(audience === 'me' ? undefined : ['urgent', 'rest'])
  expect(warningsOf(config, text, 'tocsin.yaml')).toEqual([])
})

test.each(audiences)('a file for %s says what the starter of that name says', (audience) => {
  const { text } = starterFile({ ...everything, audience, channelType: 'email' })
  const written = loadConfig({ text, file: 'tocsin.yaml', env: exampleEnvironment() })
  const { teams, rotations, routes, reports, budgets } = parseConfig({ channels: written.channels, people: { me: { role: 'owner' } }, ...starterRouting(audience, { people: ['me'], channels: Object.keys(written.channels) }), budgets: { month: starterBudget(everything.budgetUsd) } } as ConfigInput, { env: exampleEnvironment() })
  expect({ teams, rotations, routes, reports, budgets }).toEqual({ teams: written.teams, rotations: written.rotations, routes: written.routes, reports: written.reports, budgets: written.budgets })
})

test('a channel of devices, which register themselves first, is none to begin with', () => {
  expect([...starterChannels().keys()]).not.toContain('push')
  expect([...starterChannels().keys()]).toContain('slack')
})
