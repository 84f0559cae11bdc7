import type { AdministerOptions, Administration } from './access/administer.ts'
import type { erasePersonal as Erase, exportPersonal as Export } from './personal/by-command.ts'
import type { backUp as BackUp } from './moving/backup.ts'
import type { migrate as Migrate } from './moving/migrate.ts'
import type { restore as Restore, resumeRestored as Resume } from './moving/restore.ts'
import type { rotate as Rotate } from './projects/rotate.ts'
import type { RunningServer, ServeOptions } from './serve.ts'

export { tableLines } from './moving/table-lines.ts'
export type { AdministerOptions, Administration } from './access/administer.ts'
export type { RotateOptions } from './projects/rotate.ts'
export type { RunningServer, ServeOptions } from './serve.ts'

/*
 * The only public door of the package: what the command line of `tocsin` calls. Each thing is loaded when it is called: who lists keys does not wait
 * for what serves.
 */

export async function administer(options: AdministerOptions): Promise<Administration> {
  return (await import('./access/administer.ts')).administer(options)
}

export async function serve(options: ServeOptions): Promise<RunningServer> {
  return (await import('./serve.ts')).serve(options)
}

export const rotate: typeof Rotate = async (...given) => (await import('./projects/rotate.ts')).rotate(...given)
export const backUp: typeof BackUp = async (...given) => (await import('./moving/backup.ts')).backUp(...given)
export const migrate: typeof Migrate = async (...given) => (await import('./moving/migrate.ts')).migrate(...given)
export const restore: typeof Restore = async (...given) => (await import('./moving/restore.ts')).restore(...given)
export const resumeRestored: typeof Resume = async (...given) => (await import('./moving/restore.ts')).resumeRestored(...given)
export const erasePersonal: typeof Erase = async (...given) => (await import('./personal/by-command.ts')).erasePersonal(...given)
export const exportPersonal: typeof Export = async (...given) => (await import('./personal/by-command.ts')).exportPersonal(...given)
