import { argumentsHash } from '../mapping/arguments-hash.ts'
import { describeError } from '../mapping/error-class.ts'
import { known } from '../mapping/read.ts'
import type { EventInput } from '../model/event.ts'
import { boundedText } from './bounded-text.ts'
import { currentScope, runInExactly } from './context.ts'
import type { Scope } from './context.ts'
import type { Observation } from './observation.ts'
import { followResult } from './settle.ts'

/**
 * Steps of an agent: each runs `work` at once, gives back exactly what it gives (value, promise, iterator, throw), and
 * is recorded when it has ended.
 */
export class Steps {
  readonly #observation: Observation

  constructor(observation: Observation) {
    this.#observation = observation
  }

  /** A named piece of work; calls made in it bear its name. */
  operation<T>(name: string, work: () => T): T {
    const shown = boundedText(name)
    return this.#step({ ...currentScope(), operation: shown }, { type: 'agent.step', name: shown }, work)
  }

  /** The work of one agent; everything in it belongs to that agent. */
  agent<T>(name: string, work: () => T): T {
    const shown = boundedText(name)
    return this.#step({ ...currentScope(), agent: shown }, { type: 'agent.step', name: shown, agent: shown }, work)
  }

  /**
   * One call of a tool. The arguments go to `work`; only their hash is kept, so that a loop of equal calls is seen.
   *
   * @example const found = await steps.tool('search', search, 'refund policy')
   */
  tool<T, Args extends readonly unknown[]>(name: string, work: (...args: Args) => T, ...args: Args): T {
    const given = args.length === 1 ? args[0] : args
    const hashed = args.length === 0 ? undefined : this.#observation.guard('step', () => argumentsHash(given))
    const shown = boundedText(name)
    return this.#step(currentScope(), { type: 'tool.call', name: shown, tool: { name: shown, ...known('argumentsHash', hashed) } }, () => work(...args))
  }

  #step<T>(around: Scope, what: Pick<EventInput, 'type' | 'name' | 'agent' | 'tool'>, work: () => T): T {
    const observation = this.#observation
    const depth = (around.depth ?? 0) + 1
    const scope = { ...around, depth }
    const startedMs = observation.clock.monotonicMs()
    const end = (failure: Pick<EventInput, 'error'>): void => {
      observation.guard('step', () =>
        observation.record(
          {
            ...what,
            source: 'client',
            depth,
            atMs: observation.clock.nowMs(),
            durationMs: observation.clock.monotonicMs() - startedMs,
            status: failure.error === undefined ? 'ok' : 'error',
            ...failure,
          },
          scope,
        ),
      )
    }
    const fail = (thrown: unknown): void => end({ ...known('error', observation.guard('step', () => describeError(thrown))) })
    const enter = <R>(step: () => R): R => runInExactly(scope, step)
    let result: T
    try {
      result = enter(work)
    } catch (thrown) {
      fail(thrown)
      throw thrown
    }
    return followResult(result, { value: () => end({}), error: fail }, enter)
  }
}
