import type { Accounts } from '../access/accounts.ts'
import { Problem } from '../http/problem.ts'
import type { By, Configuration } from '../projects/configuration.ts'
import { kindOf } from '../projects/kinds.ts'
import type { Projects } from '../projects/projects.ts'
import { provableKinds } from './own-person.ts'

interface Parts {
  readonly configuration: Configuration
  readonly accounts: Pick<Accounts, 'member'>
  readonly projects: Pick<Projects, 'names'>
}

const people = kindOf('people')

/**
 * Has the person follow their account: who has another role by now is told what that role may hear, and who is in a project no more is reached there
 * no more. By the e-mail address, in every project, because an owner has them all; of people that the API made, since those of the file are the operator's.
 */
export async function followAccount({ configuration, accounts, projects }: Parts, account: { readonly userId: string; readonly email: string }, by: By): Promise<void> {
  for (const project of projects.names()) {
    const { items } = await configuration.list(project, people)
    for (const { name, origin, value, etag } of items) {
      const written: Readonly<Record<string, unknown>> = typeof value === 'object' && value !== null ? { ...value } : {}
      if (origin !== 'api' || typeof written['email'] !== 'string' || written['email'].toLowerCase() !== account.email) continue
      const role = (await accounts.member(project, account.userId))?.role
      const target = { project, kind: people, name }
      const change = (patch: object): Promise<unknown> => configuration.patch(target, patch, { ifMatch: etag }, by)
      if (role !== undefined) {
        if (role !== written['role']) await change({ role })
      } else await configuration.remove(target, { ifMatch: etag }, by).catch(async (refused: unknown) => {
        // A route, a team or a rotation names them. Nothing is sent to somebody without an address.
        if (!(refused instanceof Problem) || refused.code !== 'in-use') throw refused
        await change({ ...Object.fromEntries([...provableKinds, 'push', 'webPush'].map((kind) => [kind, null])), role: 'viewer' })
      })
    }
  }
}
