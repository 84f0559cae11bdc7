import { expect, test } from 'vitest'
import { loadRemote } from './load-remote.ts'
import type { RemoteInput, RemoteStart } from './remote-input.ts'

const key = 'tok_0123456789abcdef'
const start = (server: unknown, more: Partial<RemoteStart> = {}): RemoteStart => ({ server: server as RemoteInput, spoolBytesMax: 1_000_000, allowInsecure: false, ca: undefined, process: '1-a', ...more }) // Anything may be handed over.
const problemOf = (server: unknown, more?: Partial<RemoteStart>): string => {
  try {
    loadRemote(start(server, more), { KEY: key, EMPTY: '' })
    return ''
  } catch (failure) {
    return failure instanceof Error ? failure.message : String(failure)
  }
}

test('an endpoint and a key are enough; a path before the address of the events stays', () => {
  expect(loadRemote(start({ endpoint: 'https://example.com/tocsin/', apiKey: '${KEY}' }), { KEY: key })).toMatchObject({ url: new URL('https://example.com/tocsin/api/v1/events'), apiKey: key, personalData: 'redacted' })
  expect(loadRemote(start({ endpoint: 'https://[::1]:4319', apiKey: key, content: 'full' }), {})).toMatchObject({ url: new URL('https://[::1]:4319/api/v1/events'), personalData: 'full' })
})

test('plain http goes to this machine, and only where that was asked for', () => {
  expect(problemOf({ endpoint: 'http://127.0.0.1:4319', apiKey: key })).toMatch(/^endpoint: expected https/)
  expect(problemOf({ endpoint: 'http://127.0.0.1:4319', apiKey: key }, { allowInsecure: true })).toBe('')
  expect(problemOf({ endpoint: 'http://10.0.0.1:4319', apiKey: key }, { allowInsecure: true })).toMatch(/^endpoint: expected https/)
})

test.each([
  ['no text', { endpoint: 5, apiKey: key }, 'endpoint: expected an address such as https://tocsin.example.com, found number'],
  ['no address', { endpoint: 'example.com', apiKey: key }, 'endpoint: expected an address such as https://example.com/path'],
  ['user and password in it', { endpoint: 'https://dana:secret@example.com', apiKey: key }, 'endpoint: expected an address without user and password in it'],
  ['a query', { endpoint: 'https://example.com?key=1', apiKey: key }, 'endpoint: expected an address without ? and #'],
  ['a key with a line break', { endpoint: 'https://example.com', apiKey: `${key}\n` }, 'apiKey: expected a key such as tok_…, made on the server by: tocsin keys create; found a text that is no key'],
  ['a variable that is empty', { endpoint: 'https://example.com', apiKey: '${EMPTY}' }, 'apiKey: EMPTY is empty'],
  ['rules and budgets', { endpoint: 'https://example.com', apiKey: key, rules: {}, budgets: {} }, 'rules, budgets: expected nothing beside endpoint, apiKey and content; people, channels, rules, budgets and the like are configured on the server'],
  ['a word that is none', { endpoint: 'https://example.com', apiKey: key, content: 'some' }, 'content: expected "redacted" or "full"'],
])('%s is refused, without the key', (_what, server, message) => {
  expect(problemOf(server)).toBe(message)
})

test('an authority that cannot be read is named as what it is here', () => {
  expect(problemOf({ endpoint: 'https://example.com', apiKey: key }, { ca: '/no/such/file.pem' })).toMatch(/^ca: expected certificates as PEM text or the path of such a file \(ENOENT/)
})
