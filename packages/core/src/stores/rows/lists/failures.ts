import type { Lists } from '../../../model/lists.ts'
import type { FailureCause } from '../../../model/report.ts'
import { Conditions, allOf, type ListBackend } from './backend.ts'
import { eventPlaces } from './events.ts'
import { stretches } from './walk.ts'

/** Failed events that are looked at, the newest: of each its row is read. Where they have no index of their own, events of any kind. */
const looksMax = 5_000
const causesMax = 50

/** Why calls failed. */
export function failureLists(backend: ListBackend): Pick<Lists, 'failureCauses'> {
  const within = (name: string, ...path: readonly string[]): string => path.reduce((column, part) => backend.textAt(column, part), name)
  const columns = [
    `coalesce(${within('more', 'error', 'class')}, '') as class`, `coalesce(model, ${within('more', 'tool', 'name')}, '') as name`, "coalesce(provider, '') as provider", 'count(*) as count',
  ].join(', ')
  return {
    async failureCauses(name, sinceMs) {
      const project = await backend.project(name)
      if (project === undefined) return []
      const { failedEvents: failed } = backend
      const filter = new Conditions().anyOf('type', ['llm.call', 'tool.call']).and('duplicate_of is null')
      const walk = { ...eventPlaces, table: failed ?? 'events', within: new Conditions().and('project = ?', project), range: { from: sinceMs } }
      // Said as the index says it: otherwise it is not used.
      if (failed === undefined) filter.equals('status', 'error')
      else walk.within.and("status = 'error'")
      const causes = new Map<string, FailureCause>()
      for await (const { asked } of stretches(backend, walk, { looksMax })) {
        const these = allOf(asked, filter)
        for (const { count, ...of } of await backend.all<FailureCause>(`select ${columns} from @${walk.table} where ${these.text} group by 1, 2, 3`, these.values)) {
          const key = JSON.stringify([of.class, of.name, of.provider])
          causes.set(key, { ...of, count: (causes.get(key)?.count ?? 0) + count })
        }
      }
      return [...causes.values()].toSorted((one, other) => other.count - one.count).slice(0, causesMax)
    },
  }
}
