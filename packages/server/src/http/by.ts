import type { FastifyRequest } from 'fastify'
import type { Actor } from '../access/audit.ts'

/** Who asks and from where, for the record of changes. */
export function changedBy({ principal, ip }: Pick<FastifyRequest, 'principal' | 'ip'>): { readonly principal: Actor; readonly address: string } {
  return { principal: { kind: principal.kind, id: principal.id, name: principal.name }, address: ip }
}
