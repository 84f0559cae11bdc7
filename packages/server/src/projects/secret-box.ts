import { createCipheriv, createDecipheriv } from 'node:crypto'
import { TocsinError, type Chance } from 'tocsin/engine'
import { randomOf, type KeyRing, type KeySource, type SecretKey } from './secret-key.ts'

/** Where a secret belongs. It is sealed with it: moved to another row or field it does not open. */
export interface SecretPlace {
  readonly project: string
  readonly kind: string
  readonly name: string
  readonly field: string
}

/**
 * Seals secrets for the database: AES-256-GCM with a nonce of 96 random bits for each, see https://csrc.nist.gov/pubs/sp/800/38/d/final. With random
 * nonces one key is good for 2^32 secrets; an installation has some hundreds.
 */
export interface SecretBox {
  /** `v1.KEY.NONCE.TEXT`, base64url. */
  seal(text: string, place: SecretPlace): string
  /** @throws TocsinError `config-invalid` where the key is not there, or it was changed or moved */
  open(sealed: string, place: SecretPlace): string
  /** Whether it was sealed by the key that seals now. */
  isCurrent(sealed: string): boolean
}

const algorithm = 'aes-256-gcm'
const nonceBytes = 12
const tagBytes = 16
const sealedPattern = /^v1\.([0-9a-f]{8})\.([\w-]{16})\.([\w-]{22,})$/

export function createSecretBox(keys: KeySource, chance: Chance): SecretBox {
  let ring: KeyRing = keys.read()

  /** Read again where it is not known: another process may have rotated the keys. */
  function keyCalled(id: string): SecretKey | undefined {
    const known = ring.find((key) => key.id === id)
    if (known !== undefined) return known
    ring = keys.read()
    return ring.find((key) => key.id === id)
  }

  return {
    seal(text, place) {
      ring = keys.read()
      const [key] = ring
      const iv = randomOf(chance, nonceBytes)
      const cipher = createCipheriv(algorithm, key.bytes, iv, { authTagLength: tagBytes }).setAAD(bound(place))
      const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()])
      return `v1.${key.id}.${Buffer.from(iv).toString('base64url')}.${body.toString('base64url')}`
    },
    open(sealed, place) {
      const [, id = '', iv = '', text = ''] = sealedPattern.exec(sealed) ?? []
      const key = keyCalled(id)
      const where = `${place.kind}.${place.name}.${place.field} of project ${place.project}`
      if (key === undefined) throw new TocsinError('config-invalid', `${where}: expected the key ${id === '' ? 'of a sealed secret' : id}, which is not in ${keys.name}. Bring that key back, or give the secret again.`)
      const body = Buffer.from(text, 'base64url')
      try {
        const decipher = createDecipheriv(algorithm, key.bytes, Buffer.from(iv, 'base64url'), { authTagLength: tagBytes }).setAAD(bound(place)).setAuthTag(body.subarray(-tagBytes))
        return Buffer.concat([decipher.update(body.subarray(0, -tagBytes)), decipher.final()]).toString('utf8')
      } catch (cause) {
        throw new TocsinError('config-invalid', `${where}: the secret was changed or moved since it was sealed. Give it again.`, { cause })
      }
    },
    isCurrent(sealed) {
      ring = keys.read()
      return sealedPattern.exec(sealed)?.[1] === ring[0].id
    },
  }
}

/** As JSON, so that no two places are written alike. */
function bound({ project, kind, name, field }: SecretPlace): Buffer {
  return Buffer.from(JSON.stringify([project, kind, name, field]))
}
