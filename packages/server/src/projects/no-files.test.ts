import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { systemChance } from 'tocsin/engine'
import { serverWorld } from '../testing/server-world.ts'
import { createComposer } from './compose.ts'
import type { MadeEntry } from './merge.ts'
import { createSecretBox } from './secret-box.ts'
import { keySource } from './secret-key.ts'

const folder = mkdtempSync(join(tmpdir(), 'tocsin-files-'))
const secretFile = join(folder, 'secret.txt')
writeFileSync(secretFile, 'sesame-4711-open {{ broken')
afterAll(() => rmSync(folder, { recursive: true }))

const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
const naming: readonly (readonly [path: string, body: object, pointer: string])[] = [
  ['templates/*', { subject: { file: secretFile } }, '/subject'],
  ['templates/*', { subject: 'hello', text: { file: '../../../../etc/passwd' } }, '/text'],
  ['channels/one', { type: 'webhook', url: 'https://hooks.example.com/', secret, ca: secretFile }, '/ca'],
  ['channels/one', { type: 'email', url: 'smtps://a:b@mail.example.com', from: 'a@example.com', ca: '/dev/zero' }, '/ca'],
  ['channels/one', { type: 'push', serviceAccount: secretFile }, '/serviceAccount'],
]

function saidAt(json: unknown, list: 'errors' | 'problems', pointer: string): string | undefined {
  const places = (json as Readonly<Record<typeof list, readonly { readonly pointer: string; readonly detail: string }[]>>)[list]
  return places.find((place) => place.pointer === pointer)?.detail
}

test('what the API makes names no file of the server, by whatever way it is sent', async () => {
  const world = await serverWorld({})
  try {
    const key = await world.makeKey('manage')
    for (const [path, body, pointer] of naming) {
      const [kind = '', name = ''] = path.split('/')
      const put = await world.call('PUT', `/api/v1/${path}`, { key, body })
      expect([path, put.status, saidAt(put.json, 'errors', pointer)]).toEqual([path, 422, expect.stringContaining('in the configuration file only')])
      const checked = await world.call('POST', '/api/v1/config/check', { key, body: { changes: [{ kind, name, value: body }] } })
      expect([checked.status, saidAt(checked.json, 'problems', `/changes/0/value${pointer}`)]).toEqual([200, expect.stringContaining('in the configuration file only')])
      expect(put.text + checked.text).not.toContain('sesame')
    }
    const made = await world.call('PUT', '/api/v1/templates/*', { key, body: { subject: 'hello' } })
    const patched = await world.call('PATCH', '/api/v1/templates/*', { key, body: { text: { file: secretFile } }, headers: { 'if-match': made.headers.get('etag') ?? '' } })
    expect([made.status, patched.status]).toEqual([201, 422])
  } finally {
    await world.dispose()
  }
})

test('a row that names a file all the same is left out, and the rest holds', () => {
  const composer = createComposer({ box: createSecretBox(keySource({ env: {}, data: folder, chance: systemChance }), systemChance), env: {}, folder })
  const rows: readonly MadeEntry[] = [
    { kind: 'templates', name: '*', value: { subject: { file: secretFile } }, place: 1 },
    { kind: 'budgets', name: 'team', value: { amountUsd: 5 }, place: 1 },
  ]
  const { config, leftOut } = composer.composeWhatHolds({ templates: {} }, rows)
  expect([config.templates['*'], Object.keys(config.budgets), leftOut.map(({ pointer }) => pointer)]).toEqual([undefined, ['team'], ['/subject']])
})

test('the configuration file names files as ever', () => {
  const plain = join(folder, 'plain.txt')
  writeFileSync(plain, 'hello')
  const composer = createComposer({ box: createSecretBox(keySource({ env: {}, data: folder, chance: systemChance }), systemChance), env: {}, folder })
  expect(composer.compose({ templates: { '*': { subject: { file: 'plain.txt' } } } }, []).config?.templates['*']?.subject).toMatchObject({ text: 'hello' })
})
