import { AnswerReader } from '../mapping/answer-reader.ts'
import { argumentsHash } from '../mapping/arguments-hash.ts'
import { finishReason } from '../mapping/finish-reason.ts'
import { providerOfUrl } from '../mapping/provider-name.ts'
import { field, fieldAt, known, sum, text, tokens } from '../mapping/read.ts'
import { countAttempts, observeMethod } from './client-method.ts'
import type { MethodReading } from './client-method.ts'
import type { Answer } from './model-call.ts'
import type { Observation } from './observation.ts'
import { replaceMethod } from './settle.ts'
import type { StreamReader } from './stream.ts'

/** Whether this looks like a client of `@anthropic-ai/sdk`, or of its Bedrock and Vertex relatives. */
export function isAnthropic(client: object): boolean {
  return typeof fieldAt(client, 'messages', 'create') === 'function' && typeof field(client, 'post') === 'function'
}

/** Watches `messages` and `beta.messages`. */
export function observeAnthropic(client: object, observation: Observation, again: (other: object) => void): void {
  const reading = messagesReading(providerOfUrl(field(client, 'baseURL')) ?? 'anthropic')
  countAttempts(client)
  for (const path of [['messages'], ['beta', 'messages']]) {
    const resource = fieldAt(client, ...path)
    if (typeof resource === 'object' && resource !== null) observeMethod(resource, 'create', reading, observation)
  }
  replaceMethod(client, 'withOptions', (original) =>
    function withOptions(this: unknown, ...args) {
      const other = original.apply(this, args)
      if (typeof other === 'object' && other !== null) observation.guard('observe', () => again(other))
      return other
    },
  )
}

function messagesReading(provider: string): MethodReading {
  return {
    start: (body) => ({
      source: 'observe',
      provider,
      operation: 'chat',
      model: text(field(body, 'model')) ?? 'unknown',
      streamed: field(body, 'stream') === true,
    }),
    answer: (answer, into) => {
      Object.assign(into, readMessage(answer))
      const reader = (into.reader = new AnswerReader())
      const content = field(answer, 'content')
      for (const [place, block] of (Array.isArray(content) ? content : []).entries()) readBlock(block, place, reader)
    },
    stream: (_body, into) => new MessageStream(into),
  }
}

function readBlock(block: unknown, place: number, reader: AnswerReader): void {
  const type = field(block, 'type')
  if (type === 'text') reader.text(field(block, 'text'))
  // Its input comes parsed.
  else if (type === 'tool_use') reader.tool(place, field(block, 'input'))
}

function readMessage(answer: unknown): Answer {
  return {
    ...known('model', text(field(answer, 'model'))),
    ...known('responseId', text(field(answer, 'id'))),
    ...known('finishReason', finishReason(field(answer, 'stop_reason'))),
    ...messageUsage(field(answer, 'usage')),
    ...known('toolCalls', toolCalls(field(answer, 'content'))),
  }
}

/** Anthropic counts cached input beside `input_tokens`; here all input is one number. */
function messageUsage(usage: unknown): Answer {
  const cacheReadTokens = tokens(field(usage, 'cache_read_input_tokens'))
  const cacheWriteTokens = tokens(field(usage, 'cache_creation_input_tokens'))
  const plain = tokens(field(usage, 'input_tokens'))
  return {
    ...known('inputTokens', plain === undefined ? undefined : sum(plain, cacheReadTokens, cacheWriteTokens)),
    ...known('outputTokens', tokens(field(usage, 'output_tokens'))),
    ...known('cacheReadTokens', cacheReadTokens),
    ...known('cacheWriteTokens', cacheWriteTokens),
  }
}

const toolCallsMax = 10

function toolCalls(content: unknown): string | undefined {
  if (!Array.isArray(content)) return undefined
  const calls = content.filter((block: unknown) => field(block, 'type') === 'tool_use').slice(0, toolCallsMax)
  if (calls.length === 0) return undefined
  return calls.map((call: unknown) => `${text(field(call, 'name'), 100) ?? 'unknown'}#${argumentsHash(field(call, 'input')) ?? ''}`).join(', ')
}

class MessageStream implements StreamReader {
  readonly #answer: Answer
  readonly #toolNames: string[] = []
  #complete = false

  readonly #reader: AnswerReader

  constructor(into: Answer) {
    this.#answer = into
    this.#reader = into.reader = new AnswerReader()
  }

  piece(piece: unknown): boolean {
    switch (field(piece, 'type')) {
      case 'message_start': {
        // Its output count is only the first token; the whole comes with `message_delta`.
        const { outputTokens: _first, ...rest } = readMessage(field(piece, 'message'))
        Object.assign(this.#answer, rest)
        break
      }
      case 'content_block_start':
        this.#noteTool(text(fieldAt(piece, 'content_block', 'name'), 100))
        this.#reader.text(fieldAt(piece, 'content_block', 'text'))
        break
      case 'content_block_delta':
        this.#reader.text(fieldAt(piece, 'delta', 'text'))
        if (fieldAt(piece, 'delta', 'type') === 'input_json_delta') this.#reader.tool(Number(field(piece, 'index') ?? 0), fieldAt(piece, 'delta', 'partial_json') ?? '')
        break
      case 'message_delta':
        Object.assign(this.#answer, messageUsage(field(piece, 'usage')), known('finishReason', finishReason(fieldAt(piece, 'delta', 'stop_reason'))))
        break
      case 'message_stop':
        this.#complete = true
        break
      default:
    }
    return true
  }

  #noteTool(name: string | undefined): void {
    if (name === undefined || this.#toolNames.length >= toolCallsMax) return
    this.#toolNames.push(name)
    this.#answer.toolCalls = this.#toolNames.join(', ')
  }

  complete(): boolean {
    return this.#complete
  }
}
