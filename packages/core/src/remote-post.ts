import type { Agent } from 'node:http'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { callHttp, type HttpResult } from './channels/transport/http.ts'
import type { Remote } from './load-remote.ts'
import type { Clock } from './model/clock.ts'

/** Sends events, each as JSON, in one request, and says what came back. Never throws. */
export interface Post {
  (bodies: readonly string[], signal: AbortSignal): Promise<HttpResult>
  /** Closes the connection that was kept. */
  close(): void
}

const timeoutMs = 30_000
/** Shorter bodies cost more to pack than to send. */
const packFromBytes = 1_024
/** Telemetry says the same words again and again: the fast levels find them too. */
const level = 3
/** How long an unused connection is kept, milliseconds: shorter than servers keep theirs, so that it is rarely closed in the moment of use. */
const keptMs = 4_000

/** One connection at a time, kept for the next batch: what is sent twice counts once, so one that breaks costs nothing but a second try. */
export function createPost({ url, apiKey, via }: Remote, clock: Clock): Post {
  let agent: Promise<Agent> | undefined
  const open = async (): Promise<Agent> => {
    // Loaded with the first call, as in the transport.
    const web = url.protocol === 'http:' ? await import('node:http') : await import('node:https')
    // An empty proxyEnv: no proxy of the environment sees the key.
    return new web.Agent({ keepAlive: true, maxSockets: 1, timeout: keptMs, proxyEnv: {} })
  }
  const post = async (bodies: readonly string[], signal: AbortSignal): Promise<HttpResult> => {
    agent ??= open()
    const plain = Buffer.from(`{"events":[${bodies.join(',')}]}`)
    const isPacked = plain.byteLength >= packFromBytes
    const body = isPacked ? await promisify(gzip)(plain, { level }) : plain
    const headers = { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json', accept: 'application/json', ...(isPacked && { 'content-encoding': 'gzip' }) }
    return callHttp({ method: 'POST', url, headers, body, via, timeoutMs, agent: await agent }, { signal, clock })
  }
  return Object.assign(post, {
    close(): void {
      void agent?.then((opened) => opened.destroy())
    },
  })
}
