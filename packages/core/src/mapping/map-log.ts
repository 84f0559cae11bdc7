import { eventBounds, type EventInput } from '../model/event.ts'
import { claudeCode } from './claude-code.ts'
import { codex } from './codex.ts'
import type { FlatLog, LogDialect } from './flat-log.ts'
import { genAi } from './genai-log.ts'
import { text } from './read.ts'

const dialects: readonly LogDialect[] = [claudeCode, codex, genAi]

/** What became of log records. */
export interface MappedLogs {
  /** At most one for each record, in their order. */
  readonly events: readonly EventInput[]
  /** Records of a known program that add nothing: another record or a span tells what counts. */
  readonly unused: number
  /** Records that are about neither agents nor models. */
  readonly others: number
}

/**
 * Log records as events. Ids are made of all that a record says, so that one that is sent again is the same event; of equal
 * records in one message the second is another one. A record without a time cannot be told from itself and is not used. Never throws.
 */
export function mapLogs(logs: readonly FlatLog[]): MappedLogs {
  const events: EventInput[] = []
  const seen = new Map<string, number>()
  let unused = 0
  let others = 0
  for (const log of logs) {
    const reading = readLog(log)
    if (reading === undefined) {
      others++
    } else if (reading === 'unused' || log.atMs === undefined) {
      unused++
    } else {
      const print = printOf(log, log.atMs)
      const nth = (seen.get(print) ?? 0) + 1
      seen.set(print, nth)
      const id = `log:${reading.sessionId?.slice(0, 64) ?? '-'}:${print}${nth === 1 ? '' : `:${nth}`}`
      events.push({ ...reading, source: 'otel', id: id.slice(0, eventBounds.idCharsMax), atMs: log.atMs })
    }
  }
  return { events, unused, others }
}

function readLog(log: FlatLog): ReturnType<LogDialect> {
  const name = nameOf(log)
  if (name === undefined) return undefined
  for (const dialect of dialects) {
    const reading = dialect(name, log)
    if (reading !== undefined) return reading
  }
  return undefined
}

/** The attribute first: some exporters fill the field with the line of code that made the record. */
function nameOf({ attributes, eventName, body }: FlatLog): string | undefined {
  return text(attributes['event.name']) ?? text(eventName) ?? text(body)
}

function printOf({ eventName, body, attributes, traceId, spanId }: FlatLog, atMs: number): string {
  return process.getBuiltinModule('node:crypto').hash('sha256', JSON.stringify([atMs, eventName, body, attributes, traceId, spanId]), 'hex').slice(0, 24)
}
