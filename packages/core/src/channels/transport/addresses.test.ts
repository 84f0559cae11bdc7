import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { addressProblem, contains, networkProblem, networksOf } from './addresses.ts'

const none = networksOf([])

describe('an address', () => {
  test.each([
    ['0.0.0.0'], ['0.255.255.255'], ['10.0.0.1'], ['100.64.0.0'], ['100.127.255.255'], ['127.0.0.1'], ['127.255.255.255'], ['169.254.0.1'], ['172.16.0.0'], ['172.31.255.255'], ['192.0.0.8'],
    ['192.0.2.1'], ['192.88.99.1'], ['192.168.255.255'], ['198.18.0.0'], ['198.19.255.255'], ['198.51.100.7'], ['203.0.113.7'], ['224.0.0.1'], ['239.255.255.255'], ['240.0.0.1'], ['255.255.255.255'],
    ['169.254.169.254'], ['100.100.100.200'], ['168.63.129.16'],
    ['::'], ['::1'], ['::7f00:1'], ['::ffff:127.0.0.1'], ['::ffff:8.8.8.8'], ['64:ff9b::a00:1'], ['64:ff9b:1::1'], ['100::1'], ['2001::1'], ['2001:2::1'], ['2001:10::1'], ['2001:2f::1'], ['2001:1ff::1'],
    ['2001:db8::1'], ['2002:a00:1::'], ['2620:4f:8000::1'], ['3fff::1'], ['3fff:fff::1'], ['5f00::1'], ['fc00::1'], ['fdff:ffff::1'], ['fd00:ec2::254'], ['fe80::1'], ['febf::1'], ['fec0::1'], ['ff02::1'], ['4000::'], ['1fff:ffff::1'],
  ])('%s is not called', (address) => {
    expect(addressProblem(address, none)).toEqual(expect.any(String))
  })

  test.each([
    ['1.0.0.1'], ['8.8.8.8'], ['9.255.255.255'], ['11.0.0.0'], ['100.63.255.255'], ['100.128.0.0'], ['126.255.255.255'], ['128.0.0.0'], ['169.253.255.255'], ['169.255.0.0'], ['172.15.255.255'], ['172.32.0.0'],
    ['192.0.1.0'], ['192.0.3.0'], ['192.167.255.255'], ['192.169.0.0'], ['198.17.255.255'], ['198.20.0.0'], ['203.0.112.255'], ['203.0.114.0'], ['223.255.255.255'], ['168.63.129.15'],
    ['2606:4700:4700::1111'], ['2001:200::1'], ['2001:4860:4860::8888'], ['2001:db7:ffff::1'], ['2001:db9::1'], ['2001:ffff::1'], ['2003::1'], ['2620:4f:7fff::1'], ['2620:4f:8001::1'], ['2a00:1450::1'], ['3ffe:ffff::1'],
  ])('%s is called', (address) => {
    expect(addressProblem(address, none)).toBeUndefined()
  })

  test.each([['fe80::1%eth0'], ['2606:4700::1%lo'], ['0x7f.1'], ['127.1'], ['010.0.0.1'], ['[::1]'], ['example.com'], ['']])('%j is none', (text) => {
    expect(addressProblem(text, none)).toBe('no address of the internet')
  })

  test('of a network that the operator named is called, and its neighbour is not', () => {
    const allowed = networksOf(['10.1.0.0/16', 'fd12::/16', '127.0.0.0/8'])
    for (const address of ['10.1.0.0', '10.1.255.255', 'fd12:ffff::1', '127.0.0.1']) expect(addressProblem(address, allowed)).toBeUndefined()
    for (const address of ['10.0.255.255', '10.2.0.0', 'fd13::1', 'fd11:ffff::1', '::1', '::ffff:10.1.0.1', '::ffff:127.0.0.1']) expect(addressProblem(address, allowed)).toEqual(expect.any(String))
  })

  test('of metadata is called never, though its network is allowed', () => {
    const allowed = networksOf(['169.254.0.0/16', '100.64.0.0/10', 'fd00::/8', '168.63.0.0/16', '192.0.0.0/24'])
    for (const address of ['169.254.169.254', '169.254.170.2', '100.100.100.200', 'fd00:ec2::254', '168.63.129.16', '192.0.0.192']) expect(addressProblem(address, allowed)).toBe('metadata of a cloud')
    expect(addressProblem('169.254.1.1', allowed)).toBeUndefined()
  })

  test('of IPv4 lies in a network exactly where its leading bits are the same', () => {
    const word = fc.integer({ min: 0, max: 2 ** 32 - 1 })
    fc.assert(
      fc.property(word, word, fc.integer({ min: 7, max: 32 }), (network, address, bits) => {
        const same = Math.floor(network / 2 ** (32 - bits)) === Math.floor(address / 2 ** (32 - bits))
        expect(contains(networksOf([`${dotted(network)}/${bits}`]), dotted(address))).toBe(same)
        expect(contains(networksOf([`${dotted(address)}/${bits}`]), dotted(address))).toBe(true)
      }),
    )
  })
})

describe('a network that may be allowed', () => {
  test.each([['10.0.0.0/8'], ['127.0.0.0/8'], ['192.168.7.1/32'], ['fd00::/8'], ['fc00::/7'], ['::1/128']])('%s', (text) => {
    expect(networkProblem(text)).toBeUndefined()
  })

  test.each([['10.0.0.0'], ['10.0.0.0/33'], ['10.0.0/8'], ['10.0.0.0/08'], ['10.0.0.0/-1'], ['10.0.0.0/8/8'], ['010.0.0.0/8'], ['fd00::/129'], ['fe80::1%eth0/64'], ['example.com/24'], ['']])('%j is none', (text) => {
    expect(networkProblem(text)).toContain('expected a network such as 10.0.0.0/8 or fd00::/8, found')
  })

  test.each([['0.0.0.0/0'], ['::/0'], ['128.0.0.0/1'], ['8.0.0.0/6']])('%s is too wide', (text) => {
    expect(networkProblem(text)).toContain('takes in public addresses')
  })

  test.each([['::ffff:10.0.0.0/104'], ['64:ff9b::/96'], ['2002:a00::/24'], ['169.254.169.254/32'], ['fd00:ec2::/64']])('%s is never called', (text) => {
    expect(networkProblem(text)).toContain('expected a network that may be called, found')
  })
})

function dotted(word: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(word / 2 ** shift) % 256).join('.')
}
