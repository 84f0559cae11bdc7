import type { FastifyRequest } from 'fastify'
import { Problem } from './problem.ts'

/** A page of another site cannot set it without asking first (CORS), and is not answered. */
const ownHeader = 'tocsin-request'

const safeMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])

export function isUnsafe({ method }: Pick<FastifyRequest, 'method'>): boolean {
  return !safeMethods.has(method)
}

/**
 * Refuses what another site's page asks for in a browser that has a session here (CSRF). Two proofs, each of which alone would do where the
 * browser is whole: what the browser says of the page (`Sec-Fetch-Site`, `Origin`), and a header that only our own page sends.
 */
export function requireOwnPage(request: FastifyRequest): void {
  refuseOtherSites(request)
  if (request.headers[ownHeader] === undefined) throw new Problem(403, 'other-site', `Expected the header "${ownHeader}: 1" with what is changed in a session, found none. Programs use a key in its place.`)
}

/** For what makes a session: there is none yet to be misused, but nobody shall be logged in by another site either. */
export function refuseOtherSites(request: FastifyRequest): void {
  const { origin, 'sec-fetch-site': site } = request.headers
  if (typeof site === 'string' && site !== 'same-origin' && site !== 'none') throw otherSite(`the page of another site (${site.slice(0, 20)})`)
  if (origin !== undefined && origin !== ownOrigin(request)) throw otherSite(`a page of ${origin.slice(0, 100)}`)
}

function otherSite(found: string): Problem {
  return new Problem(403, 'other-site', `Expected a page of this server, found ${found}. Behind a proxy start it with --behind-proxy, so that it knows its own address.`)
}

/** As the browser sees it: behind a proxy what the proxy says, where it is believed (`trustProxy`). */
function ownOrigin({ protocol, host }: FastifyRequest): string {
  return `${protocol}://${host}`
}
