import { hostname } from 'node:os'
import { createNormaliser, type Refusal } from './mapping/normalise.ts'
import type { Chance } from './model/chance.ts'
import type { Clock } from './model/clock.ts'
import { isWeighty, type Event, type EventInput, type EventType } from './model/event.ts'
import { createRedactor } from './model/redact.ts'
import type { Loss, SpoolRow, Weight } from './stores/spool.ts'

export interface RowsOptions {
  readonly clock: Clock
  readonly chance: Chance
  /** By which the same secret has the same mark in every process of the folder. */
  readonly key: Uint8Array
  readonly apiKey: string
  readonly personalData: 'redacted' | 'full'
  /** How this process signs that it lives: its sessions say that they run there. */
  readonly process: string
}

export interface Rows {
  /** An event within its bounds and without secrets, as it is kept and sent; or why it is not. */
  rowOf(event: EventInput): SpoolRow | Refusal
  /** The event by which the server learns of a loss. */
  lossRow(loss: Loss): SpoolRow
}

/** The door of the engine stands here too: what the server would refuse does not wait in the file, and no secret lies in it. */
export function createRows({ clock, chance, key, apiKey, personalData, process }: RowsOptions): Rows {
  const redacting = { key, extraSecrets: [apiKey] }
  const normalise = createNormaliser({
    project: '',
    redact: createRedactor({ ...redacting, personalData: false }),
    redactContent: createRedactor({ ...redacting, personalData: personalData === 'redacted' }),
    // The server prices what its source did not.
    price: ({ costNanoUsd }) => (costNanoUsd === undefined ? { costSource: 'unknown' } : { costNanoUsd, costSource: 'reported' }),
    // How long events are kept is the server's to say.
    keptMs: Number.POSITIVE_INFINITY,
    from: 'outside',
    clock,
    chance,
  })
  const rowOf = (input: EventInput): SpoolRow | Refusal => {
    const normalised = normalise(hereOf(input))
    return 'refused' in normalised ? normalised : { body: bodyOf(normalised.event), weight: weightOf(input) }
  }
  const hereOf = (input: EventInput): EventInput =>
    input.type === 'session.start' && input.detail?.['process'] !== undefined && process.startsWith(`${input.detail['process']}-`) ? { ...input, detail: { ...input.detail, process } } : input
  return {
    rowOf,
    lossRow({ reason, count }) {
      const type: EventType = 'tocsin.events-dropped'
      const row = rowOf({ type, source: 'engine', id: chance.id() + chance.id(), atMs: clock.nowMs(), detail: { count: String(count), reason, host: hostname() } })
      if ('refused' in row) throw new Error(`a report of lost events is no event: ${row.why}`)
      return row
    },
  }
}

/** The server knows the project by the key; and says itself what a call costs whose cost nobody reported. */
function bodyOf({ project: _, llm, ...event }: Event): string {
  if (llm === undefined) return JSON.stringify(event)
  const { costSource, ...call } = llm
  return JSON.stringify({ ...event, llm: costSource === 'unknown' ? call : llm })
}

function weightOf(event: EventInput): Weight {
  if (event.announcement?.severity === 'critical') return 2
  return isWeighty(event) ? 1 : 0
}
