import type { Transaction } from '../../model/store.ts'
import type { Projects } from './projects.ts'
import { tables } from './schema.ts'
import type { Prepare } from './statement.ts'
import { whole } from './whole.ts'

/** A session that fell silent has no time of its end: nobody knows it. */
export function silenceKeeper(prepare: Prepare, projects: Projects): Pick<Transaction, 'endSilentSessions'> {
  const findRunning = prepare.select(tables.sessions, ['last_at'], "where project = ? and id = ? and state = 'running'")
  const end = prepare.change("update sessions set state = 'indeterminate' where project = ? and id = ?")

  return {
    async endSilentSessions(sessions, sinceMs) {
      return sessions.map(({ project, sessionId }) => {
        const number = projects.number(project)
        const lastMs = findRunning.get(number, sessionId)?.last_at
        if (lastMs === undefined || lastMs > whole(sinceMs)) return lastMs
        end.run(number, sessionId)
        return undefined
      })
    },
  }
}
