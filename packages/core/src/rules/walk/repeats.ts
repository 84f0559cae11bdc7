import { cut } from './shortened.ts'
import type { Step } from './step.ts'
import { walkBounds, type Repeated, type Run, type Turns, type Walk } from './walk.ts'

/**
 * Equal tool calls in a row, and two calls in turn (A-B-A-B). Calls whose arguments are not known are no repetition: nobody
 * can tell. One that is heard of late has lost its place in the order and breaks nothing.
 */
export function noteToolCall(walk: Walk, { id, tool, atMs }: Step): void {
  const last = walk.run
  if (tool?.argumentsHash === undefined) {
    if (last === undefined || atMs >= last.atMs) forgetRun(walk)
    return
  }
  if (last !== undefined && atMs < last.atMs) return
  const run = { tool: cut(tool.name, walkBounds.nameCharsMax), args: cut(tool.argumentsHash, walkBounds.nameCharsMax), times: 1, atMs }
  if (last !== undefined && signature(last) === signature(run)) {
    last.times += 1
    last.atMs = atMs
    delete walk.turns
    keepMost(walk, 'run', { names: [last.tool], times: last.times, eventId: id })
    return
  }
  walk.run = run
  if (last === undefined) return
  walk.turns = nextTurn(walk.turns, last, run)
  if (walk.turns.times > 2) keepMost(walk, 'turns', { names: walk.turns.tools, times: walk.turns.times, eventId: id })
}

function forgetRun(walk: Walk): void {
  delete walk.run
  delete walk.turns
}

function nextTurn(turns: Turns | undefined, last: Run, run: Run): Turns {
  const goesOn = turns !== undefined && turns.previous === signature(run)
  return { tools: goesOn ? turns.tools : [last.tool, run.tool], previous: signature(last), times: goesOn ? turns.times + 1 : 2 }
}

function signature({ tool, args }: Pick<Run, 'tool' | 'args'>): string {
  return `${args} ${tool}`
}

/** Which agent ran, where no source tells hand-offs: another than the last one means that it was handed over. */
export function noteAgent(walk: Walk, agent: string, eventId: string): void {
  if (walk.relay?.isTold === true) return
  const to = cut(agent, walkBounds.nameCharsMax)
  if (walk.relay === undefined) walk.relay = { from: '', to, times: 0, isTold: false }
  else if (walk.relay.to !== to) noteHandOff(walk, { from: walk.relay.to, to }, false, eventId)
}

/** One agent hands over to another; back and forth between the same two, it is counted. */
export function noteHandOff(walk: Walk, handOff: { readonly from: string; readonly to: string }, isTold: boolean, eventId: string): void {
  const from = cut(handOff.from, walkBounds.nameCharsMax)
  const to = cut(handOff.to, walkBounds.nameCharsMax)
  const last = walk.relay?.isTold === isTold ? walk.relay : undefined
  const isBack = last !== undefined && last.from === to && last.to === from
  const times = isBack ? last.times + 1 : 1
  walk.relay = { from, to, times, isTold }
  if (times > 1) keepMost(walk, 'relay', { names: [from, to].toSorted(), times, eventId })
}

function keepMost(walk: Walk, what: keyof Walk['most'], found: Repeated): void {
  if (found.times > (walk.most[what]?.times ?? 1)) walk.most[what] = { ...found, eventId: cut(found.eventId, walkBounds.idCharsMax) }
}
