import { createPrivateKey, type KeyObject } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { errorText } from '../model/error.ts'
import { jsonOf } from './json-of.ts'

/** What a program needs to act as a service account of Google. */
export interface ServiceAccount {
  readonly projectId: string
  readonly email: string
  readonly privateKeyId?: string
  readonly privateKey: KeyObject
  /** The key as it stands in the file, to be kept out of what is shown. */
  readonly secret: string
}

const whereToGetIt = 'create one in the console of Firebase: Project settings, Service accounts, Generate new private key'

const keyFile = z.object({
  project_id: z.string().regex(/^[a-z0-9:.-]{4,63}$/),
  client_email: z.string().min(3).max(320),
  private_key: z.string().min(1),
  private_key_id: z.string().regex(/^[\w-]{1,100}$/).optional(),
})

/**
 * The service account of a key file, given as its JSON text or as the path of the file. What is wrong is said in a
 * sentence without anything of the key.
 */
export function serviceAccountOf(given: string): ServiceAccount | { readonly problem: string } {
  const text = given.trimStart().startsWith('{') ? given : fileText(given)
  if (typeof text !== 'string') return text
  const parsed = jsonOf(text)
  if (parsed === undefined) return { problem: `expected the key file of a service account, found text that is not JSON; ${whereToGetIt}` }
  const { type } = z.object({ type: z.string().optional() }).safeParse(parsed).data ?? {}
  if (type !== 'service_account') return { problem: `expected a key file of type service_account, found ${typeName(type)}; ${whereToGetIt}` }
  const { data: file, error } = keyFile.safeParse(parsed)
  if (error !== undefined) return { problem: `expected a whole key file of a service account, found one with no usable ${String(error.issues[0]?.path[0])}; ${whereToGetIt}` }
  const privateKey = keyOf(file.private_key)
  if (privateKey === undefined) return { problem: `expected an RSA key of at least 2,048 bits in PEM as private_key, found something else (are its line breaks whole?); ${whereToGetIt}` }
  return {
    projectId: file.project_id, email: file.client_email, privateKey, secret: file.private_key,
    ...(file.private_key_id === undefined ? {} : { privateKeyId: file.private_key_id }),
  }
}

/** Other files that Google hands out; any other word is not repeated, because it may be anything. */
const otherTypes: readonly string[] = ['authorized_user', 'external_account', 'external_account_authorized_user', 'impersonated_service_account', 'gdch_service_account']

function typeName(type: string | undefined): string {
  if (type === undefined) return 'none'
  return otherTypes.includes(type) ? type : 'another'
}

const fileBytesMax = 64 * 1024

function fileText(path: string): string | { readonly problem: string } {
  try {
    return readFileSync(path, 'utf8').slice(0, fileBytesMax)
  } catch (unreadable) {
    return { problem: `expected the JSON text of a key file, or the path of one that can be read (${codeOf(unreadable)})` }
  }
}

/** The code alone: the message repeats what was given, which may be a broken secret. */
function codeOf(failure: unknown): string {
  return failure instanceof Error && 'code' in failure ? String(failure.code) : errorText(failure).slice(0, 40)
}

/** Google makes no shorter ones, and takes none. */
const keyBitsMin = 2_048

function keyOf(pem: string): KeyObject | undefined {
  try {
    const key = createPrivateKey(pem)
    return key.asymmetricKeyType === 'rsa' && (key.asymmetricKeyDetails?.modulusLength ?? 0) >= keyBitsMin ? key : undefined
  } catch {
    // OpenSSL says in many ways that this is no key, and each may repeat some of it.
    return undefined
  }
}
