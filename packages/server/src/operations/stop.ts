import type { FastifyInstance } from 'fastify'
import { sleep, type Clock } from 'tocsin/engine'
import type { Keys } from '../access/key.ts'
import type { Projects } from '../projects/projects.ts'
import type { OpenStores } from '../stores/open-stores.ts'

/** Longest times from the beginning of a stop until this has ended, milliseconds. What follows has what is left of all of it. */
const untilMs = { requests: 4_000, deliveries: 9_000, store: 9_800 } as const
/** Within that the engines settle what is under way: of a provider that hangs they let go before. */
const releaseMs = 500

export interface Stopped {
  readonly app: FastifyInstance
  readonly heartbeat?: { stop(): Promise<void> }
  readonly nodeSigns?: { stop(): Promise<void> }
  readonly projects: Projects
  readonly keys: Keys
  readonly stores: OpenStores
}

/**
 * Ends a server, the outside first: no connection is taken any more, requests under way are answered, deliveries under way are settled, the
 * store is closed. Nothing holds it for longer than its time. What is not settled then is what a crash leaves: its lease ends, and
 * another process, or the next start, takes it over by the rules for what is in doubt.
 *
 * @returns what was left when its time was over
 */
export async function stopWithin(clock: Clock, { app, heartbeat, nodeSigns, projects, keys, stores }: Stopped): Promise<readonly ('requests' | 'deliveries' | 'store')[]> {
  const beganMs = clock.monotonicMs()
  const left: ('requests' | 'deliveries' | 'store')[] = []

  async function within(what: keyof typeof untilMs, work: Promise<unknown>): Promise<void> {
    const done = new AbortController()
    const isLate = await Promise.race([
      work.then(() => false, () => true).finally(() => done.abort()),
      sleep(clock, Math.max(0, beganMs + untilMs[what] - clock.monotonicMs()), done.signal).then(() => !done.signal.aborted),
    ])
    if (isLate) left.push(what)
  }

  const closed = app.close()
  await within('requests', closed)
  if (left.length > 0) app.server.closeAllConnections()
  const leftMs = Math.max(0, beganMs + untilMs.deliveries - releaseMs - clock.monotonicMs())
  let areSettled = false
  await within('deliveries', Promise.all([heartbeat?.stop(), projects.close(leftMs).then((settled) => (areSettled = settled))]))
  if (!areSettled && !left.includes('deliveries')) left.push('deliveries')
  await within('store', Promise.all([keys.close(), nodeSigns?.stop()]).then(() => stores.close()))
  return left
}
