import { createTraceProcessor, isAgentsModule } from './agents-sdk.ts'
import { isAnthropic, observeAnthropic } from './anthropic.ts'
import type { Observation } from './observation.ts'
import { isOpenAi, observeOpenAi } from './openai.ts'
import type { ObserveOptions } from './openai.ts'

/** Clients that are watched already, each by the observation that came first. */
const observed = new WeakSet<object>()

/**
 * Watches a model client: each call is recorded once, with its tokens, its cost, its time, its retries and its error.
 * The object itself comes back: class, private fields, helpers and results are what they were, and a call whose
 * watching fails goes on as if it were not watched. A second `observe` of the same object changes nothing.
 *
 * Known: clients of `openai` (chat completions, responses, embeddings; also Azure and servers that speak alike) and of
 * `@anthropic-ai/sdk` (messages), and the module `@openai/agents`, which gets a trace processor; all by their shape. Anything else comes back untouched, and is counted as a fault
 * of observation, which is told as an event.
 *
 * @example const openai = observe(new OpenAI(), observation)
 */
export function observe<T extends object>(client: T, observation: Observation, options: ObserveOptions = {}): T {
  observation.guard('observe', () => watch(client, observation, options))
  return client
}

function watch(client: object, observation: Observation, options: ObserveOptions): void {
  if (observed.has(client)) return
  const again = (other: object): void => watch(other, observation, options)
  if (isOpenAi(client)) observeOpenAi(client, observation, options, again)
  else if (isAnthropic(client)) observeAnthropic(client, observation, again)
  else if (isAgentsModule(client)) client.addTraceProcessor(createTraceProcessor(observation))
  else throw new TypeError('observe() expected a client of openai or @anthropic-ai/sdk, or the module @openai/agents; this object has neither chat.completions, responses, messages nor addTraceProcessor')
  observed.add(client)
}
