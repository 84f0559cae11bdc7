import { cut } from './shortened.ts'
import type { Step } from './step.ts'
import { walkBounds, type OpenFailure, type Walk } from './walk.ts'

/** A call failed: it joins the open failure of its name, or opens one. One from before the call succeeded is over already. */
export function noteFailure(walk: Walk, step: Step, called: string, calls: number): void {
  const { type, atMs, error, agent } = step
  const name = cut(called, walkBounds.nameCharsMax)
  const message = cut(error?.message ?? '', walkBounds.messageCharsMax)
  if (message !== '') noteMessage(walk, message)
  if (walk.closed.some((one) => one.type === type && one.name === name && one.atMs > atMs)) {
    walk.recovered += 1
    return
  }
  const known = walk.open.findIndex((one) => one.type === type && one.name === name)
  const before = walk.open[known]
  if (before !== undefined && before.atMs <= atMs) {
    before.times += 1
    before.lastAtMs = Math.max(before.lastAtMs, atMs)
    if (agent !== undefined) noteAgentOf(before, agent)
    return
  }
  if (before === undefined && walk.open.length >= walkBounds.openMax) {
    walk.unkept += 1
    return
  }
  const failure: OpenFailure = {
    type,
    name,
    ...(step.llm !== undefined && { provider: cut(step.llm.provider, walkBounds.nameCharsMax) }),
    class: error?.class ?? 'other',
    ...(error?.statusCode !== undefined && { statusCode: error.statusCode }),
    message,
    eventId: cut(step.id, walkBounds.idCharsMax),
    atMs,
    step: calls,
    times: (before?.times ?? 0) + 1,
    lastAtMs: Math.max(before?.lastAtMs ?? atMs, atMs),
    agents: before?.agents ?? [],
  }
  if (agent !== undefined) noteAgentOf(failure, agent)
  if (before !== undefined) walk.open.splice(known, 1)
  const later = walk.open.findIndex((one) => one.atMs > atMs)
  walk.open.splice(later < 0 ? walk.open.length : later, 0, failure)
}

/** The same call succeeded: the session got over its failures so far. */
export function noteSuccess(walk: Walk, { type, atMs }: Step, called: string): void {
  if (walk.open.length === 0) return
  const name = cut(called, walkBounds.nameCharsMax)
  const known = walk.open.findIndex((one) => one.type === type && one.name === name && one.lastAtMs <= atMs)
  const over = walk.open[known]
  if (over === undefined) return
  walk.recovered += over.times
  walk.open.splice(known, 1)
  walk.closed = [...walk.closed.filter((one) => one.type !== type || one.name !== name), { type, name, atMs }].slice(-walkBounds.closedMax)
}

function noteAgentOf({ agents }: OpenFailure, agent: string): void {
  const name = cut(agent, walkBounds.nameCharsMax)
  if (agents.length < walkBounds.agentsMax && !agents.includes(name)) agents.push(name)
}

function noteMessage(walk: Walk, message: string): void {
  const known = walk.errors.find((one) => one.message === message)
  if (known !== undefined) {
    known.times += 1
    return
  }
  // The rarest makes room, the oldest among equals; what was said often stays.
  if (walk.errors.length >= walkBounds.errorsMax) {
    const rarest = walk.errors.reduce((least, one) => (one.times < least.times ? one : least))
    walk.errors.splice(walk.errors.indexOf(rarest), 1)
  }
  walk.errors.push({ message, times: 1 })
}
