import type { Config, Engine } from 'tocsin/engine'

/** A project that is served: its configuration as it is in force, and its engine. */
export interface RunningProject {
  readonly name: string
  readonly config: Config
  readonly engine: Engine
}

/** What is wrong with a configuration that was changed and is not in force. */
export interface ConfigTrouble {
  readonly project: string
  /** One line; no secrets. */
  readonly cause: string
}

/** All projects of an installation. Each has an engine of its own over the one store. */
export interface Projects {
  /** Sorted. */
  names(): readonly string[]
  get(name: string): RunningProject | undefined
  /** The project of the configuration file: it cannot be taken away. */
  readonly fileProject: string
  /** The configuration file as it is in force, as it was written. */
  readonly fileData: unknown
  /** Puts in force what is committed: of one project, or of all and the list of projects. Resolves when requests meet it. */
  refresh(project?: string): Promise<void>
  /** Reads the configuration file anew; where it is wrong the one before stays, and `false` says so. */
  reloadFile(): Promise<boolean>
  /** Sorted by project; empty: everything that was configured is in force. */
  troubles(): readonly ConfigTrouble[]
  /** Stops claiming, finishes what is under way for at most `forMs`, and leaves the rest to others. @returns whether all engines have ended */
  close(forMs: number): Promise<boolean>
}
