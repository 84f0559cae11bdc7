import { createWriteStream } from 'node:fs'
import { userInfo } from 'node:os'
import type { At, Whom } from './movers.ts'
import { loadServer } from './server.ts'
import type { Report } from './report.ts'

const secondMs = 1_000

export async function migrate(options: At & { readonly from: string; readonly to: string }, env: NodeJS.ProcessEnv, notice: (text: string) => void): Promise<Report> {
  const server = await loadServer()
  const { tables, ...value } = await server.migrate({ ...options, env, notice })
  const lines = [
    ...server.tableLines(tables), '',
    `Moved from ${value.from} to ${value.to}, and compared row by row. It took no changes for ${(value.lockedMs / secondMs).toFixed(1)} s; nobody can use ${value.from} any more.`,
    `Start the servers with ${value.to === 'PostgreSQL' ? '--database-url' : `--data ${value.to}`}. The key of the secrets was not moved: it stays in ${value.secretKey}, and the servers need it there.`,
  ]
  return { lines, value: { ...value, tables }, ok: true }
}

export async function backup(file: string, options: At, env: NodeJS.ProcessEnv, notice: (text: string) => void): Promise<Report> {
  const server = await loadServer()
  const { tables, ...value } = await server.backUp({ ...options, file, env, notice })
  const lines = [
    ...server.tableLines(tables), '',
    `Written to ${file}: ${value.bytes.toLocaleString('en-US')} bytes.`,
    `The key of the secrets is not in it. Keep it elsewhere, apart from the backup: ${value.secretKey}`,
  ]
  return { lines, value: { ...value, tables }, ok: true }
}

export async function restore(file: string | undefined, { hold, resume, ...options }: At & { readonly hold?: true; readonly resume?: true }, env: NodeJS.ProcessEnv, notice: (text: string) => void): Promise<Report> {
  const server = await loadServer()
  if (resume === true) {
    const projects = await server.resumeRestored({ ...options, env, notice })
    return { lines: [projects.length === 0 ? 'Nothing is held by a restore.' : `Going on in ${projects.join(', ')}.`], value: { resumed: projects }, ok: true }
  }
  const { tables, ...value } = await server.restore({ ...options, file: file ?? '', hold: hold === true, env, notice })
  const waits = `${value.waiting} ${value.waiting === 1 ? 'delivery waits' : 'deliveries wait'}`
  const lines = [
    ...server.tableLines(tables), '',
    `Restored into ${value.to}, as it was at ${new Date(value.madeMs).toISOString()}. ${waits}: what was sent since then by the installation that was backed up would be sent again.`,
    value.held ? 'Nothing is sent until: tocsin restore --resume' : 'They are sent when a server starts; to look first, restore with --hold.',
    `The key of the secrets was not in the backup. Put it back before a server starts: ${value.secretKey}`,
  ]
  return { lines, value: { ...value, tables }, ok: true }
}

export async function exportData({ out, ...options }: At & Whom & { readonly out: string }, env: NodeJS.ProcessEnv, notice: (text: string) => void): Promise<Report> {
  const server = await loadServer()
  const file = createWriteStream(out, { mode: 0o600, flags: 'wx' })
  const write = (text: string): Promise<void> => new Promise((resolve, reject) => void file.write(text, (failure) => (failure === null || failure === undefined ? resolve() : reject(failure))))
  // Told of each write that fails.
  file.on('error', () => undefined)
  const { things } = await server.exportPersonal({ ...options, by: userInfo().username, env, notice }, write)
  await new Promise<void>((resolve) => void file.end(resolve))
  return { lines: [`Written to ${out}, one JSON object a line: ${things} ${things === 1 ? 'thing' : 'things'}.`], value: { out, things }, ok: true }
}

export async function eraseData(options: At & Whom, env: NodeJS.ProcessEnv, notice: (text: string) => void): Promise<Report> {
  const server = await loadServer()
  const value = await server.erasePersonal({ ...options, by: userInfo().username, env, notice })
  return { lines: [value.rows === 0 ? 'Nothing was kept.' : `Erased: ${value.rows} rows. What is left of it stands under ${value.as}.`], value, ok: true }
}
