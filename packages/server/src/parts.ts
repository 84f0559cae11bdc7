import type { Chance, Clock, Store } from 'tocsin/engine'
import type { Intake } from './intake/intake.ts'
import type { Access } from './access/access.ts'
import type { Keys } from './access/key.ts'
import type { NodeSigns } from './operations/node-signs.ts'
import type { AgentOpsTokens } from './otlp/agentops-token.ts'
import type { Metrics } from './operations/metrics.ts'
import type { Configuration } from './projects/configuration.ts'
import type { Projects } from './projects/projects.ts'
import type { Database } from './stores/database.ts'

/** What the rooms of the server are handed. */
export interface ServerParts {
  readonly store: Store
  readonly database: Database
  readonly projects: Projects
  /** What is configured, and changing it. */
  readonly configuration: Configuration
  readonly keys: Keys
  /** People, their sessions, and limits for those who guess. */
  readonly access: Access
  /**
   * Where people reach this server, as whoever runs it says, else from the machine itself. Links that open an account lead there, whatever a
   * project's own `publicUrl` says: who may set that would have the links lead to themselves.
   */
  readonly publicUrl: () => string
  /** The processes that serve this database. */
  readonly nodeSigns: NodeSigns
  /** The bounded door for events, and what came through it. */
  readonly intake: Intake
  /** What AgentOps' SDKs are given for a key. */
  readonly agentOpsTokens: AgentOpsTokens
  /** What the server measures of itself. */
  readonly metrics: Metrics
  readonly clock: Clock
  readonly chance: Chance
  /** Of this server, such as `0.1.0`. */
  readonly version: string
}
