import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { networksOf } from './addresses.ts'
import { targetProblem, urlProblem, type TargetRules } from './target.ts'

const others: TargetRules = { trust: 'user-supplied', allowInsecure: false, networks: networksOf([]) }
const ours: TargetRules = { ...others, trust: 'provider' }

describe('an address that others may choose', () => {
  test.each([
    ['https://hooks.slack.com/services/T0/B0/x'], ['https://example.com'], ['HTTPS://Example.COM/Path'], ['https://example.com:8443/a?b=c#d'], ['https://xn--fsq.example/'], ['https://8.8.8.8/'],
    ['https://[2606:4700:4700::1111]/'], ['https://[2606:4700:4700:0:0:0:0:1111]:444/'], ['https://a_b.example.com/'], ['https://intranet/'], ['https://example.com/路径'],
  ])('%s may be called', (text) => {
    expect(urlProblem(text, others)).toBeUndefined()
  })

  test.each([
    ['http://example.com/'], ['http://127.0.0.1/'], ['ftp://example.com/'], ['file:///etc/passwd'], ['gopher://example.com:70/'], ['javascript:alert(1)'],
  ])('%s is not https', (text) => {
    expect(urlProblem(text, others)).toEqual({ code: 'url-not-allowed', detail: 'expected https; plain http is accepted for loopback addresses only, with allowInsecure: true' })
  })

  test.each([
    ['https://user@example.com/'], ['https://:secret-word@example.com/'], ['https://user:secret-word@example.com/'], ['https://example.com:443@10.0.0.1/'], ['https://1.1.1.1%23@10.0.0.1/'],
  ])('%s has a user in it', (text) => {
    const problem = urlProblem(text, others)
    expect(problem).toMatchObject({ code: 'url-not-allowed', detail: expect.stringContaining('without user and password') as unknown })
    expect(problem?.detail).not.toContain('secret')
  })

  test.each([
    [' https://example.com/'], ['https://example.com/ '], ['https://exa\nmple.com/'], ['https://exa\tmple.com/'], ['https://example.com/a\r\nb'], ['https:\\\\example.com\\'], ['https://example.com\\@10.0.0.1/'],
    ['https:example.com'], ['https:/example.com'], ['https:///example.com'], ['https://ⓔⓧⓐⓜⓟⓛⓔ.com/'], ['https://１２７.0.0.1/'], ['https://例え.jp/'], ['https://exam\u00adple.com/'], ['https://%65xample.com/'], ['https://example。com/'],
    ['https://example.com!/'], ['https://exam*ple.com/'], ['https://0x8080808/'], ['https://134744072/'], ['https://8.8.2056/'], ['https://010.8.8.8/'], ['https://8.8.8.8./'], ['https://example.com./'],
    ['https://'], ['https://['], ['https://[fe80::1%25eth0]/'], ['https://example.com:99999/'], ['example.com'], [''], ['\u0000https://example.com/'],
  ])('%j is not written plainly', (text) => {
    expect(urlProblem(text, others)).toMatchObject({ code: 'url-not-allowed' })
  })

  test('in another alphabet is told in the form to write', () => {
    expect(urlProblem('https://例え.jp/', others)?.detail).toBe('expected the host in its plain form, such as xn--r8jz45g.jp')
  })

  test.each([['https://example.com:25/'], ['https://example.com:22/'], ['https://8.8.8.8:6667/']])('%s is a port of another protocol', (text) => {
    expect(urlProblem(text, others)).toMatchObject({ code: 'port-not-allowed' })
  })

  test.each([
    ['https://127.0.0.1/', 'this machine'], ['https://[::1]/', 'this machine'], ['https://localhost/', 'this machine'], ['https://LOCALHOST:8443/', 'this machine'], ['https://a.localhost/', 'this machine'],
    ['https://ip6-localhost/', 'this machine'], ['https://10.1.2.3/', 'private use'], ['https://[fd00::1]/', 'private use (unique-local)'], ['https://169.254.169.254/latest/', 'metadata of a cloud'],
    ['https://metadata.google.internal/', 'metadata of a cloud'], ['https://instance-data/', 'metadata of a cloud'], ['https://[::ffff:10.0.0.1]/', 'an IPv4 address in IPv6 form'], ['https://[::10.0.0.1]/', 'an IPv4 address in IPv6 form'],
    ['https://[64:ff9b::a00:1]/', 'an IPv4 address behind NAT64'],
  ])('%s is not public: %s', (text, purpose) => {
    expect(urlProblem(text, others)).toEqual({ code: 'address-not-allowed', detail: `expected a public address or one in allowNetworks, found: ${purpose}` })
  })

  test('of this machine may be called where the operator says so, by name or by network', () => {
    const insecure = { ...others, allowInsecure: true }
    const named = { ...others, networks: networksOf(['127.0.0.0/8']) }
    for (const text of ['http://127.0.0.1:8080/', 'http://localhost/', 'http://[::1]/', 'https://127.9.9.9/']) expect(urlProblem(text, insecure)).toBeUndefined()
    for (const text of ['http://a.localhost/', 'http://10.0.0.1/', 'https://10.0.0.1/', 'http://example.com/', 'http://127.1/', 'http://169.254.169.254/']) expect(urlProblem(text, insecure)).toBeDefined()
    for (const text of ['https://127.0.0.1/', 'https://localhost/']) expect(urlProblem(text, named)).toBeUndefined()
    for (const text of ['http://127.0.0.1/', 'https://[::1]/', 'https://10.0.0.1/']) expect(urlProblem(text, named)).toBeDefined()
  })

  test('that is not public is refused in every spelling that a URL has for it', () => {
    const octet = fc.integer({ min: 0, max: 255 })
    const network = fc.constantFrom([127], [10], [192, 168], [169, 254], [0], [172, 20], [100, 100], [224])
    const base = fc.constantFrom(10, 16, 8)
    fc.assert(
      fc.property(network, fc.tuple(octet, octet, octet), fc.tuple(base, base, base, base), fc.integer({ min: 1, max: 4 }), (leading, trailing, bases, parts) => {
        const octets = [...leading, ...trailing].slice(0, 4)
        const last = octets.slice(parts - 1).reduce((sum, each) => sum * 256 + each, 0)
        const text = [...octets.slice(0, parts - 1), last].map((part, index) => spelled(part, bases[index % 4] ?? 10)).join('.')
        expect(urlProblem(`https://${text}/`, others)).toBeDefined()
        // Also where the text was made a URL before anybody asked.
        expect(targetProblem(new URL(`https://${text}/`), others)).toMatchObject({ code: 'address-not-allowed' })
      }),
    )
  })
})

describe('the address of a provider', () => {
  test.each([['https://10.0.0.1/'], ['https://localhost:4443/'], ['https://api.eu.example.com/v1']])('%s may be anywhere', (text) => {
    expect(urlProblem(text, ours)).toBeUndefined()
  })

  test('needs https, and plain http goes to this machine only when asked for', () => {
    expect(urlProblem('http://127.0.0.1/', ours)).toBeDefined()
    expect(urlProblem('http://10.0.0.1/', { ...ours, allowInsecure: true })).toBeDefined()
    expect(urlProblem('http://127.0.0.1/', { ...ours, allowInsecure: true })).toBeUndefined()
    expect(urlProblem('https://user:word@api.example.com/', ours)).toBeDefined()
  })
})

function spelled(part: number, base: number): string {
  return base === 16 ? `0x${part.toString(16)}` : base === 8 ? `0${part.toString(8)}` : String(part)
}
