import type { LlmCall } from '../model/event.ts'
import type { Dialect, FlatSpan, SpanKind } from './flat-span.ts'
import { amount, field, first, known, smallJson, text, tokens } from './read.ts'

const kinds: Readonly<Record<string, readonly [SpanKind, LlmCall['operation']?]>> = {
  generation: ['model', 'chat'],
  embedding: ['model', 'embeddings'],
  tool: ['tool'],
  agent: ['agent'],
  span: ['step'],
  chain: ['step'],
  retriever: ['step'],
  evaluator: ['step'],
  guardrail: ['step'],
}

/** The names of Langfuse's own SDKs. */
export const langfuse: Dialect = (a, span) => {
  const named = text(a['langfuse.observation.type'])?.toLowerCase()
  const sessionId = text(a['langfuse.session.id'])
  if (named === undefined && sessionId === undefined) return {}
  const [kind, operation] = named !== undefined && Object.hasOwn(kinds, named) ? (kinds[named] ?? []) : []
  const usage = smallJson(a['langfuse.observation.usage_details'])
  const cost = smallJson(a['langfuse.observation.cost_details'])
  const failed = text(a['langfuse.observation.level'])?.toUpperCase() === 'ERROR'
  return {
    ...known('kind', kind),
    ...known('operation', operation),
    ...known('responseModel', text(a['langfuse.observation.model.name'])),
    ...known('inputTokens', tokens(first(field(usage, 'input'), field(usage, 'input_tokens'), field(usage, 'prompt_tokens')))),
    ...known('outputTokens', tokens(first(field(usage, 'output'), field(usage, 'output_tokens'), field(usage, 'completion_tokens')))),
    ...known('cacheReadTokens', tokens(first(field(usage, 'cache_read_input_tokens'), field(usage, 'input_cached_tokens')))),
    ...known('cacheWriteTokens', tokens(field(usage, 'cache_creation_input_tokens'))),
    ...known('reasoningTokens', tokens(field(usage, 'output_reasoning_tokens'))),
    ...known('costUsd', amount(field(cost, 'total'))),
    ...known('timeToFirstTokenMs', firstToken(a['langfuse.observation.completion_start_time'], span)),
    ...known('agent', kind === 'agent' ? text(span.name) : undefined),
    ...known('sessionId', first(sessionId, text(a['session.id']))),
    ...known('user', first(text(a['langfuse.user.id']), text(a['user.id']))),
    ...known('tool', kind === 'tool' ? text(span.name) : undefined),
    ...known('toolArguments', kind === 'tool' ? a['langfuse.observation.input'] : undefined),
    ...(failed && { failed: true, ...known('errorMessage', text(a['langfuse.observation.status_message'], 2_000)) }),
  }
}

/** The time of the first piece is an ISO instant, sometimes in quotes of its own. */
function firstToken(value: unknown, span: FlatSpan): number | undefined {
  const atMs = Date.parse(text(value)?.replaceAll('"', '') ?? '')
  return amount(atMs - span.startMs)
}
