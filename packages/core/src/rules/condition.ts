import { Environment, EvaluationError } from '@marcbachmann/cel-js'
import type { ASTNode, ParseResult } from '@marcbachmann/cel-js'
import { problemOfCost } from './condition-cost.ts'
import { plainTest } from './plain-condition.ts'

/** CEL types that a view may have. */
export type FieldType = 'string' | 'double' | 'map<string, string>'

/** A condition ready to be tested, or what is wrong with it in one sentence. */
export type Compiled<View> = Condition<View> | { readonly ok: false; readonly problem: string }

export interface Condition<View> {
  readonly ok: true
  /** False where something is missing; throws where the condition cannot be evaluated. */
  readonly test: (view: View) => boolean
  /** The parts joined by `&&` at the top, as written: all of them must hold. One part where there is no `&&`. */
  readonly parts: readonly string[]
}

/** One variable and the class whose getters are its fields. */
export interface Declaration {
  readonly variable: string
  readonly view: new (thing: never) => object
  readonly fields: Readonly<Record<string, FieldType>>
}

export function compile<View extends object>(expression: string, declaration: Declaration): Compiled<View> {
  let parsed: ParseResult
  try {
    parsed = environmentOf(declaration).parse(expression)
  } catch (unreadable) {
    return { ok: false, problem: `expected a CEL condition, found "${expression}": ${summaryOf(unreadable)}` }
  }
  const checked = parsed.check()
  if (!checked.valid) return { ok: false, problem: problemOf(expression, checked.error, declaration) }
  if (checked.type !== 'bool' && checked.type !== 'dyn') {
    return { ok: false, problem: `expected a condition that is true or false, found "${expression}", which is of type ${String(checked.type)}` }
  }
  const costly = problemOfCost(parsed.ast)
  if (costly !== undefined) return { ok: false, problem: costly }
  const { variable, fields } = declaration
  const plain = plainTest(parsed.ast, variable, fields)
  return { ok: true, test: (view) => plain(view) ?? evaluate(parsed, { [variable]: view }), parts: conjuncts(parsed.ast) }
}

function evaluate(parsed: ParseResult, context: Record<string, unknown>): boolean {
  // A missing name is thrown by the library. Its stack is of no use here and would cost 6 of the 8 microseconds.
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = 0
  try {
    return parsed(context) === true
  } catch (failure) {
    if (failure instanceof EvaluationError && failure.code === 'no_such_key') return false
    throw failure
  } finally {
    Error.stackTraceLimit = limit
  }
}

/** One environment for each variable: making one is expensive. At most two, `event` and `alert`. */
const environments = new Map<string, Environment>()

function environmentOf({ variable, view, fields }: Declaration): Environment {
  const kept = environments.get(variable)
  if (kept !== undefined) return kept
  const type = variable === 'event' ? 'Event' : 'Alert'
  const environment = new Environment({ limits: { maxAstNodes: 500, maxDepth: 64, maxListElements: 200, maxMapEntries: 50 } })
  environment.registerType(type, { ctor: view, fields }).registerVariable(variable, type)
  letNumbersMeet(environment)
  environments.set(variable, environment)
  return environment
}

/** Every number of a view is a double, and people write `event.costUsd == 1`: CEL alone has no such overload. */
function letNumbersMeet(environment: Environment): void {
  environment.registerOperator('double == int', (a: number, b: bigint) => a === Number(b))
  environment.registerOperator('double in list<int>', (a: number, list: readonly bigint[]) => list.some((b) => a === Number(b)))
  const arithmetic: Readonly<Record<string, (a: number, b: number) => number>> = {
    '+': (a, b) => a + b,
    '-': (a, b) => a - b,
    '*': (a, b) => a * b,
    '/': (a, b) => a / b,
  }
  for (const [sign, work] of Object.entries(arithmetic)) {
    environment.registerOperator(`double ${sign} int`, (a: number, b: bigint) => work(a, Number(b)))
    environment.registerOperator(`int ${sign} double: double`, (a: bigint, b: number) => work(Number(a), b))
  }
}

function conjuncts(node: ASTNode): readonly string[] {
  if (node.op !== '&&') return [node.input.slice(node.range.start, node.range.end)]
  return [...conjuncts(node.args[0]), ...conjuncts(node.args[1])]
}

interface CelProblem {
  readonly code: string
  readonly summary: string
  readonly range?: { readonly start: number; readonly end: number }
}

function problemOf(expression: string, error: CelProblem | undefined, { variable, fields }: Declaration): string {
  const found = error?.range === undefined ? '' : expression.slice(error.range.start, error.range.end)
  if (error?.code === 'no_such_key') {
    const near = nearest(found, Object.keys(fields))
    return `${variable} has no "${found}"; ${near === undefined ? `it has ${Object.keys(fields).join(', ')}` : `did you mean "${variable}.${near}"?`}`
  }
  if (error?.code === 'unknown_variable') return `unknown name "${found}"; conditions here are about "${variable}", such as ${variable}.${Object.keys(fields)[0] ?? ''}`
  return `expected a condition over ${variable}, found "${expression}": ${error?.summary ?? 'it cannot be checked'}`
}

function summaryOf(thrown: unknown): string {
  if (typeof thrown === 'object' && thrown !== null && 'summary' in thrown && typeof thrown.summary === 'string') return thrown.summary
  return thrown instanceof Error ? thrown.message : 'it cannot be read'
}

/** The known name with the fewest letters changed, if that is at most two, or a third of a long one. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  let best: string | undefined
  let bestDistance = Math.max(Math.min(2, word.length - 2), Math.floor(word.length / 3)) + 1
  for (const candidate of known) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase())
    if (distance < bestDistance) {
      best = candidate
      bestDistance = distance
    }
  }
  return best
}

/** Levenshtein distance, by rows. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const substituted = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(substituted, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}
