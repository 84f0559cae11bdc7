import type { LlmCall } from '../model/event.ts'
import { finishReason } from './finish-reason.ts'
import type { Dialect, SpanKind } from './flat-span.ts'
import { providerName } from './provider-name.ts'
import { amount, first, known, text, tokens } from './read.ts'

const kinds: Readonly<Record<string, readonly [SpanKind, LlmCall['operation']?]>> = {
  LLM: ['model', 'chat'],
  EMBEDDING: ['model', 'embeddings'],
  TOOL: ['tool'],
  AGENT: ['agent'],
  CHAIN: ['step'],
  RETRIEVER: ['step'],
  RERANKER: ['step'],
  GUARDRAIL: ['step'],
  EVALUATOR: ['step'],
}

/** OpenInference has no name for the response id, but keeps the whole answer, whose first field it is. */
const leadingId = /^\{"id":"([^"\\]{1,200})"/

/** The conventions of OpenInference (Arize Phoenix). */
export const openInference: Dialect = (a) => {
  const named = text(a['openinference.span.kind'])?.toUpperCase()
  const [kind, operation] = named !== undefined && Object.hasOwn(kinds, named) ? (kinds[named] ?? []) : []
  if (kind === undefined && named === undefined) return {}
  const model = first(text(a['llm.response.model_name']), text(a['llm.model_name']), text(a['embedding.model_name']))
  const output = a['output.value']
  return {
    ...known('kind', kind),
    ...known('operation', operation),
    ...known('provider', providerName(first(a['llm.provider'], a['llm.system']))),
    ...known('requestModel', text(a['llm.request.model_name'])),
    ...known('responseModel', model),
    ...known('responseId', typeof output === 'string' ? leadingId.exec(output.slice(0, 300))?.[1] : undefined),
    ...known('inputTokens', tokens(a['llm.token_count.prompt'])),
    ...known('outputTokens', tokens(a['llm.token_count.completion'])),
    ...known('cacheReadTokens', tokens(first(a['llm.token_count.prompt_details.cache_read'], a['llm.token_count.prompt_details.cache_input']))),
    ...known('cacheWriteTokens', tokens(a['llm.token_count.prompt_details.cache_write'])),
    ...known('reasoningTokens', tokens(a['llm.token_count.completion_details.reasoning'])),
    ...known('costUsd', amount(a['llm.cost.total'])),
    ...known('finishReason', finishReason(a['llm.finish_reason'])),
    ...known('agent', first(text(a['agent.name']), kind === 'agent' ? text(a['graph.node.name']) : undefined)),
    ...known('sessionId', text(a['session.id'])),
    ...known('user', text(a['user.id'])),
    ...known('tool', first(text(a['tool.name']), text(a['tool_call.function.name']))),
    ...known('toolCallId', first(text(a['tool.id']), text(a['tool_call.id']))),
    ...known('toolArguments', first(a['tool.parameters'], a['tool_call.function.arguments'], kind === 'tool' ? a['input.value'] : undefined)),
    ...known('errorMessage', text(a['exception.message'])),
    ...known('errorWords', words(a['exception.type'])),
  }
}

function words(type: unknown): readonly string[] | undefined {
  const word = text(type)
  return word === undefined ? undefined : [word]
}
