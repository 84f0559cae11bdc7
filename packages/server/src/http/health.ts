import { z } from 'zod'
import { errorText, sleep } from 'tocsin/engine'
import type { ServerParts } from '../parts.ts'
import { Problem } from './problem.ts'
import type { Routes } from './routes.ts'

/** Anybody may ask, so the store is asked at most this often, milliseconds. */
const heldMs = 1_000
/** An answer that takes longer is none, milliseconds. */
const patienceMs = 4_000
const retryAfterSeconds = 5

const answer = z.object({ ok: z.literal(true) })
/** It serves all the same, by the configuration before: taking it out would leave nobody. What is wrong the admins are told. */
const ready = answer.extend({ configuration: z.literal('last-good').optional() })

/** Whether the process lives, and whether it can do its work: the two questions of orchestrators. Open to everybody, and say nothing more. */
export const healthRoutes: Routes = (app, parts) => {
  const isReady = readiness(parts)
  // Orchestrators ask every few seconds: a line when it changes is enough.
  let wasReady = true
  app.get('/healthz', { config: { access: 'public' }, schema: { response: { 200: answer }, summary: 'Whether the process lives', operationId: 'readHealth', tags: ['operations'] } }, async () => ({ ok: true as const }))
  app.get('/readyz', { config: { access: 'public' }, schema: { response: { 200: ready }, summary: 'Whether it can write to its store', operationId: 'readReadiness', tags: ['operations'] } }, async (request) => {
    const trouble = await isReady()
    if ((trouble === undefined) !== wasReady) {
      wasReady = trouble === undefined
      if (wasReady) request.log.warn('ready again')
      else request.log.warn({ trouble }, 'not ready')
    }
    if (trouble === undefined) return { ok: true as const, ...(parts.projects.troubles().length > 0 && { configuration: 'last-good' as const }) }
    throw new Problem(503, 'not-ready', 'The store does not answer, or cannot be written. The log says why.', { retryAfterSeconds, isLogged: true })
  })
}

/** What is wrong, if anything: a transaction of the engine's store is begun and committed, and the server's own tables are looked at. */
function readiness({ store, database, clock }: Pick<ServerParts, 'store' | 'database' | 'clock'>): () => Promise<string | undefined> {
  let held: { readonly untilMs: number; readonly answer: Promise<string | undefined> } | undefined
  const look = async (): Promise<string | undefined> => {
    try {
      // Of a project that nobody has: it waits for nobody's transaction, and nobody's for it.
      await store.transaction(async (tx) => void (await tx.eventsSince('readyz')), { project: 'readyz' })
      await database.db.selectFrom('server_migrations').select('version').limit(1).execute()
      return undefined
    } catch (failure) {
      return errorText(failure)
    }
  }
  const late = async (): Promise<string> => {
    await sleep(clock, patienceMs)
    return `no answer within ${patienceMs} ms`
  }
  return () => {
    const nowMs = clock.monotonicMs()
    if (held === undefined || held.untilMs <= nowMs) held = { untilMs: nowMs + heldMs, answer: Promise.race([look(), late()]) }
    return held.answer
  }
}
