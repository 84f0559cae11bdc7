import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/** What the agent processes of the benchmarks are told: whether they have Tocsin, and where everything is. */
export interface AgentSettings {
  /** Address of the built package; absent: the same agent without it. */
  readonly door?: string
  /** Folder for the database. */
  readonly data: string
  /** Ports of the servers it talks to, such as the model provider. */
  readonly ports: readonly number[]
}

/** Runs a built agent as a process of its own and reads the one line of JSON that it prints. */
export async function runAgent(path: string, settings: AgentSettings): Promise<Readonly<Record<string, number>>> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', path, JSON.stringify(settings)], { timeout: 60_000 })
  // What our own agents print; a missing name shows as NaN in the table.
  return JSON.parse(stdout) as Readonly<Record<string, number>>
}

/** In the agent's process: what `runAgent` told it. */
export function agentSettings(): AgentSettings {
  // Written by `runAgent`.
  return JSON.parse(process.argv[2] ?? '{}') as AgentSettings
}
