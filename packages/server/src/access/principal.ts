import { permissions, type Config, type Operation, type Role } from 'tocsin/engine'
import type { KeyScope, KnownKey } from './key.ts'

/** Whoever asks: a program with a key, or a person who has logged in. */
export interface Principal {
  readonly kind: 'key' | 'user'
  readonly id: string
  /** For people: in the record of changes, and as the author of what they do. */
  readonly name: string
  /** Of a person; lower case. */
  readonly email?: string
  /** Of a key that ends: milliseconds since 1970. */
  readonly expiresMs?: number
  /** The role in this project; absent: the project is not theirs, and is for them as if it did not exist. */
  roleIn(project: string): Role | undefined
  /** Whether the role in this project, or the scope of the key, allows it. */
  may(operation: Operation, project: string): boolean
  /** Whether it holds for the whole installation: an owner, or a key of all projects. */
  readonly isEverywhere: boolean
}

/** A key acts as if it had this role: what it may see follows from it. */
const roleOfScope: Readonly<Record<KeyScope, Role>> = { ingest: 'viewer', read: 'developer', manage: 'admin' }

const readOnly = (operation: Operation): boolean => operation.endsWith(':read')

/**
 * What only a person does: what is their own, and who else has an account. A key that could invite would turn a secret of a program into
 * an account that outlives it.
 */
const onlyPeople: readonly Operation[] = ['own:read', 'own:write', 'members:write']

/** What each scope allows; ruled by the role's table in the end. */
const allows: Readonly<Record<KeyScope, (operation: Operation) => boolean>> = {
  ingest: (operation) => operation === 'events:write',
  // Monitoring asks how the server is.
  read: (operation) => readOnly(operation) && !onlyPeople.includes(operation) && (permissions.developer.does.includes(operation) || operation === 'health:read'),
  manage: (operation) => permissions.admin.does.includes(operation) && !onlyPeople.includes(operation),
}

/** A program with a key. */
export function keyPrincipal(key: KnownKey): Principal {
  const reaches = (project: string): boolean => key.project === undefined || key.project === project
  return {
    kind: 'key',
    id: key.id,
    name: key.name,
    ...(key.expiresMs !== undefined && { expiresMs: key.expiresMs }),
    roleIn: (project) => (reaches(project) ? roleOfScope[key.scope] : undefined),
    may: (operation, project) => reaches(project) && allows[key.scope](operation),
    isEverywhere: key.project === undefined,
  }
}

/**
 * A person who has logged in. An owner owns every project; others have a role in some.
 *
 * @param user `isOver`: what is known of them has changed since, so that nothing is theirs until they are looked up again
 */
export function userPrincipal(user: { readonly id: string; readonly name: string; readonly email: string; readonly owner: boolean; readonly roles: ReadonlyMap<string, Role>; readonly isOver: () => boolean }): Principal {
  const roleIn = (project: string): Role | undefined => (user.isOver() ? undefined : user.owner ? 'owner' : user.roles.get(project))
  return {
    kind: 'user',
    id: user.id,
    name: user.name,
    email: user.email,
    roleIn,
    may(operation, project) {
      const role = roleIn(project)
      return role !== undefined && permissions[role].does.includes(operation)
    },
    isEverywhere: user.owner,
  }
}

/**
 * Who the principal is among the people of a project's configuration, by their e-mail address: what they were sent themselves follows from it.
 *
 * @returns the name in the configuration; nothing for a key, and for whoever is not among them
 */
export function personOf({ email }: Pick<Principal, 'email'>, { people }: Pick<Config, 'people'>): string | undefined {
  if (email === undefined) return undefined
  return Object.entries(people).find(([, person]) => person.email?.toLowerCase() === email)?.[0]
}
