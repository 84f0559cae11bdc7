import type { Transaction } from '../../model/store.ts'
import type { Session } from '../../model/session.ts'
import type { Projects } from './projects.ts'
import type { RecentRows } from './recent-rows.ts'
import { tables } from '../rows/tables.ts'
import { placeOfSession } from './sessions.ts'
import type { Prepare } from './statement.ts'
import { whole } from '../rows/whole.ts'

/** A session that fell silent has no time of its end: nobody knows it. */
export function silenceKeeper(prepare: Prepare, projects: Projects, recent: RecentRows<Session>): Pick<Transaction, 'endSilentSessions'> {
  const findRunning = prepare.select(tables.sessions, ['last_at'], "where project = ? and id = ? and state = 'running'")
  const end = prepare.change("update sessions set state = 'indeterminate' where project = ? and id = ?")

  return {
    async endSilentSessions(sessions, sinceMs) {
      return sessions.map(({ project, sessionId }) => {
        const number = projects.number(project)
        const lastMs = findRunning.get(number, sessionId)?.last_at
        if (lastMs === undefined || lastMs > whole(sinceMs)) return lastMs
        end.run(number, sessionId)
        recent.forget(placeOfSession(project, sessionId))
        return undefined
      })
    },
  }
}
