import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { TocsinError } from '../../model/error.ts'
import { openTransport, urlRule, urlSetting, userSuppliedSettings } from './transport.ts'

const settings = z.strictObject({ url: urlSetting(), spare: urlSetting().optional(), ...userSuppliedSettings }).superRefine(urlRule('user-supplied', 'url', 'spare'))

function problems(own: Readonly<Record<string, unknown>>): readonly string[] {
  const parsed = settings.safeParse(own)
  return parsed.success ? [] : parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
}

describe('settings of a channel whose address others may choose', () => {
  test.each([
    [{ url: 'https://hooks.example.com/x' }],
    [{ url: 'https://10.1.2.3/', allowNetworks: ['10.0.0.0/8'] }],
    [{ url: 'http://localhost:8080/', allowInsecure: true }],
    [{ url: 'https://hooks.example.com/x', spare: 'https://spare.example.com/' }],
  ])('%j are good', (own) => {
    expect(problems(own)).toEqual([])
  })

  test.each([
    [{ url: 'http://hooks.example.com/' }, 'url: expected https; plain http is accepted for loopback addresses only, with allowInsecure: true'],
    [{ url: 'https://10.1.2.3/' }, 'url: expected a public address or one in allowNetworks, found: private use'],
    [{ url: 'https://hooks.example.com/', spare: 'https://127.1/' }, 'spare: expected the host in its plain form, such as 127.0.0.1'],
    [{ url: 'https://hooks.example.com/', allowNetworks: ['10.0.0.0'] }, 'allowNetworks.0: expected a network such as 10.0.0.0/8 or fd00::/8, found "10.0.0.0"'],
    [{ url: 'https://hooks.example.com/', allowNetworks: ['10.0.0.0/8', '0.0.0.0/0'] }, 'allowNetworks.1: expected at least /7, found "0.0.0.0/0": a network so wide takes in public addresses'],
  ])('%j are refused, and it is said where and why', (own, problem) => {
    expect(problems(own)).toEqual([problem])
  })

  test.each([[{ url: '' }], [{ url: `https://example.com/${'a'.repeat(2_000)}` }], [{ url: 'https://example.com/', allowNetworks: Array.from({ length: 101 }, () => '10.0.0.0/8') }], [{}]])('%# is refused for its size', (own) => {
    expect(problems(own)).toHaveLength(1)
  })
})

test('an authority that cannot be read is a wrong configuration', () => {
  expect(() => openTransport({ allowInsecure: false, ca: '/nowhere/ca.pem' }, 'hook', 'provider')).toThrow(TocsinError)
})
