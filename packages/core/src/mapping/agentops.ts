import type { EndState } from '../model/event.ts'
import type { Attributes, Dialect, SpanKind } from './flat-span.ts'
import { amount, first, known, smallJson, text } from './read.ts'
import { finishReason } from './finish-reason.ts'

const kinds: Readonly<Record<string, SpanKind>> = {
  session: 'workflow',
  workflow: 'workflow',
  agent: 'agent',
  tool: 'tool',
  llm: 'model',
  chain: 'step',
  task: 'step',
  operation: 'step',
  team: 'workflow',
}

const endStates: Readonly<Record<string, EndState>> = { success: 'success', fail: 'fail', error: 'fail', indeterminate: 'indeterminate' }
const tagsMax = 32

/** The names of AgentOps. There the trace is the session. */
export const agentOps: Dialect = (a, span) => {
  const named = text(a['agentops.span.kind'])?.toLowerCase()
  const state = text(first(a['agentops.session.end_state'], a['session.end_state']))?.toLowerCase()
  if (named === undefined && state === undefined) return {}
  const kind = named !== undefined && Object.hasOwn(kinds, named) ? kinds[named] : undefined
  return {
    ...known('kind', kind),
    ...(kind === 'model' && { operation: 'chat' as const }),
    ...known('costUsd', amount(a['gen_ai.usage.total_cost'])),
    ...known('finishReason', finishReason(a['gen_ai.completion.0.finish_reason'])),
    ...known('timeToFirstTokenMs', milliseconds(amount(a['gen_ai.streaming.time_to_first_token']))),
    ...known('agent', first(text(a['agent.name']), text(a['agentops.agent.name']), text(a['workflow.name']))),
    sessionId: text(a['workflow.session_id']) ?? span.traceId,
    ...known('user', text(a['workflow.user_id'])),
    ...known('tool', text(a['tool.name'])),
    ...known('toolCallId', text(a['tool.id'])),
    ...known('toolArguments', first(a['tool.parameters'], kind === 'tool' ? a['agentops.entity.input'] : undefined)),
    ...known('errorMessage', text(a['error.message'], 2_000)),
    ...known('endState', state !== undefined && Object.hasOwn(endStates, state) ? endStates[state] : undefined),
    ...known('tags', listTags(a)),
  }
}

function milliseconds(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : seconds * 1000
}

function listTags(attributes: Attributes): Readonly<Record<string, string>> | undefined {
  const given = attributes['agentops.tags']
  const list: unknown = Array.isArray(given) ? given : smallJson(given)
  if (!Array.isArray(list)) return undefined
  const names = list.slice(0, tagsMax).map((tag: unknown) => text(tag)).filter((tag) => tag !== undefined)
  return Object.fromEntries(names.map((name) => [name, 'true']))
}
