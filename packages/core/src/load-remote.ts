import { ownAuthority } from './channels/transport/own-authority.ts'
import { networksOf } from './channels/transport/addresses.ts'
import { urlProblem } from './channels/transport/target.ts'
import type { Transport } from './channels/transport/transport.ts'
import { replaceEnvironment, type Environment } from './config-environment.ts'
import { errorText, TocsinError } from './model/error.ts'
import type { RemoteStart } from './remote-input.ts'

/** A server, checked. */
export interface Remote {
  /** Of `POST …/api/v1/events`. */
  readonly url: URL
  /** Of `POST …/api/v1/signs`. */
  readonly signsUrl: URL
  readonly apiKey: string
  readonly via: Transport
  readonly personalData: 'redacted' | 'full'
}

const known = ['endpoint', 'apiKey', 'content']
/** What goes into a header, and is no shorter than anybody could guess. */
const keyForm = /^[\x21-\x7e]{8,500}$/

/**
 * Checks what `init` was given for a server. Beside `load-config.ts`, so that an agent with a server does not load what only a
 * configuration needs.
 *
 * @throws TocsinError `config-invalid`, each problem on its own line; never with the key
 * @example
 * const remote = loadRemote({ server: { endpoint: 'https://tocsin.example.com', apiKey: '${TOCSIN_API_KEY}' }, spoolBytesMax: 64_000_000, allowInsecure: false, ca: undefined })
 */
export function loadRemote({ server, allowInsecure, ca }: Omit<RemoteStart, 'process'>, env: Environment = process.env): Remote {
  const { data, problems: unset } = replaceEnvironment(server, env)
  // What `replaceEnvironment` makes of an object.
  const given = data as Readonly<Record<string, unknown>>
  const problems = unset.map(({ path, text }) => `${path.join('.')}: ${text}`)
  const others = Object.keys(given).filter((key) => !known.includes(key))
  if (others.length > 0) problems.push(`${others.slice(0, 5).join(', ')}: expected nothing beside endpoint, apiKey and content; people, channels, rules, budgets and the like are configured on the server`)
  const rules = { trust: 'provider', allowInsecure, networks: networksOf([]) } as const
  const { endpoint, apiKey, content = 'redacted' } = given
  if (unset.length === 0) {
    const problem = typeof endpoint === 'string' ? endpointProblem(endpoint, rules) : `expected an address such as https://tocsin.example.com, found ${typeof endpoint}`
    if (problem !== undefined) problems.push(`endpoint: ${problem}`)
    if (typeof apiKey !== 'string' || !keyForm.test(apiKey)) problems.push(`apiKey: expected a key such as tok_…, made on the server by: tocsin keys create; found ${typeof apiKey === 'string' ? 'a text that is no key' : typeof apiKey}`)
  }
  if (content !== 'redacted' && content !== 'full') problems.push('content: expected "redacted" or "full"')
  if (problems.length > 0 || typeof endpoint !== 'string' || typeof apiKey !== 'string') throw new TocsinError('config-invalid', problems.join('\n'))
  const trusted = authority(ca)
  const base = `${endpoint.replace(/\/+$/, '')}/api/v1`
  return {
    url: new URL(`${base}/events`),
    signsUrl: new URL(`${base}/signs`),
    apiKey,
    via: { ...rules, ...(trusted === undefined ? {} : { ca: trusted }) },
    personalData: content === 'full' ? 'full' : 'redacted',
  }
}

function authority(ca: string | undefined): string | undefined {
  try {
    return ownAuthority(ca, '')
  } catch (unusable) {
    // Worded there for a channel.
    const cause = unusable instanceof Error ? unusable.cause : unusable
    throw new TocsinError('config-invalid', `ca: expected certificates as PEM text or the path of such a file (${errorText(cause)})`, { cause })
  }
}

function endpointProblem(endpoint: string, rules: Parameters<typeof urlProblem>[1]): string | undefined {
  const problem = urlProblem(endpoint, rules)
  if (problem !== undefined) return problem.detail
  const { search, hash } = new URL(endpoint)
  return search !== '' || hash !== '' ? 'expected an address without ? and #' : undefined
}
