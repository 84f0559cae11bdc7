import { callHttp } from './channels/transport/http.ts'
import type { Remote } from './load-remote.ts'
import type { Clock } from './model/clock.ts'
import { signsEach } from './rules/process-signs.ts'

/** Until the server has said how often, and where it did not answer, milliseconds. */
const everyMs = 15_000
/** Least and most time between two signs, whatever the server says, milliseconds. */
const boundsMs = { least: 200, most: 60_000 } as const
/** A program that is over sooner needs no sign, and makes no request for it, milliseconds. */
const firstMs = 1_000
/** Where the server asks for no signs, or is of a version that knows none: it may have been changed, milliseconds. */
const unwantedMs = 300_000

/** Tells the server that this process lives, so that it can say of its sessions that they are lost. */
export interface RemoteSigns {
  /** A session began here: from now on there is something to lose. Any number of times. */
  begin(): void
  /** No sign is sent any more; one under way is cut short. */
  stop(): void
}

/**
 * One small request each time, and nothing more: a sign that does not arrive is followed by the next, and that the server is away is told by
 * whoever sends events.
 *
 * @param process a name that no other process has, nor one that had the same number before: see `way-out.ts`
 */
export function createRemoteSigns({ signsUrl, apiKey, via }: Remote, process: string, clock: Clock): RemoteSigns {
  const stopped = new AbortController()
  let hasBegun = false
  let cancel: () => void = () => undefined

  async function sign(): Promise<void> {
    const headers = { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json', accept: 'application/json' }
    const result = await callHttp({ method: 'POST', url: signsUrl, headers, body: JSON.stringify({ process }), via, timeoutMs: everyMs }, { signal: stopped.signal, clock })
    if (stopped.signal.aborted) return
    const nextMs = result.kind === 'failed' ? everyMs : result.status === 200 ? wishOf(result.text) : result.status === 404 ? unwantedMs : everyMs
    cancel = clock.after(nextMs, () => void sign())
  }
  return {
    begin() {
      if (hasBegun) return
      hasBegun = true
      cancel = clock.after(firstMs, () => void sign())
    },
    stop() {
      hasBegun = true
      stopped.abort()
      cancel()
    },
  }
}

/** When the server wants the next sign, of its answer `{ "everyMs": 20000 }`; none where the rule is off. A little earlier, because a request takes its time. */
function wishOf(text: string): number {
  try {
    const answer: unknown = JSON.parse(text)
    const wished: unknown = typeof answer === 'object' && answer !== null ? Reflect.get(answer, 'everyMs') : undefined
    if (typeof wished !== 'number' || !Number.isFinite(wished)) return unwantedMs
    return Math.min(boundsMs.most, Math.max(boundsMs.least, wished - wished / (signsEach * 4)))
  } catch (notJson) {
    if (notJson instanceof SyntaxError) return everyMs
    throw notJson
  }
}
