/** The words of the providers, and of the SDKs above them, for why an answer ended → ours. Others are kept as they are. */
const words: ReadonlyMap<string, string> = new Map([
  ...['stop', 'end_turn', 'stop_sequence', 'completed', 'complete', 'eos', 'finish_reason_stop'].map((word) => [word, 'stop'] as const),
  ...['length', 'max_tokens', 'max_output_tokens', 'model_context_window_exceeded', 'model_length'].map((word) => [word, 'length'] as const),
  ...['tool_calls', 'tool_call', 'tool-calls', 'tool_use', 'function_call', 'pause_turn'].map((word) => [word, 'tool-calls'] as const),
  ...['content_filter', 'content-filter', 'refusal', 'safety', 'recitation', 'blocklist', 'prohibited_content'].map((word) => [word, 'content-filter'] as const),
])

/** Why an answer ended, in one vocabulary: `stop`, `length`, `tool-calls`, `content-filter`, else the provider's own word in lower case. */
export function finishReason(word: unknown): string | undefined {
  const given: unknown = Array.isArray(word) ? word[0] : word
  if (typeof given !== 'string' || given === '') return undefined
  const plain = given.slice(0, 100).toLowerCase()
  return words.get(plain) ?? plain
}
