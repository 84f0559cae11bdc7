import type { ASTNode } from '@marcbachmann/cel-js'
import { problemOfPattern } from './pattern-cost.ts'

/**
 * What a condition may cost. CEL has no loops but its macros over lists and maps, which are as long as a text has
 * characters (2,000) at most; so its time is bounded where a macro holds no other macro, is short, and gets no list that
 * was blown up by another. A condition beyond these bounds is refused when it is loaded, with what to do.
 */
const costBounds = {
  /** Macros (`all`, `exists`, `exists_one`, `map`, `filter`) in one condition. */
  macrosMax: 8,
  /** Parts of the expression in the body of a macro. */
  bodyNodesMax: 50,
} as const

const macros: ReadonlySet<string> = new Set(['all', 'exists', 'exists_one', 'existsOne', 'map', 'filter', 'transformList', 'transformMap', 'bind'])

/** Why a condition may take too long; nothing where its time is bounded. */
export function problemOfCost(ast: ASTNode): string | undefined {
  let count = 0

  function visit(node: ASTNode, loopVariable: string | undefined): string | undefined {
    const call = callOf(node)
    if (call === undefined) return first(childrenOf(node), (child) => visit(child, loopVariable))
    const { name, receiver, args } = call
    if (name === 'split' && (receiver === undefined || !isField(receiver))) return 'expected "split" on a field of the event, such as event.excerpt.split(" ")'
    if (name === 'join' && receiver !== undefined && hasMacro(receiver)) return 'expected "join" on a list of fields, found it on the result of a macro: that may grow without end'
    if (name === 'matches') return problemOfMatches(receiver, args, loopVariable) ?? first(childrenOf(node), (child) => visit(child, loopVariable))
    if (!macros.has(name) || receiver === undefined) return first(childrenOf(node), (child) => visit(child, loopVariable))
    if (loopVariable !== undefined) return `expected no macro inside another, found "${name}" in the body of one: its time would grow with the square of what comes`
    count += 1
    if (count > costBounds.macrosMax) return `expected at most ${costBounds.macrosMax} macros such as exists, found more`
    const [variable, ...body] = args
    const size = body.reduce((sum, part) => sum + sizeOf(part), 0)
    if (size > costBounds.bodyNodesMax) return `expected at most ${costBounds.bodyNodesMax} parts in the body of "${name}", found ${size}`
    const named = variable?.op === 'id' ? variable.args : ''
    return visit(receiver, loopVariable) ?? first(body, (part) => visit(part, named))
  }

  return visit(ast, undefined)
}

function problemOfMatches(receiver: ASTNode | undefined, args: readonly ASTNode[], loopVariable: string | undefined): string | undefined {
  const pattern = args[0]
  if (receiver === undefined || !isField(receiver)) return 'expected "matches" on a field of the event, such as event.model.matches("^gpt-5")'
  if (loopVariable !== undefined && !mentions(receiver, loopVariable)) return `expected "matches" in a macro on what it goes through ("${loopVariable}"), found another text`
  if (pattern?.op !== 'value' || typeof pattern.args !== 'string') return 'expected the pattern of "matches" as a text in quotes'
  return problemOfPattern(pattern.args)
}

interface Call {
  readonly name: string
  readonly receiver: ASTNode | undefined
  readonly args: readonly ASTNode[]
}

function callOf(node: ASTNode): Call | undefined {
  if (node.op === 'rcall') return { name: node.args[0], receiver: node.args[1], args: node.args[2] }
  return node.op === 'call' ? { name: node.args[0], receiver: undefined, args: node.args[1] } : undefined
}

/** A name, or what is reached from one by dots and brackets: at most as long as an event may hold. */
function isField(node: ASTNode): boolean {
  if (node.op === 'id') return true
  return (node.op === '.' || node.op === '[]') && isField(node.args[0])
}

function mentions(node: ASTNode, name: string): boolean {
  return (node.op === 'id' && node.args === name) || childrenOf(node).some((child) => mentions(child, name))
}

function hasMacro(node: ASTNode): boolean {
  const call = callOf(node)
  return (call?.receiver !== undefined && (macros.has(call.name) || call.name === 'split')) || childrenOf(node).some(hasMacro)
}

function sizeOf(node: ASTNode): number {
  return childrenOf(node).reduce((sum, child) => sum + sizeOf(child), 1)
}

/** The nodes in a node's arguments, however they are nested in lists. */
function childrenOf({ args }: ASTNode): readonly ASTNode[] {
  const found: ASTNode[] = []
  const collect = (value: unknown): void => {
    if (Array.isArray(value)) for (const one of value) collect(one)
    // Reason for the cast: the library's tree holds nodes, lists of them, and plain values.
    else if (typeof value === 'object' && value !== null && 'op' in value) found.push(value as ASTNode)
  }
  collect(args)
  return found
}

function first<Item>(items: readonly Item[], ask: (item: Item) => string | undefined): string | undefined {
  for (const item of items) {
    const answer = ask(item)
    if (answer !== undefined) return answer
  }
  return undefined
}
