import { systemClock } from '../model/clock.ts'
import { argumentsText, sse, wordsOf } from './model-wire.ts'
import type { FullContent, ProviderRequest, WireError } from './model-wire.ts'

type Answer = { readonly json: unknown } | { readonly pieces: readonly string[] }

/** OpenAI's wire format, by the path of the request. */
export function openAiAnswer(request: ProviderRequest, content: FullContent, count: number): Answer {
  const path = request.path.split('?')[0] ?? ''
  const streamed = request.body?.['stream'] === true
  if (path.endsWith('/embeddings')) return embeddings(request, content)
  if (path.endsWith('/responses')) return streamed ? { pieces: responsePieces(content, count) } : { json: response(content, count, 'completed') }
  if (path.endsWith('/chat/completions')) return streamed ? { pieces: chatPieces(request, content, count) } : { json: chat(content, count) }
  return streamed ? { pieces: completionPieces(content, count) } : { json: completion(content, count) }
}

export function openAiError(error: WireError): unknown {
  return { error: { message: error.message, type: error.openAi.type, param: null, code: error.openAi.code } }
}

const finishWords = { stop: 'stop', length: 'length', 'tool-calls': 'tool_calls', 'content-filter': 'content_filter' } as const

function seconds(): number {
  return Math.floor(systemClock.nowMs() / 1000)
}

function chatUsage(content: FullContent): unknown {
  return {
    prompt_tokens: content.inputTokens,
    completion_tokens: content.outputTokens,
    total_tokens: content.inputTokens + content.outputTokens,
    prompt_tokens_details: { cached_tokens: content.cachedTokens },
    completion_tokens_details: { reasoning_tokens: content.reasoningTokens },
  }
}

function chatToolCalls(content: FullContent): readonly unknown[] {
  return content.toolCalls.map((call, index) => ({ id: `call_${index + 1}`, type: 'function', function: { name: call.name, arguments: argumentsText(call) } }))
}

function chat(content: FullContent, count: number): unknown {
  const message = { role: 'assistant', content: content.text === '' ? null : content.text, refusal: null, ...(content.toolCalls.length > 0 && { tool_calls: chatToolCalls(content) }) }
  return {
    id: `chatcmpl-${count}`,
    object: 'chat.completion',
    created: seconds(),
    model: content.model,
    choices: [{ index: 0, message, logprobs: null, finish_reason: finishWords[content.finishReason] }],
    usage: chatUsage(content),
  }
}

function chatPieces(request: ProviderRequest, content: FullContent, count: number): readonly string[] {
  const options = request.body?.['stream_options']
  const usageAsked = typeof options === 'object' && options !== null && 'include_usage' in options && options.include_usage === true
  const base = { id: `chatcmpl-${count}`, object: 'chat.completion.chunk', created: seconds(), model: content.model, ...(usageAsked && { usage: null }) }
  const piece = (delta: unknown, finish: string | null = null): string => sse({ ...base, choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }] })
  const calls = content.toolCalls.flatMap((call, index) => [
    piece({ tool_calls: [{ index, id: `call_${index + 1}`, type: 'function', function: { name: call.name, arguments: '' } }] }),
    piece({ tool_calls: [{ index, function: { arguments: argumentsText(call) } }] }),
  ])
  return [
    piece({ role: 'assistant', content: '' }),
    ...wordsOf(content.text).map((word) => piece({ content: word })),
    ...calls,
    piece({}, finishWords[content.finishReason]),
    ...(usageAsked ? [sse({ ...base, choices: [], usage: chatUsage(content) })] : []),
    sse('[DONE]'),
  ]
}

function completion(content: FullContent, count: number): unknown {
  return { id: `cmpl-${count}`, object: 'text_completion', created: seconds(), model: content.model, choices: [{ index: 0, text: content.text, logprobs: null, finish_reason: 'stop' }], usage: chatUsage(content) }
}

function completionPieces(content: FullContent, count: number): readonly string[] {
  const base = { id: `cmpl-${count}`, object: 'text_completion', created: seconds(), model: content.model }
  const words = wordsOf(content.text)
  return [...words.map((text, index) => sse({ ...base, choices: [{ index: 0, text, logprobs: null, finish_reason: index === words.length - 1 ? 'stop' : null }] })), sse('[DONE]')]
}

function response(content: FullContent, count: number, status: 'in_progress' | 'completed'): object {
  const done = status === 'completed'
  const message = { id: `msg_${count}`, type: 'message', status: 'completed', role: 'assistant', content: [{ type: 'output_text', text: content.text, annotations: [], logprobs: [] }] }
  const calls = content.toolCalls.map((call, index) => ({ id: `fc_${count}_${index + 1}`, type: 'function_call', status: 'completed', call_id: `call_${index + 1}`, name: call.name, arguments: argumentsText(call) }))
  const cut = content.finishReason === 'length'
  return {
    id: `resp_${count}`,
    object: 'response',
    created_at: seconds(),
    status: done && cut ? 'incomplete' : status,
    error: null,
    incomplete_details: done && cut ? { reason: 'max_output_tokens' } : null,
    model: content.model,
    output: done ? [...(content.toolCalls.length === 0 ? [message] : []), ...calls] : [],
    parallel_tool_calls: true,
    tool_choice: 'auto',
    tools: [],
    usage: done
      ? {
          input_tokens: content.inputTokens,
          input_tokens_details: { cached_tokens: content.cachedTokens },
          output_tokens: content.outputTokens,
          output_tokens_details: { reasoning_tokens: content.reasoningTokens },
          total_tokens: content.inputTokens + content.outputTokens,
        }
      : null,
  }
}

function responsePieces(content: FullContent, count: number): readonly string[] {
  let sequence = 0
  const piece = (type: string, rest: object): string => sse({ type, sequence_number: sequence++, ...rest }, type)
  const item = `msg_${count}`
  const whole = { id: item, type: 'message', status: 'completed', role: 'assistant', content: [{ type: 'output_text', text: content.text, annotations: [], logprobs: [] }] }
  const text = [
    piece('response.output_item.added', { output_index: 0, item: { id: item, type: 'message', status: 'in_progress', role: 'assistant', content: [] } }),
    piece('response.content_part.added', { item_id: item, output_index: 0, content_index: 0, part: { type: 'output_text', text: '', annotations: [] } }),
    ...wordsOf(content.text).map((delta) => piece('response.output_text.delta', { item_id: item, output_index: 0, content_index: 0, delta, logprobs: [] })),
    piece('response.output_text.done', { item_id: item, output_index: 0, content_index: 0, text: content.text, logprobs: [] }),
    piece('response.content_part.done', { item_id: item, output_index: 0, content_index: 0, part: whole.content[0] }),
    piece('response.output_item.done', { output_index: 0, item: whole }),
  ]
  const calls = content.toolCalls.flatMap((call, index) => {
    const done = { id: `fc_${count}_${index + 1}`, type: 'function_call', status: 'completed', call_id: `call_${index + 1}`, name: call.name, arguments: argumentsText(call) }
    return [
      piece('response.output_item.added', { output_index: index, item: { ...done, status: 'in_progress', arguments: '' } }),
      piece('response.function_call_arguments.delta', { item_id: done.id, output_index: index, delta: done.arguments }),
      piece('response.function_call_arguments.done', { item_id: done.id, output_index: index, arguments: done.arguments }),
      piece('response.output_item.done', { output_index: index, item: done }),
    ]
  })
  return [
    piece('response.created', { response: response(content, count, 'in_progress') }),
    ...(content.toolCalls.length > 0 ? calls : text),
    piece(content.finishReason === 'length' ? 'response.incomplete' : 'response.completed', { response: response(content, count, 'completed') }),
  ]
}

function embeddings(request: ProviderRequest, content: FullContent): Answer {
  const input = request.body?.['input']
  const rows = Array.isArray(input) ? input.length : 1
  const vector = [0.1, -0.2, 0.3]
  const base64 = request.body?.['encoding_format'] === 'base64'
  const data = Array.from({ length: rows }, (_row, index) => ({ object: 'embedding', index, embedding: base64 ? Buffer.from(new Float32Array(vector).buffer).toString('base64') : vector }))
  return { json: { object: 'list', data, model: content.model, usage: { prompt_tokens: content.inputTokens, total_tokens: content.inputTokens } } }
}
