import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { readConfigData } from 'tocsin/engine'

/** The configuration file of the installation, if it has one. */
export interface ConfigFile {
  /** Absent: there is none, and the project of the file is `default` with nothing in it. */
  readonly path?: string
  /** Where the files of its templates are. */
  readonly folder: string
  readonly env: Readonly<Record<string, string | undefined>>
  /**
   * Its data as it stands there now, with `${NAME}` in it.
   *
   * @throws TocsinError `config-invalid` where it cannot be read
   */
  read(): unknown
}

const usualFile = 'tocsin.yaml'

/** @param given as in `--config`; absent: `tocsin.yaml` of the current folder, where there is one */
export function configFile(given: string | undefined, env: ConfigFile['env']): ConfigFile {
  const path = given ?? (existsSync(usualFile) ? usualFile : undefined)
  if (path === undefined) return { folder: '.', env, read: () => ({}) }
  return { path, folder: dirname(path), env, read: () => readConfigData(path) }
}
