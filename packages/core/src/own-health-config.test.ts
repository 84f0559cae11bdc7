import { expect, test } from 'vitest'
import { configurationFrom } from './configuration.ts'
import type { ConfigInput } from './model/config.ts'
import { secretsOf } from './load-config.ts'

const token = '5f0c1d2e9b7a4c3d8e6f'
const config = (heartbeat: object): ConfigInput => ({ heartbeat: { url: `https://hc-ping.com/${token}`, ...heartbeat } })
const parsed = (input: ConfigInput): ReturnType<typeof configurationFrom> => configurationFrom(input, [], {})

test('the address of a heartbeat is a secret, whole and in its part that opens doors', () => {
  const { heartbeat } = parsed(config({}))
  expect(heartbeat).toEqual({ url: `https://hc-ping.com/${token}`, method: 'GET', every: 60_000, late: 600_000, allowInsecure: false, allowNetworks: [] })
  expect(secretsOf(parsed(config({})))).toEqual(expect.arrayContaining([`https://hc-ping.com/${token}`, token]))
})

test('it is public and https, unless the operator says otherwise; and no error repeats it', () => {
  for (const [url, why] of [['http://hc-ping.com', /expected https/], ['https://10.1.2.3', /public address/], ['https://localhost', /public address/], ['https://user:word@hc-ping.com', /without user and password/], ['nonsense', /expected an address/]] as const) {
    const wrong = (): unknown => parsed(config({ url: `${url}/${token}` }))
    expect(wrong).toThrow(why)
    expect(wrong).not.toThrow(token)
  }
  expect(parsed(config({ url: 'https://10.1.2.3/up', allowNetworks: ['10.0.0.0/8'] })).heartbeat?.url).toBe('https://10.1.2.3/up')
  expect(() => parsed(config({ allowNetworks: ['10.0.0.0/8', 'everything'] }))).toThrow(/heartbeat\.allowNetworks\.1: expected a network/)
})

test('a self-test names channels that there are, and a time of day', () => {
  expect(parsed({ channels: { box: { type: 'inbox' } }, selfTest: { channels: ['box'] } }).selfTest).toEqual({ at: '09:00', channels: ['box'] })
  expect(() => parsed({ channels: { box: { type: 'inbox' } }, selfTest: { channels: ['bxo'] } })).toThrow(/selfTest\.channels\.0: no channel is named "bxo", did you mean "box"/)
  expect(() => parsed({ selfTest: { at: 'nine' } })).toThrow(/selfTest\.at: expected a time of day/)
})
