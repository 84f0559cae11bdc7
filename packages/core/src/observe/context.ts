import { AsyncLocalStorage } from 'node:async_hooks'

/** What the running piece of code belongs to. It follows promises, timers and callbacks by itself. */
export interface Scope {
  readonly sessionId?: string
  readonly agent?: string
  /** How many agents, operations and tools it is inside of. */
  readonly depth?: number
  /** Name of the innermost operation. */
  readonly operation?: string
  readonly user?: string
  readonly environment?: string
  readonly tags?: Readonly<Record<string, string>>
  /** A model call that is already being recorded: telemetry made inside it describes the same call. */
  readonly covering?: CoveringCall
  /** Work of the Vercel AI SDK that is recorded from its own channel: spans it also makes describe the same. */
  readonly aiSdk?: AiSdkWork
}

/** One operation of the AI SDK. */
export interface AiSdkWork {
  /** Trace of the spans that the SDK also makes of it, once the first has started. */
  traceId?: string
}

/** The one who records a call, and what the layers below it have to tell. */
export interface CoveringCall {
  /** HTTP requests made for this call so far; each one after the first is a retry by the client library. */
  attempts: number
}

/** The one storage; outside this file only diagnostics channels bind it. */
export const storage = new AsyncLocalStorage<Scope>()
const outside: Scope = {}

/** The scope of the running code; empty outside all sessions. */
export function currentScope(): Scope {
  return storage.getStore() ?? outside
}

/** Runs `work` inside the current scope with `change` laid over it, and gives back what it gives. */
export function runInScope<T>(change: Scope, work: () => T): T {
  return storage.run({ ...storage.getStore(), ...change }, work)
}

/** Runs `work` in this scope, covered by `call`. */
export function runCovered<T>(scope: Scope, call: CoveringCall, work: () => T): T {
  const { sessionId, agent, operation, user, environment, tags, aiSdk } = scope
  // Written out: this runs for every model call, and a spread costs more than the rest of it.
  return storage.run({ sessionId, agent, operation, user, environment, tags, aiSdk, covering: call }, work)
}

/** Runs `work` in exactly this scope. */
export function runInExactly<T>(scope: Scope, work: () => T): T {
  return storage.run(scope, work)
}

/** Makes `scope` the scope of what follows in this asynchronous context: for a start and an end that are two calls. */
export function enterScope(scope: Scope): void {
  storage.enterWith(scope)
}
