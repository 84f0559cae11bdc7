import { argumentsHash } from '../mapping/arguments-hash.ts'
import { describeError } from '../mapping/error-class.ts'
import { finishReason } from '../mapping/finish-reason.ts'
import { providerOfUrl } from '../mapping/provider-name.ts'
import { field, fieldAt, first, known, text, tokens } from '../mapping/read.ts'
import type { LlmCall } from '../model/event.ts'
import type { MethodReading } from './client-method.ts'
import { countAttempts, observeMethod } from './client-method.ts'
import type { Answer } from './model-call.ts'
import type { Observation } from './observation.ts'
import { replaceMethod } from './settle.ts'
import type { StreamReader } from './stream.ts'

/** How a client is watched. */
export interface ObserveOptions {
  /**
   * Whether a streamed chat asks for its token counts (`stream_options.include_usage`) where the program did not. The
   * extra piece of the stream is kept from the program; only a raw body read through `asResponse()` shows it.
   * `auto`: only at api.openai.com, since other servers may refuse the field. Without counts the cost is unknown.
   *
   * @default 'auto'
   */
  readonly streamUsage?: 'auto' | 'ask' | 'never'
}

/** Whether this looks like a client of the `openai` package, of Azure's, or of one built alike. */
export function isOpenAi(client: object): boolean {
  const chat = typeof fieldAt(client, 'chat', 'completions', 'create') === 'function'
  return (chat || typeof fieldAt(client, 'responses', 'create') === 'function') && typeof field(client, 'post') === 'function'
}

/** Watches `chat.completions`, `completions`, `responses` and `embeddings` of a client; what it lacks is passed over. */
export function observeOpenAi(client: object, observation: Observation, options: ObserveOptions, again: (other: object) => void): void {
  // Azure's client is the only one with an API version.
  const provider = providerOfUrl(field(client, 'baseURL')) ?? (typeof field(client, 'apiVersion') === 'string' ? 'azure' : 'openai')
  const asks = options.streamUsage === 'ask' || ((options.streamUsage ?? 'auto') === 'auto' && isOpenAiHost(field(client, 'baseURL')))
  countAttempts(client)
  const watch = (path: readonly string[], reading: MethodReading): void => {
    const resource = fieldAt(client, ...path)
    if (typeof resource === 'object' && resource !== null) observeMethod(resource, 'create', reading, observation)
  }
  watch(['chat', 'completions'], { ...chatReading(provider, 'chat'), ...(asks && { prepare: askForUsage, stream: (body) => new ChatStream(asked(body)) }) })
  watch(['beta', 'chat', 'completions'], chatReading(provider, 'chat'))
  watch(['completions'], chatReading(provider, 'completion'))
  watch(['responses'], responsesReading(provider))
  watch(['beta', 'responses'], responsesReading(provider))
  watch(['embeddings'], embeddingsReading(provider))
  // A client made from this one is watched like this one.
  replaceMethod(client, 'withOptions', (original) =>
    function withOptions(this: unknown, ...args) {
      const other = original.apply(this, args)
      if (typeof other === 'object' && other !== null) observation.guard('observe', () => again(other))
      return other
    },
  )
}

function isOpenAiHost(baseUrl: unknown): boolean {
  return typeof baseUrl === 'string' && URL.canParse(baseUrl) && new URL(baseUrl).hostname === 'api.openai.com'
}

function callStart(provider: string, operation: LlmCall['operation']): MethodReading['start'] {
  return (body) => ({
    source: 'observe',
    provider,
    operation,
    model: text(field(body, 'model')) ?? 'unknown',
    streamed: field(body, 'stream') === true,
  })
}

// Chat completions, and the older completions, which share their shape.

function chatReading(provider: string, operation: 'chat' | 'completion'): MethodReading {
  return { start: callStart(provider, operation), answer: readChat, stream: () => new ChatStream(false) }
}

/** Bodies into which we put `include_usage`; the mark is kept beside them, never in what is sent. */
const askedBodies = new WeakSet<object>()

function asked(body: unknown): boolean {
  return typeof body === 'object' && body !== null && askedBodies.has(body)
}

function askForUsage(args: unknown[]): unknown[] {
  const [body, ...rest] = args
  if (typeof body !== 'object' || body === null || field(body, 'stream') !== true) return args
  const given = field(body, 'stream_options')
  if (fieldAt(given, 'include_usage') !== undefined) return args
  const prepared = { ...body, stream_options: { ...(typeof given === 'object' && given), include_usage: true } }
  askedBodies.add(prepared)
  return [prepared, ...rest]
}

function readChat(answer: unknown): Answer {
  const choice: unknown = fieldAt(answer, 'choices', '0')
  const calls = field(field(choice, 'message'), 'tool_calls')
  return {
    ...known('model', text(field(answer, 'model'))),
    ...known('responseId', text(field(answer, 'id'))),
    ...known('finishReason', finishReason(field(choice, 'finish_reason'))),
    ...chatUsage(field(answer, 'usage')),
    ...known('toolCalls', toolCalls(calls, (call) => [fieldAt(call, 'function', 'name') ?? fieldAt(call, 'custom', 'name'), fieldAt(call, 'function', 'arguments') ?? fieldAt(call, 'custom', 'input')])),
  }
}

function chatUsage(usage: unknown): Answer {
  return {
    ...known('inputTokens', tokens(field(usage, 'prompt_tokens'))),
    ...known('outputTokens', tokens(field(usage, 'completion_tokens'))),
    ...known('cacheReadTokens', tokens(fieldAt(usage, 'prompt_tokens_details', 'cached_tokens'))),
    ...known('reasoningTokens', tokens(fieldAt(usage, 'completion_tokens_details', 'reasoning_tokens'))),
  }
}

const toolCallsMax = 10

function toolCalls(calls: unknown, read: (call: unknown) => readonly [unknown, unknown]): string | undefined {
  if (!Array.isArray(calls) || calls.length === 0) return undefined
  const named = calls.slice(0, toolCallsMax).map((call: unknown) => {
    const [name, given] = read(call)
    return `${text(name, 100) ?? 'unknown'}#${argumentsHash(given) ?? ''}`
  })
  return named.join(', ')
}

class ChatStream implements StreamReader {
  readonly #hidesUsage: boolean
  #answer: Answer = {}
  readonly #toolNames: string[] = []

  constructor(hidesUsage: boolean) {
    this.#hidesUsage = hidesUsage
  }

  piece(piece: unknown): boolean {
    const usage = field(piece, 'usage')
    const choice: unknown = fieldAt(piece, 'choices', '0')
    const ended = finishReason(field(choice, 'finish_reason'))
    if (this.#answer.responseId === undefined) {
      this.#answer = { ...this.#answer, ...known('model', text(field(piece, 'model'))), ...known('responseId', text(field(piece, 'id'))) }
    }
    if (ended !== undefined || (usage !== undefined && usage !== null)) this.#answer = { ...this.#answer, ...chatUsage(usage), ...known('finishReason', ended) }
    const called = text(fieldAt(choice, 'delta', 'tool_calls', '0', 'function', 'name'), 100)
    if (called !== undefined && this.#toolNames.length < toolCallsMax) this.#toolNames.push(called)
    return !this.#hidesUsage || this.#withoutUsage(piece, choice, usage)
  }

  /** Without being asked the provider would have sent no `usage` at all, and not the last piece that has nothing else. */
  #withoutUsage(piece: unknown, choice: unknown, usage: unknown): boolean {
    if (choice === undefined && usage !== undefined && usage !== null) return false
    if (typeof piece === 'object' && piece !== null) Reflect.deleteProperty(piece, 'usage')
    return true
  }

  answer(): Answer {
    return this.#toolNames.length === 0 ? this.#answer : { ...this.#answer, toolCalls: this.#toolNames.join(', ') }
  }

  complete(): boolean {
    return this.#answer.finishReason !== undefined || this.#answer.outputTokens !== undefined
  }
}

// Responses.

function responsesReading(provider: string): MethodReading {
  return { start: callStart(provider, 'chat'), answer: readResponse, stream: () => new ResponseStream() }
}

/** A Response that is `failed` comes with HTTP 200 and its error inside. */
function readResponse(answer: unknown): Answer {
  const usage = field(answer, 'usage')
  const status = field(answer, 'status')
  const error = field(answer, 'error')
  const output = field(answer, 'output')
  const calls = Array.isArray(output) ? output.filter((item: unknown) => field(item, 'type') === 'function_call') : undefined
  return {
    ...known('model', text(field(answer, 'model'))),
    ...known('responseId', text(field(answer, 'id'))),
    ...known('finishReason', calls !== undefined && calls.length > 0 ? 'tool-calls' : finishReason(first(text(fieldAt(answer, 'incomplete_details', 'reason')), text(status)))),
    ...known('inputTokens', tokens(field(usage, 'input_tokens'))),
    ...known('outputTokens', tokens(field(usage, 'output_tokens'))),
    ...known('cacheReadTokens', tokens(fieldAt(usage, 'input_tokens_details', 'cached_tokens'))),
    ...known('reasoningTokens', tokens(fieldAt(usage, 'output_tokens_details', 'reasoning_tokens'))),
    ...known('toolCalls', toolCalls(calls, (call) => [field(call, 'name'), field(call, 'arguments')])),
    ...(status === 'failed' && { error: describeError(error ?? { message: 'The response failed.' }) }),
  }
}

class ResponseStream implements StreamReader {
  #answer: Answer = {}
  #complete = false

  piece(piece: unknown): boolean {
    const type = field(piece, 'type')
    if (type === 'response.created') this.#answer = readResponse(field(piece, 'response'))
    if (type === 'response.completed' || type === 'response.incomplete' || type === 'response.failed') {
      this.#answer = readResponse(field(piece, 'response'))
      this.#complete = true
    }
    if (type === 'error') {
      this.#answer = { ...this.#answer, error: describeError(piece) }
      this.#complete = true
    }
    return true
  }

  answer(): Answer {
    return this.#answer
  }

  complete(): boolean {
    return this.#complete
  }
}

// Embeddings.

function embeddingsReading(provider: string): MethodReading {
  return {
    start: callStart(provider, 'embeddings'),
    answer: (answer) => ({ ...known('model', text(field(answer, 'model'))), ...known('inputTokens', tokens(fieldAt(answer, 'usage', 'prompt_tokens'))) }),
    stream: () => new ChatStream(false),
  }
}
