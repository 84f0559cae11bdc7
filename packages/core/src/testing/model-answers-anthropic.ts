import { argumentsText, sse, wordsOf } from './model-wire.ts'
import type { FullContent, ProviderRequest, WireError } from './model-wire.ts'

/** Anthropic's wire format of `/v1/messages`. */
export function anthropicAnswer(request: ProviderRequest, content: FullContent, count: number): { readonly json: unknown } | { readonly pieces: readonly string[] } {
  return request.body?.['stream'] === true ? { pieces: messagePieces(content, count) } : { json: message(content, count) }
}

export function anthropicError(error: WireError): unknown {
  return { type: 'error', error: { type: error.anthropic, message: error.message } }
}

const stopWords = { stop: 'end_turn', length: 'max_tokens', 'tool-calls': 'tool_use', 'content-filter': 'refusal' } as const

/** Anthropic counts cached input beside `input_tokens`. */
function usage(content: FullContent, outputTokens: number): object {
  return { input_tokens: content.inputTokens - content.cachedTokens, cache_creation_input_tokens: 0, cache_read_input_tokens: content.cachedTokens, output_tokens: outputTokens }
}

function message(content: FullContent, count: number): unknown {
  const calls = content.toolCalls.map((call, index) => ({ type: 'tool_use', id: `toolu_${index + 1}`, name: call.name, input: call.arguments }))
  return {
    id: `msg_${count}`,
    type: 'message',
    role: 'assistant',
    model: content.model,
    content: [...(content.text === '' ? [] : [{ type: 'text', text: content.text }]), ...calls],
    stop_reason: stopWords[content.finishReason],
    stop_sequence: null,
    usage: usage(content, content.outputTokens),
  }
}

function messagePieces(content: FullContent, count: number): readonly string[] {
  const piece = (type: string, rest: object): string => sse({ type, ...rest }, type)
  const start = { id: `msg_${count}`, type: 'message', role: 'assistant', model: content.model, content: [], stop_reason: null, stop_sequence: null, usage: usage(content, 1) }
  const text =
    content.text === ''
      ? []
      : [
          piece('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
          ...wordsOf(content.text).map((word) => piece('content_block_delta', { index: 0, delta: { type: 'text_delta', text: word } })),
          piece('content_block_stop', { index: 0 }),
        ]
  const first = text.length > 0 ? 1 : 0
  const calls = content.toolCalls.flatMap((call, index) => [
    piece('content_block_start', { index: first + index, content_block: { type: 'tool_use', id: `toolu_${index + 1}`, name: call.name, input: {} } }),
    piece('content_block_delta', { index: first + index, delta: { type: 'input_json_delta', partial_json: argumentsText(call) } }),
    piece('content_block_stop', { index: first + index }),
  ])
  return [
    piece('message_start', { message: start }),
    ...text,
    ...calls,
    piece('message_delta', { delta: { stop_reason: stopWords[content.finishReason], stop_sequence: null }, usage: { output_tokens: content.outputTokens } }),
    piece('message_stop', {}),
  ]
}
