import type { ErrorClass } from '../packages/core/src/model/event.ts'

/** What one kind of error says, without the numbers that are different each time. */
export interface Kind {
  readonly words: string
  readonly errorClass: ErrorClass
}

const wordsOf = {
  network: [
    'connection refused by the gateway', 'socket hang up while the answer was read', 'certificate of the proxy expired', 'name of the host was not found', 'TLS handshake was cut off',
    'broken pipe on writing the prompt', 'no route to the upstream', 'connection reset by peer',
  ],
  timeout: [
    'no first token in time', 'deadline exceeded before the queue moved', 'stream stalled in the middle', 'embedding took too long', 'lease of the worker ran out', 'lock was not given in time',
    'health probe never answered', 'batch window closed early',
  ],
  server: [
    'bad gateway', 'service unavailable during failover', 'internal error on shard', 'model is loading', 'out of memory on the accelerator', 'replica lags behind', 'cache node evicted', 'upstream answered with an empty body',
  ],
  'rate-limit': [
    'too many requests', 'token bucket is empty', 'concurrency of the tenant is used up', 'slow down, said the storage', 'burst credits are gone', 'daily cap of the organisation reached', 'quota of the region exhausted', 'backpressure from the broker',
  ],
  other: [
    'answer is no JSON', 'schema of the tool call does not match', 'unknown finish reason', 'checksum differs', 'index out of range in the parser', 'vector has the wrong dimension', 'circuit breaker is open', 'feature flag store unreachable',
  ],
} as const satisfies Partial<Record<ErrorClass, readonly string[]>>

/** The 40 kinds of error of one outage, each with words of its own. */
export const kinds: readonly Kind[] = Object.entries(wordsOf).flatMap(([errorClass, words]) => words.map((one): Kind => ({ words: one, errorClass: errorClass as keyof typeof wordsOf }))) // The keys of the table.
