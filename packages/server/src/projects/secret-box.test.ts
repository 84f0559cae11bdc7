import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemChance } from 'tocsin/engine'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createSecretBox } from './secret-box.ts'
import { keySource, newSecretKey, secretKeyFile, writeKeyFile } from './secret-key.ts'

let data = ''
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'tocsin-secrets-'))
})
afterEach(() => rmSync(data, { recursive: true }))

const place = { project: 'bots', kind: 'channels', name: 'hook', field: 'url' }
const source = (env: Readonly<Record<string, string>> = {}): ReturnType<typeof keySource> => keySource({ env, data, chance: systemChance })
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')

test('what was sealed opens at its own place and at no other, nor when it was changed', () => {
  const box = createSecretBox(source(), systemChance)
  const sealed = box.seal('sesame', place)
  expect(sealed).not.toContain('sesame')
  expect(box.open(sealed, place)).toBe('sesame')
  expect(box.seal('sesame', place)).not.toBe(sealed)
  for (const other of [{ project: 'other' }, { kind: 'people' }, { name: 'hook2' }, { field: 'secret' }]) expect(() => box.open(sealed, { ...place, ...other })).toThrow('changed or moved')
  const at = sealed.length - 4
  const changed = `${sealed.slice(0, at)}${sealed[at] === 'A' ? 'B' : 'A'}${sealed.slice(at + 1)}`
  expect(() => box.open(changed, place)).toThrow('changed or moved')
  expect(() => box.open('v1.00000000.AAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAAAA', place)).toThrow('expected the key 00000000')
  expect(() => box.open('rubbish', place)).toThrow('expected the key of a sealed secret')
})

test('the file of the key is made for this user only, and one that others may read is refused with what to do', () => {
  const [key] = source().read()
  const path = secretKeyFile(data)
  expect(statSync(path).mode & 0o777).toBe(0o600)
  expect(source().read()[0].id).toBe(key.id)
  chmodSync(path, 0o640)
  expect(() => source().read()).toThrow(`chmod 600 ${path}`)
})

test('a key of the environment comes before the file, and one that is none is refused without being shown', () => {
  const [first, second] = [newSecretKey(systemChance), newSecretKey(systemChance)]
  const ring = source({ TOCSIN_SECRET_KEY: `${base64(first.bytes)},${base64(second.bytes)}` }).read()
  expect(ring.map(({ id }) => id)).toEqual([first.id, second.id])
  expect(() => source({ TOCSIN_SECRET_KEY: 'sesame-and-not-32-bytes' }).read()).toThrow(/^(?!.*sesame).*openssl rand -base64 32/)
})

test('a box that lives takes a new key from the file, and opens with the old one as long as it is there', () => {
  const box = createSecretBox(source(), systemChance)
  const [old] = source().read()
  const before = box.seal('sesame', place)
  const next = newSecretKey(systemChance)
  writeKeyFile(secretKeyFile(data), [next, old])
  const after = box.seal('sesame', place)
  expect([box.isCurrent(before), box.isCurrent(after), box.open(before, place), box.open(after, place)]).toEqual([false, true, 'sesame', 'sesame'])
  writeKeyFile(secretKeyFile(data), [next])
  expect(createSecretBox(source(), systemChance).open(after, place)).toBe('sesame')
  expect(readFileSync(secretKeyFile(data), 'utf8').trim().split('\n')).toHaveLength(1)
})
