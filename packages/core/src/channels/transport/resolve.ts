import { isIP } from 'node:net'
import type { SendTools } from '../../model/channel.ts'
import { addressProblem } from './addresses.ts'
import { bareHost, notPublic, reachable, type Refusal, type TargetRules } from './target.ts'

export type Resolve = NonNullable<SendTools['resolve']>

/** The machine's own resolver, as every other program here sees it: hosts file, search list and name servers. */
export const systemResolve: Resolve = async (host) => {
  const { lookup } = await import('node:dns/promises')
  const found = await lookup(host, { all: true, order: 'verbatim' })
  return found.map(({ address }) => address)
}

/** Each is compared with some fifty ranges: a name with thousands of them would hold up everything else. */
const addressesMax = 64
/** Tried one after the other until one takes the connection, so many of IPv4 and so many of IPv6. */
const triedOfFamilyMax = 4

export type Resolved =
  | { readonly kind: 'addresses'; readonly addresses: readonly string[] }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  | { readonly kind: 'unknown'; readonly code: string }

/**
 * The addresses to which a user-supplied URL may be called. The name is asked for once, and all that it stands for must be
 * allowed: of a mixed answer the caller could not know which one the connection would take.
 */
export async function allowedAddresses(url: URL, rules: TargetRules, resolve: Resolve, signal: AbortSignal): Promise<Resolved> {
  const host = bareHost(url)
  // `targetProblem` has looked at it already.
  if (isIP(host) !== 0) return { kind: 'addresses', addresses: [host] }
  const found = await answerWithin(resolve, host, signal)
  if (typeof found === 'string') return { kind: 'unknown', code: found }
  if (found.length === 0) return { kind: 'unknown', code: 'ENOTFOUND' }
  if (found.length > addressesMax) return { kind: 'refused', refusal: { code: 'address-not-allowed', detail: `expected at most ${addressesMax} addresses behind a name, found ${found.length}` } }
  const allowed = reachable(url, rules)
  for (const address of found) {
    const purpose = addressProblem(address, allowed)
    if (purpose !== undefined) return { kind: 'refused', refusal: notPublic(purpose) }
  }
  const families = [...Map.groupBy(found, isIP).values()]
  return { kind: 'addresses', addresses: families.flatMap((family) => family.slice(0, triedOfFamilyMax)) }
}

/** What the resolver says in time, or the code of why not. A resolver of the machine cannot be stopped, only left alone. */
function answerWithin(resolve: Resolve, host: string, signal: AbortSignal): Promise<readonly string[] | string> {
  return new Promise((done) => {
    const onAbort = (): void => done('ABORT_ERR')
    if (signal.aborted) return onAbort()
    signal.addEventListener('abort', onAbort, { once: true })
    const settle = (found: readonly string[] | string): void => {
      signal.removeEventListener('abort', onAbort)
      done(found)
    }
    // Within a promise, so that a resolver that throws instead of rejecting is one that failed.
    const answer = (async () => resolve(host))()
    answer.then(settle, (failed: unknown) => settle(failed instanceof Error && 'code' in failed ? String(failed.code) : 'EAI_FAIL'))
  })
}
