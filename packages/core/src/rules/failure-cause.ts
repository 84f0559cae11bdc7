import type { ErrorClass } from '../model/event.ts'
import { errorClasses } from '../model/event.ts'
import type { FailureEnd } from '../model/failure-end.ts'
import type { MessageParams } from '../model/message.ts'
import type { OpenFailure, Repeated, Walk } from './walk/walk.ts'

/** Why a session ended badly, and what shows it. */
export interface FailureCause {
  /** The first failing step of those that were not made good; absent: no call failed, and `class` says how it ended. */
  readonly cause?: OpenFailure
  readonly class: ErrorClass | FailureEnd
  /** Calls and steps that failed after the cause, and whose they were; each list at most 6 names. */
  readonly spread: { readonly steps: number; readonly tools: readonly string[]; readonly models: readonly string[]; readonly agents: readonly string[] }
  readonly repeated: {
    /** How often the call that is the cause failed. */
    readonly cause?: number
    /** The tool call that was made most often in a row; two in turn; two agents in turn. Each from twice on. */
    readonly call?: Repeated
    readonly turns?: Repeated
    readonly relay?: Repeated
    /** What failing calls said most often, from twice on. */
    readonly error?: { readonly message: string; readonly times: number }
  }
  /** Failing calls that succeeded later, and are no cause. */
  readonly recovered: number
  /** The event that shows it. */
  readonly eventId?: string
}

/** From how many times on a repetition is worth a word, and why a session failed if no call did. */
const loopTimes = 5

/**
 * The cause of a bad end, from what was kept of the session's steps. Where the reason that was given holds the words of
 * a failing call, that call is on the failing path and others are not; else all that was not made good is. Of those the
 * first counts. Deterministic.
 */
export function causeOf(walk: Walk, reason: string | undefined): FailureCause {
  const end = endOf(walk, reason)
  // A step that failed by itself tells no more than how it ended, where that is known: it is the echo of what stopped it.
  const open = end.how === 'own' ? walk.open : walk.open.filter(({ type }) => type !== 'agent.step')
  const cause = firstOnPath(open, reason)
  const { run, turns, relay } = walk.most
  const error = walk.errors.reduce<Walk['errors'][number] | undefined>((most, one) => (one.times > (most?.times ?? 1) ? one : most), undefined)
  const rest = {
    spread: spreadOf(walk, cause),
    repeated: { ...(cause !== undefined && cause.times > 1 && { cause: cause.times }), ...(run !== undefined && { call: run }), ...(turns !== undefined && { turns }), ...(relay !== undefined && { relay }), ...(error !== undefined && { error }) },
    recovered: walk.recovered,
  }
  if (cause !== undefined) return { cause, class: errorClassOf(cause.class), ...rest, eventId: cause.eventId }
  return { class: end.how, ...rest, ...(end.eventId !== undefined && { eventId: end.eventId }) }
}

/** What was caught and thrown again is often told twice, so the words of one hold those of the other; fewer signs than these tell nothing apart. */
const tellingChars = 6

function firstOnPath(open: readonly OpenFailure[], reason: string | undefined): OpenFailure | undefined {
  const named = reason === undefined ? [] : open.filter(({ message }) => message.length >= tellingChars && (reason.includes(message) || message.includes(reason)))
  const path = named.length > 0 && reason !== undefined && reason.length >= tellingChars ? named : open
  // A step holds its calls: of what failed at the same instant the call is the cause.
  return path.reduce<OpenFailure | undefined>((first, one) => (first === undefined || one.atMs < first.atMs || (one.atMs === first.atMs && first.type === 'agent.step') ? one : first), undefined)
}

function spreadOf(walk: Walk, cause: OpenFailure | undefined): FailureCause['spread'] {
  const later = cause === undefined ? [] : walk.open.filter((one) => one !== cause && (one.lastAtMs > cause.atMs || (one.lastAtMs === cause.atMs && one.step >= cause.step)))
  // A step that failed with the words of the cause is its echo, not another failure.
  const spread = later.filter((one) => one.type !== 'agent.step' || cause === undefined || one.message !== cause.message)
  const names = (type: OpenFailure['type']): readonly string[] => spread.filter((one) => one.type === type).map(({ name }) => name)
  return {
    steps: spread.reduce((sum, { times }) => sum + times, 0) + (cause === undefined ? 0 : walk.unkept),
    tools: names('tool.call'),
    models: names('llm.call'),
    agents: [...new Set(spread.flatMap(({ agents }) => agents))].filter((agent) => cause?.agents.includes(agent) !== true).slice(0, 6),
  }
}

/** Words by which programs say that they stopped at a limit of their own. */
const saysBudget = /\b(?:budgets?|costs?|spend(?:ing)?|credits?|tokens?)\b.{0,40}\b(?:exceed|exhaust|limit|reach|used up|run out|ran out|over)|\b(?:exceed|exhaust|limit|reach|used up|out of)\w*\b.{0,40}\b(?:budget|cost|spend|credit|token)|\bexit_cost\b/i
const saysSteps = /\b(?:max\w*|limit|exceed\w*|reached|too many)\b.{0,40}\b(?:turns?|steps?|iterations?|recursions?|loops?|rounds?)\b|\b(?:turn|step|iteration|recursion)s? (?:limit|count)|\bMaxTurnsExceeded/i

function endOf(walk: Walk, reason: string | undefined): { readonly how: FailureEnd; readonly eventId?: string } {
  const { guardrail, answer, most: { run, turns, relay } } = walk
  const loop = [run, turns].find((one) => one !== undefined && one.times >= loopTimes)
  // Where a step failed by itself, circles it has left are not why.
  const isOut = walk.open.some(({ type }) => type === 'agent.step') && (walk.run?.times ?? 0) < loopTimes && (walk.turns?.times ?? 0) < loopTimes
  if (guardrail !== undefined) return { how: 'guardrail', eventId: guardrail.eventId }
  if (loop !== undefined && !isOut) return { how: 'loop', eventId: loop.eventId }
  if (relay !== undefined && relay.times >= loopTimes) return { how: 'relay', eventId: relay.eventId }
  if (answer !== undefined) return { how: answer.lack, eventId: answer.eventId }
  if (reason !== undefined && saysBudget.test(reason)) return { how: 'budget' }
  return { how: reason !== undefined && saysSteps.test(reason) ? 'steps' : 'own' }
}

function errorClassOf(name: string): ErrorClass {
  return errorClasses.find((known) => known === name) ?? 'other'
}

/** The same in the parameters of `session.failed`. */
export function causeParams({ cause, class: of, spread, repeated, recovered }: FailureCause, walk: Walk): MessageParams {
  const names = [...spread.tools, ...spread.models]
  const loop = repeated.call !== undefined && repeated.call.times >= loopTimes ? repeated.call : undefined
  if (cause === undefined) {
    const turns = loop === undefined ? repeated.turns : undefined
    return {
      endedHow: of,
      ...(recovered > 0 && { recovered }),
      ...(loop !== undefined && { repeatedTool: listed(loop.names), repeatedTimes: loop.times }),
      ...(turns !== undefined && { turnTools: listed(turns.names), turnTimes: turns.times }),
      ...(repeated.relay !== undefined && { relayAgents: listed(repeated.relay.names), relayTimes: repeated.relay.times }),
      ...(walk.guardrail !== undefined && { guardrail: walk.guardrail.name }),
      ...(walk.answer !== undefined && { answerModel: walk.answer.model }),
    }
  }
  return {
    // Of an operation the place among the calls says nothing.
    ...(cause.type !== 'agent.step' && { causeStep: cause.step }),
    causeKind: cause.type,
    causeName: cause.name,
    causeClass: of,
    causeAt: cause.atMs,
    ...(cause.message !== '' && { causeMessage: cause.message }),
    ...(cause.provider !== undefined && { causeProvider: cause.provider }),
    ...(cause.statusCode !== undefined && { causeStatus: cause.statusCode }),
    ...(cause.times > 1 && { failedTimes: cause.times }),
    ...(recovered > 0 && { recovered }),
    ...(spread.steps > 1 && { spread: spread.steps, ...(names.length > 0 && { spreadNames: listed(names) }) }),
    ...(spread.steps === 1 && names[0] !== undefined && { spreadName: names[0] }),
    ...(loop !== undefined && { beforeTool: listed(loop.names), beforeTimes: loop.times }),
  }
}

/** Names one after the other, as every language writes them in a list of names. */
function listed(names: readonly string[]): string {
  return names.join(', ')
}

/** The same in numbers and ids, for the record. */
export function causeEvidence({ class: of, spread, repeated, recovered, eventId }: FailureCause): Readonly<Record<string, string | number>> {
  return {
    causeClass: of,
    ...(eventId !== undefined && { causeEvent: eventId }),
    ...(spread.steps > 0 && { laterFailures: spread.steps }),
    ...(spread.agents.length > 0 && { otherAgents: listed(spread.agents) }),
    ...(recovered > 0 && { recovered }),
    ...(repeated.cause !== undefined && { sameFailures: repeated.cause }),
    ...(repeated.call !== undefined && { sameCalls: repeated.call.times }),
    ...(repeated.error !== undefined && { sameErrors: repeated.error.times }),
  }
}
