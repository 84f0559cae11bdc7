import type { HttpResult } from './channels/transport/http.ts'

/**
 * What an answer of the server says about a batch.
 *
 * taken       committed there; `refused` are those that it will never take, with its reasons
 * smaller     too large, unreadable, or too much to answer: in halves it says which event it is; `reason` is why one alone is given up
 * later       the server asks for time, milliseconds
 * again       nothing is known of the batch, or the server failed: the same again after a while
 * unknown-key 401: the server knows no such key
 * forbidden   403: it knows the key, which may not do this
 * stranger    whatever answers there does not speak as a Tocsin server does
 */
export type Verdict =
  | { readonly kind: 'taken'; readonly refused: readonly string[] }
  | { readonly kind: 'smaller'; readonly reason: string }
  | { readonly kind: 'later'; readonly afterMs: number; readonly why: string }
  | { readonly kind: 'again'; readonly why: string }
  | { readonly kind: 'unknown-key' | 'forbidden' }
  | { readonly kind: 'stranger'; readonly why: string }

/** What became of `count` events, by what came back. */
export function verdictOf(result: HttpResult, count: number): Verdict {
  if (result.kind === 'failed') return result.cause === 'refused' ? { kind: 'stranger', why: result.detail } : { kind: 'again', why: whyOf(result.cause, result.code) }
  const { status, afterMs } = result
  if (status === 200) return takenOf(result.text, result.complete, count)
  if (status === 401) return { kind: 'unknown-key' }
  if (status === 403) return { kind: 'forbidden' }
  if (status === 413) return { kind: 'smaller', reason: 'too large for the server' }
  if (status === 400 || status === 422) return { kind: 'smaller', reason: 'not readable for the server' }
  if ((status === 429 || status === 503) && afterMs !== undefined) return { kind: 'later', afterMs, why: `it answered ${status}` }
  if (status === 408 || status === 429 || status >= 500) return { kind: 'again', why: `it answered ${status}` }
  return { kind: 'stranger', why: `it answered ${status}` }
}

/** Only what is an answer of the contract lets events go: a proxy that answers 200 to everything is not believed. */
function takenOf(text: string, complete: boolean, count: number): Verdict {
  // So many were refused that the answer is longer than what is read: of fewer it is shorter.
  if (!complete && count > 1) return { kind: 'smaller', reason: 'unreadable answer' }
  const answer = objectOf(text)
  const refused = answer?.['refused']
  if (answer === undefined || !Array.isArray(refused) || Number(answer['accepted']) + Number(answer['duplicates']) + refused.length !== count) return { kind: 'stranger', why: 'its answer is none of a Tocsin server' }
  return { kind: 'taken', refused: refused.map(reasonOf) }
}

const reasonCharsMax = 300

function reasonOf(refused: unknown): string {
  const { reason, why } = typeof refused === 'object' && refused !== null ? (refused as Readonly<Record<string, unknown>>) : {} // Unknown fields of JSON.
  const said = typeof why === 'string' ? why : reason
  return typeof said === 'string' ? said.slice(0, reasonCharsMax) : 'without a reason'
}

function objectOf(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    // Unknown fields of JSON.
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : undefined
  } catch (notJson) {
    if (notJson instanceof SyntaxError) return undefined
    throw notJson
  }
}

function whyOf(cause: 'network' | 'time-out' | 'tls', code: string): string {
  if (cause === 'time-out') return 'it did not answer in time'
  return cause === 'tls' ? `no trusted TLS: ${code}` : code
}
