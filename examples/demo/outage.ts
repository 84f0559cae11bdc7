import { explain } from '../../packages/core/src/commands/explain.ts'
import { TocsinError } from '../../packages/core/src/model/error.ts'
import type { Reader } from '../../packages/core/src/model/reader.ts'

/** What `tocsin explain` says of a session that was not told by itself: the line that names its cause, else what it says instead. */
export async function whyNotTold(sessionId: string, data: string): Promise<string> {
  try {
    const { lines } = await explain(sessionId, { data, locale: 'en', timezone: 'UTC' }, () => undefined)
    const said = lines.join(' ').replaceAll(/\s+/g, ' ')
    return /told under its cause: .*?(?= Told under|$)/i.exec(said)?.[0].replace(/^T/, 't') ?? said
  } catch (unknown) {
    if (unknown instanceof TocsinError) return unknown.message
    throw unknown
  }
}

/** Of how many sessions is told within an outage. */
export async function toldWithin(read: Reader): Promise<string> {
  const parts = (await read.alerts({ limit: 1_000 })).filter((alert) => alert.parent !== undefined && alert.kind === 'session')
  return `${parts.length} failed sessions: told in the outage`
}
