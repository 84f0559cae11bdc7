import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { installation } from '../access/audit.ts'
import { createKeys } from '../access/keys.ts'
import { openDatabase } from '../stores/database.ts'
import { openSqliteStore, systemChance, systemClock, type ConfigInput, type Store } from 'tocsin/engine'
import { serve, type RunningServer, type ServeOptions } from '../serve.ts'

/** A real server on a port of its own, over a data folder of its own. */
export interface ServerWorld extends RunningServer {
  readonly data: string
  /** What the person at the terminal read. */
  readonly terminal: readonly string[]
  readonly notices: readonly string[]
  /** The ingest key of the first start. */
  readonly ingestKey: string
  /** Makes a key, as `tocsin keys create` does. */
  makeKey(scope: 'ingest' | 'read' | 'manage', project?: string): Promise<string>
  /** The same database, to look at. */
  readonly store: Store
  /** Calls it with a key; `body` is sent as JSON, `form` as it is. */
  call(method: string, path: string, options?: { readonly key?: string; readonly body?: unknown; readonly form?: string; readonly headers?: Readonly<Record<string, string>> }): Promise<{ readonly status: number; readonly headers: Headers; readonly text: string; readonly json: unknown }>
  /** Closes it and removes its folder. */
  dispose(): Promise<void>
}

/** @param config written to a file, as an operator does */
export async function serverWorld(config: ConfigInput = {}, options: Partial<ServeOptions> = {}): Promise<ServerWorld> {
  const data = mkdtempSync(join(tmpdir(), 'tocsin-server-'))
  const file = join(data, 'tocsin.yaml')
  // YAML holds all of JSON.
  writeFileSync(file, JSON.stringify(config))
  const terminal: string[] = []
  const notices: string[] = []
  const running = await serve({ config: file, data, port: 0, env: {}, terminal: (text) => terminal.push(text), notice: (text) => notices.push(text), ...options })
  const store = openSqliteStore({ file: join(data, 'tocsin.db'), clock: systemClock, durability: 'normal', isListed: true })
  const ingestKey = /tok_[\w-]+/.exec(terminal.join('\n'))?.[0] ?? ''
  return {
    ...running,
    data,
    terminal,
    notices,
    ingestKey,
    store,
    async makeKey(scope, project) {
      const database = await openDatabase({ file: join(data, 'tocsin.db') }, systemClock)
      const { key } = await createKeys({ db: database.db, clock: systemClock, chance: systemChance, notice: (text) => notices.push(text) }).create({ name: `test ${scope}`, scope, ...(project !== undefined && { project }) }, { principal: installation })
      await database.close()
      return key
    },
    async call(method, path, { key, body, form, headers } = {}) {
      const response = await fetch(`${running.url}${path}`, {
        method,
        headers: { ...(key !== undefined && { authorization: `Bearer ${key}` }), ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        ...(form !== undefined && { body: form }),
      })
      const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') === true
      if (isStream) await response.body?.cancel()
      const text = isStream ? '' : await response.text()
      const isJson = /[/+]json/.test(response.headers.get('content-type') ?? '')
      return { status: response.status, headers: response.headers, text, json: isJson ? JSON.parse(text) : undefined }
    },
    async dispose() {
      await store.close()
      await running.close()
      rmSync(data, { recursive: true })
    },
  }
}
