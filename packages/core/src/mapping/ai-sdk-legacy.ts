import type { LlmCall } from '../model/event.ts'
import { finishReason } from './finish-reason.ts'
import type { Dialect, SpanKind } from './flat-span.ts'
import { providerName } from './provider-name.ts'
import { amount, first, known, text, tokens } from './read.ts'

/** The `ai.*` names of the Vercel AI SDK, from before it spoke the OpenTelemetry conventions. */
export const aiSdkLegacy: Dialect = (a) => {
  const operationId = text(a['ai.operationId'])
  if (operationId === undefined) return {}
  const agent = text(a['ai.telemetry.functionId'])
  const [kind, operation] = kindOf(operationId, agent)
  return {
    ...known('kind', kind),
    ...known('operation', operation),
    ...known('provider', providerName(a['ai.model.provider'])),
    ...known('requestModel', text(a['ai.model.id'])),
    ...known('responseModel', text(a['ai.response.model'])),
    ...known('responseId', text(a['ai.response.id'])),
    ...known('inputTokens', tokens(first(a['ai.usage.inputTokens'], a['ai.usage.promptTokens'], a['ai.usage.tokens']))),
    ...known('outputTokens', tokens(first(a['ai.usage.outputTokens'], a['ai.usage.completionTokens']))),
    ...known('cacheReadTokens', tokens(first(a['ai.usage.inputTokenDetails.cacheReadTokens'], a['ai.usage.cachedInputTokens']))),
    ...known('cacheWriteTokens', tokens(a['ai.usage.inputTokenDetails.cacheWriteTokens'])),
    ...known('reasoningTokens', tokens(first(a['ai.usage.outputTokenDetails.reasoningTokens'], a['ai.usage.reasoningTokens']))),
    ...known('finishReason', finishReason(a['ai.response.finishReason'])),
    ...(operationId.startsWith('ai.stream') && { streamed: true }),
    ...known('timeToFirstTokenMs', amount(a['ai.response.msToFirstChunk'])),
    ...known('agent', agent),
    ...known('sessionId', text(a['ai.telemetry.metadata.sessionId'])),
    ...known('user', text(a['ai.telemetry.metadata.userId'])),
    ...known('tool', text(a['ai.toolCall.name'])),
    ...known('toolCallId', text(a['ai.toolCall.id'])),
    ...known('toolArguments', a['ai.toolCall.args']),
  }
}

/** Only the `do…` span is one call; the span above it adds its calls up. With a function id that one is an agent. */
function kindOf(operationId: string, agent: string | undefined): readonly [SpanKind, LlmCall['operation']?] {
  if (operationId === 'ai.toolCall') return ['tool']
  if (operationId.endsWith('.doEmbed')) return ['model', 'embeddings']
  if (/\.do(Generate|Stream)$/.test(operationId)) return ['model', 'chat']
  return [agent === undefined ? 'step' : 'agent']
}
