import type { EventType } from '../../model/event.ts'

/** What rules keep of a session's steps: enough to say where it went wrong and whether it walks in circles, and no more. */
export interface Walk {
  /** What the session had done before it ended, or fell silent, and began anew; absent: it has run since its beginning. */
  readonly base?: { readonly calls: number; readonly costNanoUsd: number; readonly atMs: number }
  /** Tool calls, and steps of agents. Model calls are the other calls of the session. */
  tools: number
  steps: number
  /** The deepest that agents and operations were inside each other. */
  depth?: number
  /** The tool call that was made last with arguments that are known, and how often in a row. */
  run?: Run
  /** Two different tool calls in turn, of which the last is that of `run`. */
  turns?: Turns
  relay?: Relay
  /** The most that was seen of each. */
  most: { run?: Repeated; turns?: Repeated; relay?: Repeated }
  /** Failures whose call did not succeed since, the earliest first. */
  open: OpenFailure[]
  /** When calls that had failed last succeeded: a failure that is heard of late is no open one. */
  closed: { readonly type: EventType; readonly name: string; readonly atMs: number }[]
  /** Failing calls that succeeded later. */
  recovered: number
  /** Failing calls that there was no room to keep, by name. */
  unkept: number
  /** What failing calls said, and how often the same. */
  errors: { readonly message: string; times: number }[]
  /** The last model call, where it succeeded and gave no whole answer. */
  answer?: Answer
  /** The last guardrail that was tripped. */
  guardrail?: { readonly name: string; readonly eventId: string; readonly atMs: number }
  /** Requests for approval that nobody has answered. */
  approvals: PendingApproval[]
}

export interface Run {
  readonly tool: string
  readonly args: string
  times: number
  atMs: number
}

export interface Turns {
  readonly tools: readonly [string, string]
  /** Signature of the call before the last one. */
  readonly previous: string
  readonly times: number
}

/** Hand-offs between two agents, back and forth. */
export interface Relay {
  readonly from: string
  readonly to: string
  readonly times: number
  /** A source tells hand-offs by themselves; what follows from which agent ran is then left aside. */
  readonly isTold: boolean
}

/** `names`: the tool, the two tools, or the two agents. */
export interface Repeated {
  readonly names: readonly string[]
  readonly times: number
  /** The event that made it so many. */
  readonly eventId: string
}

export interface OpenFailure {
  readonly type: EventType
  /** Model, tool, or operation. */
  readonly name: string
  readonly provider?: string
  readonly class: string
  readonly statusCode?: number
  readonly message: string
  /** The first failing event. */
  readonly eventId: string
  readonly atMs: number
  /** How many calls the session had made, up to and with this one. */
  readonly step: number
  times: number
  lastAtMs: number
  readonly agents: string[]
}

/** What the last answer lacked: its end, everything, or the will to answer. */
export interface Answer {
  readonly lack: 'cut' | 'empty' | 'refused'
  readonly provider: string
  readonly model: string
  readonly eventId: string
  readonly atMs: number
}

export interface PendingApproval {
  readonly id: string
  /** The request names an id of its own: only its answer, or the session's end, ends the waiting. */
  readonly isNamed: boolean
  /** What waits. */
  readonly what: string
  readonly atMs: number
}

/** Bounds on what a walk keeps; what is longer is cut, and what is more is counted at most. */
export const walkBounds = {
  openMax: 6,
  closedMax: 6,
  errorsMax: 5,
  agentsMax: 3,
  approvalsMax: 5,
  nameCharsMax: 80,
  messageCharsMax: 160,
  idCharsMax: 200,
  textCharsMax: 4_000,
} as const

export function newWalk(base?: Walk['base']): Walk {
  return { ...(base !== undefined && { base }), tools: 0, steps: 0, most: {}, open: [], closed: [], recovered: 0, unkept: 0, errors: [], approvals: [] }
}
