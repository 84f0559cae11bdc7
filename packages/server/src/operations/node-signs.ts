import { hostname } from 'node:os'
import { errorText, type Chance, type Clock } from 'tocsin/engine'
import { z } from 'zod'
import type { Intake } from '../intake/intake.ts'
import type { Database } from '../stores/database.ts'
import { listNodes, removeNode, signNode } from '../stores/nodes.ts'

/** What came in within the last minutes. */
export interface IntakeLately {
  /** For how long it was watched, milliseconds; less than five minutes after a start. */
  readonly windowMs: number
  readonly events: number
  /** Requests that were refused because too much was under way, bodies that could not be read, and single events and spans that did not fit. */
  readonly refused: { readonly busy: number; readonly malformed: number; readonly invalid: number }
}

export interface Node {
  readonly id: string
  readonly host: string
  readonly version: string
  readonly startedMs: number
  readonly seenMs: number
  /** The one that answers. */
  readonly isThis: boolean
  readonly intake: IntakeLately
}

/** The processes that serve one database, each of which says from time to time that it lives. */
export interface NodeSigns {
  nodes(): Promise<readonly Node[]>
  stop(): Promise<void>
}

const everyMs = 30_000
/** So long ago a node gave its last sign that nobody asks for it any more. */
const forgottenMs = 86_400_000
const samplesMax = 10

export interface NodeSignsParts {
  readonly database: Pick<Database, 'db'>
  readonly intake: Pick<Intake, 'counts'>
  readonly clock: Clock
  readonly chance: Chance
  readonly version: string
  readonly notice: (text: string) => void
}

const lately = z.object({ windowMs: z.number(), events: z.number(), refused: z.object({ busy: z.number(), malformed: z.number(), invalid: z.number() }) })
const nothingLately: IntakeLately = { windowMs: 0, events: 0, refused: { busy: 0, malformed: 0, invalid: 0 } }

export function startNodeSigns({ database: { db }, intake: { counts }, clock, chance, version, notice }: NodeSignsParts): NodeSigns {
  const id = `node_${chance.id().slice(0, 12)}`
  const host = hostname().slice(0, 100)
  const startedMs = clock.nowMs()
  const total = (): IntakeLately & { readonly atMs: number } => ({
    atMs: clock.monotonicMs(), windowMs: 0, events: counts.events, refused: { busy: counts.refusedBusy, malformed: counts.refusedMalformed, invalid: counts.eventsRefused + counts.spansRejected + counts.logsRejected },
  })
  const samples = [total()]
  let hasFailed = false
  let isStopped = false
  let cancel: (() => void) | undefined
  let running = sign()

  function now(): IntakeLately {
    const [first = total()] = samples
    const { atMs, events, refused } = total()
    return { windowMs: atMs - first.atMs, events: events - first.events, refused: { busy: refused.busy - first.refused.busy, malformed: refused.malformed - first.refused.malformed, invalid: refused.invalid - first.refused.invalid } }
  }

  async function sign(): Promise<void> {
    const seenMs = clock.nowMs()
    try {
      await signNode(db, { id, host, version, started_ms: startedMs, seen_ms: seenMs, intake: JSON.stringify(now()) }, seenMs - forgottenMs)
      hasFailed = false
    } catch (failure) {
      if (!hasFailed && !isStopped) notice(`this server cannot say that it lives: ${errorText(failure)}`)
      hasFailed = true
    }
    if (isStopped) return
    cancel = clock.after(everyMs, () => {
      samples.push(total())
      if (samples.length > samplesMax) samples.shift()
      running = sign()
    })
  }

  return {
    async nodes() {
      return (await listNodes(db)).map((row) => {
        const isThis = row.id === id
        const kept = lately.safeParse(JSON.parse(row.intake))
        return { id: row.id, host: row.host, version: row.version, startedMs: row.started_ms, seenMs: row.seen_ms, isThis, intake: isThis ? now() : (kept.data ?? nothingLately) }
      })
    },
    async stop() {
      isStopped = true
      cancel?.()
      await running
      // What stops by itself is gone at once; what was killed stands there until it is forgotten, with its last sign: so does one whose database is away while it ends, which must not keep it from ending.
      await removeNode(db, id).catch(() => undefined)
    },
  }
}
