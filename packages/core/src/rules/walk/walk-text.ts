import { newWalk, walkBounds, type Walk } from './walk.ts'

/**
 * A walk as it stands in the session's row. The first sign says whether a model call that went well changes anything in it:
 * most are of that sort, and then nobody reads further.
 */
const calm = '='
const stirred = '!'

/** Whether model calls that go well leave this walk as it is. */
export function isCalm(text: string | undefined): boolean {
  return text === undefined || text.startsWith(calm)
}

/** The walk that a text holds; one that cannot be read is begun anew, so that a damaged row costs no more than its memory. */
export function readWalk(text: string | undefined): Walk {
  if (text === undefined || (!text.startsWith(calm) && !text.startsWith(stirred))) return newWalk()
  try {
    // Reason for the cast: nobody but `writeWalk` writes it. Filled up in place: a copy takes as long as the reading.
    const said = JSON.parse(text.slice(1)) as Partial<Walk>
    said.tools ??= 0
    said.steps ??= 0
    said.recovered ??= 0
    said.unkept ??= 0
    said.most ??= {}
    said.open ??= []
    said.closed ??= []
    said.errors ??= []
    said.approvals ??= []
    return said as Walk // now it has all of it
  } catch (damaged) {
    if (damaged instanceof SyntaxError) return newWalk()
    throw damaged
  }
}

/** At most 4,000 characters: where there is more to say, texts are shortened first, then all but the first failure is left out. */
export function writeWalk(walk: Walk): string {
  for (const shorter of shorterForms) {
    const said = textOf(shorter(walk))
    if (said.length <= walkBounds.textCharsMax) return said
  }
  return textOf({ ...newWalk(walk.base), tools: walk.tools, steps: walk.steps, recovered: walk.recovered, unkept: walk.unkept + walk.open.length })
}

const shorterForms: readonly ((walk: Walk) => Walk)[] = [
  (walk) => walk,
  (walk) => ({ ...walk, errors: [], closed: [], open: walk.open.map((failure) => ({ ...failure, message: failure.message.slice(0, 40) })) }),
  ({ turns: _turns, relay: _relay, run: _run, most: _most, ...walk }) => ({ ...walk, most: {}, errors: [], closed: [], open: walk.open.slice(0, 1), unkept: walk.unkept + Math.max(0, walk.open.length - 1) }),
]

function textOf(walk: Walk): string {
  const isStirred = walk.answer !== undefined || walk.open.some(({ type }) => type === 'llm.call') || walk.approvals.some(({ isNamed }) => !isNamed)
  const { base, tools, steps, depth, run, turns, relay, most, open, closed, recovered, unkept, errors, answer, guardrail, approvals } = walk
  // Field by field: what is empty is most of it, and is not worth a place in every row.
  const said: Partial<Writable<Walk>> = {}
  if (base !== undefined) said.base = base
  if (tools > 0) said.tools = tools
  if (steps > 0) said.steps = steps
  if (depth !== undefined) said.depth = depth
  if (run !== undefined) said.run = run
  if (turns !== undefined) said.turns = turns
  if (relay !== undefined) said.relay = relay
  if (most.run !== undefined || most.turns !== undefined || most.relay !== undefined) said.most = most
  if (open.length > 0) said.open = open
  if (closed.length > 0) said.closed = closed
  if (recovered > 0) said.recovered = recovered
  if (unkept > 0) said.unkept = unkept
  if (errors.length > 0) said.errors = errors
  if (answer !== undefined) said.answer = answer
  if (guardrail !== undefined) said.guardrail = guardrail
  if (approvals.length > 0) said.approvals = approvals
  return (isStirred ? stirred : calm) + JSON.stringify(said)
}

type Writable<T> = { -readonly [Name in keyof T]: T[Name] }
