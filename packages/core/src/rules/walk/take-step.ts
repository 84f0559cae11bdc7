import type { Event } from '../../model/event.ts'
import { noteApproval, sessionWentOn } from './approvals.ts'
import { noteFailure, noteSuccess } from './failures.ts'
import { lackOf } from './lack.ts'
import { noteAgent, noteHandOff, noteToolCall } from './repeats.ts'
import { cut } from './shortened.ts'
import type { Step } from './step.ts'
import { walkBounds, type Walk } from './walk.ts'

/**
 * Takes one event of a session into its walk.
 *
 * @param calls how many calls the session had made since it began (anew), up to and with this one
 */
export function takeStep(walk: Walk, step: Step, calls: number): void {
  if (step.depth !== undefined && step.depth > (walk.depth ?? 0)) walk.depth = step.depth
  switch (step.type) {
    case 'llm.call':
      sessionWentOn(walk, step)
      noteAnswer(walk, step)
      noteOutcome(walk, step, step.llm?.model ?? 'unknown', calls)
      break
    case 'tool.call':
      sessionWentOn(walk, step)
      walk.tools += 1
      noteToolCall(walk, step)
      noteOutcome(walk, step, step.tool?.name ?? 'unknown', calls)
      break
    case 'agent.step':
      sessionWentOn(walk, step)
      walk.steps += 1
      noteAgentStep(walk, step, calls)
      break
    case 'custom':
      if (isTripped(step)) noteGuardrail(walk, step)
      break
    case 'approval.request':
      noteApproval(walk, step)
      break
    case 'session.end':
      walk.approvals = []
      break
    default:
  }
}

/** Whether an event says that a guardrail stopped something. */
export function isTripped({ detail }: Pick<Step, 'detail'>): boolean {
  return detail?.['triggered'] === 'true'
}

/** Whether a call is one that changes no walk that is calm: a model call that went well. */
export function isPlain(event: Pick<Event, 'type' | 'status' | 'llm' | 'detail'>): boolean {
  return event.type === 'llm.call' && event.status === 'ok' && event.llm !== undefined && lackOf(event) === undefined
}

function noteOutcome(walk: Walk, step: Step, name: string, calls: number): void {
  if (step.status === 'ok') noteSuccess(walk, step, name)
  else if (step.error?.class !== 'cancelled') noteFailure(walk, step, name, calls)
}

function noteAgentStep(walk: Walk, step: Step, calls: number): void {
  const { name, agent, detail } = step
  if (isTripped(step)) noteGuardrail(walk, step)
  if (name === 'handoff' && detail?.['from'] !== undefined && detail['to'] !== undefined) noteHandOff(walk, { from: detail['from'], to: detail['to'] }, true, step.id)
  else if (agent !== undefined && (name === agent || name === `invoke_agent ${agent}`)) noteAgent(walk, agent, step.id)
  noteOutcome(walk, step, name ?? agent ?? 'step', calls)
}

function noteGuardrail(walk: Walk, { id, name, atMs }: Step): void {
  walk.guardrail = { name: cut(name ?? 'guardrail', walkBounds.nameCharsMax), eventId: cut(id, walkBounds.idCharsMax), atMs }
}

function noteAnswer(walk: Walk, step: Step): void {
  const { llm, id, atMs } = step
  if (walk.answer !== undefined && atMs < walk.answer.atMs) return
  const lack = lackOf(step)
  if (llm === undefined || lack === undefined) delete walk.answer
  else walk.answer = { lack, provider: cut(llm.provider, walkBounds.nameCharsMax), model: cut(llm.model, walkBounds.nameCharsMax), eventId: cut(id, walkBounds.idCharsMax), atMs }
}
