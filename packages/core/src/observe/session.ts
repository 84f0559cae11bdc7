import { eventBounds } from '../model/event.ts'
import type { EndState } from '../model/event.ts'
import { field, known, text } from '../mapping/read.ts'
import { boundedTags } from './bounded-tags.ts'
import { boundedText } from './bounded-text.ts'
import { currentScope, enterScope, runInExactly } from './context.ts'
import type { Scope } from './context.ts'
import { readEnvironment } from './environment.ts'
import type { Observation } from './observation.ts'
import { followResult } from './settle.ts'

/** What a session belongs to. */
export interface SessionOptions {
  /** Identity of the session; the same in every process that works on it. At most 200 characters. Default: a new one. */
  readonly id?: string
  readonly agent?: string
  readonly user?: string
  readonly environment?: string
  /** At most 32, each at most 200 characters. */
  readonly tags?: Readonly<Record<string, string>>
  /** The agent's settings, kept with the session's start; secrets in it are removed before anything is stored. At most 32 names. */
  readonly configuration?: Readonly<Record<string, unknown>>
}

/** A running session. */
export interface RunningSession {
  readonly id: string
  readonly name: string
  /**
   * Ends the session, once; later calls change nothing.
   *
   * @param endState @default 'success'
   * @param reason why, for the reader; at most 2,000 characters
   */
  end(endState?: EndState, reason?: string): void
  /** Runs `work` as part of this session, from wherever it is called. */
  run<T>(work: () => T): T
}

/** Sessions started and not yet ended are kept for `end()` without a session at hand; beyond this many the oldest is forgotten. */
const openMax = 1_000
const configurationMax = 32

/** Starts, ends and runs sessions over one recorder. */
export class Sessions {
  readonly #observation: Observation
  readonly #folder: string
  #environment: Readonly<Record<string, string>> | undefined
  readonly #open = new Map<string, RunningSession>()

  /** @param folder the program's folder, of which packages and git commit are recorded. @default the current one */
  constructor(observation: Observation, folder: string = process.cwd()) {
    this.#observation = observation
    this.#folder = folder
    // Read while the program waits for something, so that the first session does not.
    observation.clock.after(0, () => void this.#environmentDetail())
  }

  /**
   * Runs `work` in a session of its own. It ends with `success`, or with `fail` and the error's text when `work` throws
   * or rejects; the error goes on unchanged. `work` may end it itself, with another state.
   *
   * @example await sessions.run('answer-ticket', async () => { await agent.answer(ticket) })
   */
  run<T>(name: string, work: (session: RunningSession) => T, options: SessionOptions = {}): T {
    const { session, scope } = this.#begin(name, options)
    const enter = <R>(step: () => R): R => runInExactly(scope, step)
    let result: T
    try {
      result = enter(() => work(session))
    } catch (thrown) {
      session.end('fail', boundedText(thrown))
      throw thrown
    }
    return followResult(result, { value: () => session.end('success'), error: (thrown) => session.end('fail', boundedText(thrown)) }, enter)
  }

  /** Starts a session that lasts until `end`; what follows in this asynchronous context belongs to it. */
  start(name: string, options: SessionOptions = {}): RunningSession {
    const { session, scope } = this.#begin(name, options)
    this.#observation.guard('session', () => enterScope(scope))
    return session
  }

  /** Ends the session of the running code, else the one started last. Returns whether there was one. */
  end(endState: EndState = 'success', reason?: string): boolean {
    const current = currentScope().sessionId
    const session = (current === undefined ? undefined : this.#open.get(current)) ?? [...this.#open.values()].at(-1)
    session?.end(endState, reason)
    return session !== undefined
  }

  #begin(name: string, options: SessionOptions): { readonly session: RunningSession; readonly scope: Scope } {
    const observation = this.#observation
    // Read as something of unknown shape: what a program without types hands over must not throw into it.
    const id = text(field(options, 'id'), eventBounds.idCharsMax) ?? observation.chance.id()
    const tags = boundedTags(field(options, 'tags'))
    const outer = currentScope()
    const scope: Scope = {
      ...outer,
      sessionId: id,
      ...known('agent', text(field(options, 'agent'))),
      ...known('user', text(field(options, 'user'))),
      ...known('environment', text(field(options, 'environment'))),
      ...(tags !== undefined && { tags: { ...outer.tags, ...tags } }),
    }
    const shownName = boundedText(name)
    const startedMs = observation.clock.monotonicMs()
    let open = true
    const session: RunningSession = {
      id,
      name,
      run: (work) => runInExactly(scope, work),
      end: (endState = 'success', reason) => {
        if (!open) return
        open = false
        this.#open.delete(id)
        observation.guard('session', () =>
          observation.record(
            {
              type: 'session.end',
              source: 'client',
              name: shownName,
              atMs: observation.clock.nowMs(),
              durationMs: observation.clock.monotonicMs() - startedMs,
              status: endState === 'fail' ? 'error' : 'ok',
              endState,
              ...(reason !== undefined && { endReason: boundedText(reason) }),
            },
            scope,
          ),
        )
      },
    }
    this.#keep(session)
    observation.guard('session', () =>
      observation.record(
        { type: 'session.start', source: 'client', name: shownName, atMs: observation.clock.nowMs(), durationMs: 0, status: 'ok', detail: { ...this.#environmentDetail(), ...configurationDetail(field(options, 'configuration')) } },
        scope,
      ),
    )
    return { session, scope }
  }

  #keep(session: RunningSession): void {
    if (this.#open.size >= openMax) {
      const [oldest] = this.#open.keys()
      if (oldest !== undefined) this.#open.delete(oldest)
    }
    this.#open.set(session.id, session)
  }

  #environmentDetail(): Readonly<Record<string, string>> {
    this.#environment ??= this.#observation.guard('environment', () => readEnvironment(this.#folder)) ?? {}
    return this.#environment
  }
}

function configurationDetail(configuration: unknown): Readonly<Record<string, string>> {
  if (typeof configuration !== 'object' || configuration === null) return {}
  const detail: Record<string, string> = {}
  for (const name of Object.keys(configuration).slice(0, configurationMax)) {
    detail[`config.${name.slice(0, eventBounds.nameCharsMax)}`] = boundedText(field(configuration, name))
  }
  return detail
}
