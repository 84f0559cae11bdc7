import { createHash } from 'node:crypto'
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, statSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { errorText, TocsinError, type Chance } from 'tocsin/engine'

/** A key that seals secrets, with the name by which what it sealed says so. */
export interface SecretKey {
  /** Eight hexadecimal digits of its own hash: they tell keys apart and say nothing of them. */
  readonly id: string
  /** 32 bytes. */
  readonly bytes: Uint8Array
}

/** The first seals; all of them open. */
export type KeyRing = readonly [SecretKey, ...SecretKey[]]

/** Where the keys come from. It is asked again whenever something is sealed, so that a rotation holds in servers that run. */
export interface KeySource {
  /** Such as `TOCSIN_SECRET_KEY` or the path of the file: for errors and the rotation. */
  readonly name: string
  readonly kind: 'environment' | 'file'
  /** @throws TocsinError `config-invalid` where a key is none, or the file may be read by others */
  read(): KeyRing
}

const keyBytes = 32
const ringMax = 10
const variable = 'TOCSIN_SECRET_KEY'
const fileMode = 0o600

/**
 * `TOCSIN_SECRET_KEY`, or else the file `secret.key` in the data folder, which is made at the first start. Both hold 32 bytes in base64, or
 * several such keys, by commas or one a line: the first seals, the others only open.
 */
export function keySource({ env, data, chance }: { readonly env: Readonly<Record<string, string | undefined>>; readonly data: string; readonly chance: Chance }): KeySource {
  const given = env[variable]
  if (given !== undefined && given !== '') {
    const ring = ringOf(given.split(','), variable)
    return { name: variable, kind: 'environment', read: () => ring }
  }
  const path = secretKeyFile(data)
  return { name: path, kind: 'file', read: () => ringOf(textOf(path, chance).split('\n'), path) }
}

export function secretKeyFile(data: string): string {
  return join(data, 'secret.key')
}

/** A key of the machine's randomness for cryptography. */
export function newSecretKey(chance: Chance): SecretKey {
  return keyOf(randomOf(chance, keyBytes))
}

/** Bytes of the machine's randomness. */
export function randomOf(chance: Chance, count: number): Uint8Array {
  let hex = ''
  while (hex.length < count * 2) hex += chance.id()
  return Buffer.from(hex, 'hex').subarray(0, count)
}

/** Puts these keys into the file in place of what was in it: the whole of them or, after a crash, what was there. */
export function writeKeyFile(path: string, ring: readonly SecretKey[]): void {
  const beside = `${path}.new`
  // Of a rotation that was cut short; it would keep the rights that it has.
  rmSync(beside, { force: true })
  writeWhole(beside, 'w', ring)
  renameSync(beside, path)
}

function writeWhole(path: string, flag: 'w' | 'wx', ring: readonly SecretKey[]): void {
  const file = openSync(path, flag, fileMode)
  try {
    writeSync(file, ring.map(({ bytes }) => `${Buffer.from(bytes).toString('base64')}\n`).join(''))
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

function textOf(path: string, chance: Chance): string {
  let mode: number
  try {
    mode = statSync(path).mode & 0o777
  } catch (missing) {
    if (!(missing instanceof Error && 'code' in missing && missing.code === 'ENOENT')) throw unreadable(path, missing)
    return begun(path, chance)
  }
  // Where the system knows no such rights it shows them all to everybody.
  if ((mode & 0o077) !== 0 && process.platform !== 'win32') {
    throw new TocsinError('config-invalid', `${path}: expected a key that only this user can read (mode 600), found mode ${mode.toString(8)}. Others may have read it: chmod 600 ${path}, then tocsin secrets rotate.`)
  }
  try {
    return readFileSync(path, 'utf8')
  } catch (failure) {
    throw unreadable(path, failure)
  }
}

/** Two servers may start at once: the one that comes second reads what the first has made. */
function begun(path: string, chance: Chance): string {
  const key = newSecretKey(chance)
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    writeWhole(path, 'wx', [key])
  } catch (failure) {
    if (!(failure instanceof Error && 'code' in failure && failure.code === 'EEXIST')) throw unreadable(path, failure)
  }
  return readFileSync(path, 'utf8')
}

function ringOf(lines: readonly string[], name: string): KeyRing {
  const [first, ...rest] = lines.flatMap((line) => {
    const text = line.trim()
    if (text === '') return []
    const bytes = Buffer.from(text, 'base64')
    if (!/^[A-Za-z0-9+/]{43}=$/.test(text) || bytes.length !== keyBytes) throw new TocsinError('config-invalid', `${name}: expected ${keyBytes} bytes in base64, found something else. Make such a key: openssl rand -base64 ${keyBytes}`)
    return [keyOf(bytes)]
  })
  if (first === undefined) throw new TocsinError('config-invalid', `${name}: expected a key, found nothing. Bring back the file from a backup; without it the secrets in the database cannot be read.`)
  if (rest.length >= ringMax) throw new TocsinError('config-invalid', `${name}: expected at most ${ringMax} keys, found ${rest.length + 1}`)
  return [first, ...rest]
}

function keyOf(bytes: Uint8Array): SecretKey {
  return { id: createHash('sha256').update('tocsin secret key').update(bytes).digest('hex').slice(0, 8), bytes }
}

function unreadable(path: string, cause: unknown): TocsinError {
  return new TocsinError('config-invalid', `${path}: the key of the secrets cannot be read or made (${errorText(cause)}). Give this user the right to it, or set ${variable}.`, { cause })
}
