import type { TellUnreadable } from '../rows/unreadable.ts'
import type { Destinations } from './destinations.ts'
import type { Partitions } from './partitions.ts'
import type { Projects } from './projects.ts'
import type { RareRows } from './rare.ts'
import type { Session } from './statement.ts'

/** What the methods of one transaction work with. Made anew for each: several run at once, and nothing is remembered from one to the next. */
export interface Context {
  readonly sql: Session
  readonly projects: Projects
  readonly destinations: Destinations
  readonly tell: TellUnreadable
  readonly partitions: Partitions
  readonly rare: RareRows
  /** Deliveries that nobody had under way when this transaction read them: nobody else of the project writes meanwhile. */
  readonly unclaimed: Set<number>
  /** This project has something to do that other processes should hear of at once when this transaction has committed. */
  readonly wake: (project: string) => void
  /** Done when this transaction has committed, before its caller goes on; never if it does not. What fails then is no failure of the transaction. */
  readonly afterCommit: (task: () => Promise<void>) => void
}

/** What a reader works with. */
export type ReadContext = Pick<Context, 'sql' | 'projects' | 'destinations' | 'tell'>
