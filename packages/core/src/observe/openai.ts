import { AnswerReader } from '../mapping/answer-reader.ts'
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
  watch(['chat', 'completions'], { ...chatReading(provider, 'chat'), ...(asks && { prepare: askForUsage, stream: (body, into) => new ChatStream(into, isAsked(body), asksForJson(body)) }) })
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
  return (given) => {
    const body = fields(given)
    return { source: 'observe', provider, operation, model: text(body['model']) ?? 'unknown', streamed: body['stream'] === true }
  }
}

const none: Readonly<Record<string, unknown>> = {}

/** An object's fields to be read by name. On this path a getter that throws is caught by the caller, once for all. */
function fields(value: unknown): Readonly<Record<string, unknown>> {
  // Reason for the cast: an object of unknown shape is read by name; each value stays unknown.
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : none
}

// Chat completions, and the older completions, which share their shape.

function chatReading(provider: string, operation: 'chat' | 'completion'): MethodReading {
  return { start: callStart(provider, operation), answer: (answer, into, body) => readChat(answer, into, asksForJson(body)), stream: (body, into) => new ChatStream(into, false, asksForJson(body)) }
}

/** Bodies into which we put `include_usage`; the mark is kept beside them, never in what is sent. */
const askedBodies = new WeakSet<object>()

function isAsked(body: unknown): boolean {
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

function readChat(given: unknown, into: Answer, isJson = false): void {
  const answer = fields(given)
  const choices = answer['choices']
  const choice = fields(Array.isArray(choices) ? choices[0] : undefined)
  const message = fields(choice['message'])
  const calls = message['tool_calls']
  const reader = (into.reader = new AnswerReader(isJson))
  reader.text(message['content'] ?? choice['text'])
  reader.refused(message['refusal'])
  if (Array.isArray(calls)) for (const [place, call] of calls.entries()) reader.tool(place, fieldAt(call, 'function', 'arguments') ?? fieldAt(call, 'custom', 'input'))
  readIdentity(answer, into)
  readEnd(choice['finish_reason'], into)
  readChatUsage(answer['usage'], into)
  if (calls !== undefined) Object.assign(into, known('toolCalls', toolCalls(calls, (call) => [fieldAt(call, 'function', 'name') ?? fieldAt(call, 'custom', 'name'), fieldAt(call, 'function', 'arguments') ?? fieldAt(call, 'custom', 'input')])))
}

/** Whether the program wants JSON and nothing else, in the words of either interface. */
function asksForJson(body: unknown): boolean {
  const format = text(first(fieldAt(body, 'response_format', 'type'), fieldAt(body, 'text', 'format', 'type')))
  return format === 'json_object' || format === 'json_schema'
}

function readIdentity(answer: Readonly<Record<string, unknown>>, into: Answer): void {
  const model = text(answer['model'])
  const id = text(answer['id'])
  if (model !== undefined) into.model = model
  if (id !== undefined) into.responseId = id
}

function readEnd(word: unknown, into: Answer): void {
  const reason = finishReason(word)
  if (reason !== undefined) into.finishReason = reason
}

function readChatUsage(given: unknown, into: Answer): void {
  if (typeof given !== 'object' || given === null) return
  const usage = fields(given)
  readTokens(usage['prompt_tokens'], usage['completion_tokens'], usage['prompt_tokens_details'], usage['completion_tokens_details'], into)
}

function readTokens(input: unknown, output: unknown, inputDetails: unknown, outputDetails: unknown, into: Answer): void {
  const inputTokens = tokens(input)
  const outputTokens = tokens(output)
  const cacheReadTokens = tokens(fields(inputDetails)['cached_tokens'])
  const reasoningTokens = tokens(fields(outputDetails)['reasoning_tokens'])
  if (inputTokens !== undefined) into.inputTokens = inputTokens
  if (outputTokens !== undefined) into.outputTokens = outputTokens
  if (cacheReadTokens !== undefined) into.cacheReadTokens = cacheReadTokens
  if (reasoningTokens !== undefined) into.reasoningTokens = reasoningTokens
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
  readonly #answer: Answer
  readonly #toolNames: string[] = []

  readonly #reader: AnswerReader

  constructor(into: Answer, hidesUsage: boolean, isJson: boolean) {
    this.#answer = into
    this.#hidesUsage = hidesUsage
    this.#reader = into.reader = new AnswerReader(isJson)
  }

  piece(given: unknown): boolean {
    const piece = fields(given)
    const choices = piece['choices']
    const choice = Array.isArray(choices) ? fields(choices[0]) : none
    if (this.#answer.responseId === undefined) readIdentity(piece, this.#answer)
    readEnd(choice['finish_reason'], this.#answer)
    readChatUsage(piece['usage'], this.#answer)
    const delta = fields(choice['delta'])
    const asked = delta['tool_calls']
    this.#reader.text(delta['content'] ?? choice['text'])
    this.#reader.refused(delta['refusal'])
    if (Array.isArray(asked)) for (const call of asked) this.#reader.tool(Number(field(call, 'index') ?? 0), fieldAt(call, 'function', 'arguments') ?? '')
    const called = asked === undefined ? undefined : text(fieldAt(asked, '0', 'function', 'name'), 100)
    if (called !== undefined && this.#toolNames.length < toolCallsMax) {
      this.#toolNames.push(called)
      this.#answer.toolCalls = this.#toolNames.join(', ')
    }
    return !this.#hidesUsage || withoutUsage(given, choice === none || choices === undefined)
  }

  complete(): boolean {
    return this.#answer.finishReason !== undefined || this.#answer.outputTokens !== undefined
  }
}

/** Without being asked the provider would have sent no `usage` at all, and not the last piece that has nothing else. */
function withoutUsage(piece: unknown, hasNoChoice: boolean): boolean {
  const usage = field(piece, 'usage')
  if (hasNoChoice && usage !== undefined && usage !== null) return false
  if (typeof piece === 'object' && piece !== null) Reflect.deleteProperty(piece, 'usage')
  return true
}

// Responses.

function responsesReading(provider: string): MethodReading {
  return { start: callStart(provider, 'chat'), answer: (answer, into, body) => readResponse(answer, into, asksForJson(body)), stream: (body, into) => new ResponseStream(into, asksForJson(body)) }
}

/** A Response that is `failed` comes with HTTP 200 and its error inside. */
function readResponse(given: unknown, into: Answer, isJson: boolean): void {
  const answer = fields(given)
  const usage = fields(answer['usage'])
  const status = answer['status']
  const output = answer['output']
  const calls = Array.isArray(output) ? output.filter((item: unknown) => fields(item)['type'] === 'function_call') : []
  readOutput(output, (into.reader = new AnswerReader(isJson)))
  readIdentity(answer, into)
  readEnd(calls.length > 0 ? 'tool-calls' : first(text(fields(answer['incomplete_details'])['reason']), text(status)), into)
  readTokens(usage['input_tokens'], usage['output_tokens'], usage['input_tokens_details'], usage['output_tokens_details'], into)
  Object.assign(into, known('toolCalls', toolCalls(calls, (call) => [field(call, 'name'), field(call, 'arguments')])))
  if (status === 'failed') into.error = describeError(answer['error'] ?? { message: 'The response failed.' })
}

function readOutput(output: unknown, reader: AnswerReader): void {
  if (!Array.isArray(output)) return
  for (const [place, item] of output.entries()) {
    const { type, arguments: given, content } = fields(item)
    if (type === 'function_call') reader.tool(place, given)
    for (const part of type === 'message' && Array.isArray(content) ? content : []) {
      reader.text(field(part, 'text'))
      reader.refused(field(part, 'refusal'))
    }
  }
}

class ResponseStream implements StreamReader {
  readonly #answer: Answer
  readonly #isJson: boolean
  #complete = false

  constructor(into: Answer, isJson: boolean) {
    this.#answer = into
    this.#isJson = isJson
  }

  piece(given: unknown): boolean {
    const piece = fields(given)
    switch (piece['type']) {
      case 'response.created':
        readIdentity(fields(piece['response']), this.#answer)
        break
      case 'response.completed':
      case 'response.incomplete':
      case 'response.failed':
        readResponse(piece['response'], this.#answer, this.#isJson)
        this.#complete = true
        break
      case 'error':
        this.#answer.error = describeError(piece)
        this.#complete = true
        break
      default:
    }
    return true
  }

  complete(): boolean {
    return this.#complete
  }
}

// Embeddings.

function embeddingsReading(provider: string): MethodReading {
  return {
    start: callStart(provider, 'embeddings'),
    answer: (given, into) => {
      const answer = fields(given)
      const model = text(answer['model'])
      const inputTokens = tokens(fields(answer['usage'])['prompt_tokens'])
      if (model !== undefined) into.model = model
      if (inputTokens !== undefined) into.inputTokens = inputTokens
    },
    stream: (_body, into) => new ChatStream(into, false, false),
  }
}
