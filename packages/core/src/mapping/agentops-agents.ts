import type { Attributes, Dialect, SpanKind } from './flat-span.ts'
import { finishReason } from './finish-reason.ts'
import { known, text } from './read.ts'

/** What AgentOps' SDK calls spans of the Agents SDK that have no name of their own. */
const modelNames: readonly (string | undefined)[] = ['Response', 'Generation', 'Transcription', 'Speech']

/**
 * The spans of AgentOps' SDK for TypeScript, which are those of OpenAI's Agents SDK. They name no kind: what they hold tells it, and
 * of a model call that failed nothing but its name does. Calls do not say their model, so that nobody can price them, and those of the
 * Chat Completions API not even their tokens. The trace is the session; its root ends as it begins and is no event.
 */
export const agentOpsAgents: Dialect = (a, span) => {
  if (a['openai_agents.span_id'] === undefined) return {}
  const kind = kindOf(a, span.name)
  return {
    kind,
    sessionId: span.traceId,
    // The Agents SDK calls others too, by adapters; where the span names one it is known by that.
    ...(kind === 'model' && a['gen_ai.provider.name'] === undefined && a['gen_ai.system'] === undefined && { provider: 'openai' }),
    ...(kind === 'model' && { operation: span.name === 'Transcription' || span.name === 'Speech' ? ('other' as const) : ('chat' as const) }),
    ...known('responseId', text(a['response.id'])),
    ...known('finishReason', finishReason(a['gen_ai.completion.0.finish_reason'])),
    ...known('agent', text(a['agent.name'])),
    ...known('tool', text(a['function.name'])),
    ...known('toolArguments', a['function.input']),
  }
}

function kindOf(a: Attributes, name: string): SpanKind {
  if (a['function.name'] !== undefined) return 'tool'
  if (a['agent.name'] !== undefined) return 'agent'
  const isOther = a['guardrail.name'] !== undefined || a['custom.name'] !== undefined || a['mcp.server'] !== undefined
  return !isOther && (modelNames.includes(name) || a['response.id'] !== undefined || a['gen_ai.request.model'] !== undefined) ? 'model' : 'step'
}
