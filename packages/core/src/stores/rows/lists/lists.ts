import type { Lists } from '../../../model/lists.ts'
import { alertLists } from './alerts.ts'
import type { ListBackend } from './backend.ts'
import { changeLists } from './changes.ts'
import { deliveryLists } from './deliveries.ts'
import { eventLists } from './events.ts'
import { failureLists } from './failures.ts'
import { personalReads } from '../personal-reads.ts'
import { sessionLists } from './sessions.ts'
import { spendLists } from './spend.ts'

/** All lists over one store. */
export function listsOver(backend: ListBackend): Lists {
  return { ...alertLists(backend), ...deliveryLists(backend), ...sessionLists(backend), ...eventLists(backend), ...failureLists(backend), ...changeLists(backend), ...personalReads(backend), ...spendLists(backend) }
}
