import type { ASTNode } from '@marcbachmann/cel-js'

/**
 * What most conditions are made of is decided here without the library, in a tenth of the time: fields compared with literals, `in`, `has`,
 * `startsWith`, `endsWith` and `contains`, joined by `&&`, `||` and `!`. The answers are the library's own, which a property test holds;
 * for anything else there is none here, and the library is asked.
 *
 * @param ast type-checked
 * @param variable the one name that conditions are about
 * @param fields the CEL types of its fields
 * @returns `undefined` from the test: ask the library
 */
export function plainTest(ast: ASTNode, variable: string, fields: Fields): PlainTest {
  const whole = compile(ast, variable, fields)
  if (whole !== undefined) return (view) => whole(view) === yes
  // Whatever else is asked, one part that does not hold is enough; one of which something is missing is not: another may be an error.
  const parts = conjuncts(ast).flatMap((part) => compile(part, variable, fields) ?? [])
  if (parts.length === 0) return unknown
  return (view) => (parts.some((part) => part(view) === no) ? false : undefined)
}

export type PlainTest = (view: object) => boolean | undefined

type Fields = Readonly<Record<string, string>>

/** What CEL makes of a part: an error, such as a missing name, is neither true nor false. */
type Answer = typeof yes | typeof no | typeof missing
const yes = 1
const no = 0
const missing = -1

type Part = (view: object) => Answer
type Reader = (view: object) => unknown
type Literal = string | number

function unknown(): undefined {}

function conjuncts(node: ASTNode): readonly ASTNode[] {
  return node.op === '&&' ? [...conjuncts(node.args[0]), ...conjuncts(node.args[1])] : [node]
}

function compile(node: ASTNode, variable: string, fields: Fields): Part | undefined {
  switch (node.op) {
    case '&&':
    case '||': {
      const left = compile(node.args[0], variable, fields)
      const right = compile(node.args[1], variable, fields)
      return left === undefined || right === undefined ? undefined : node.op === '&&' ? both(left, right) : either(left, right)
    }
    case '!_': {
      const part = compile(node.args, variable, fields)
      return part === undefined ? undefined : (view) => opposite(part(view))
    }
    case '==':
    case '!=':
    case '<':
    case '<=':
    case '>':
    case '>=': {
      const field = fieldOf(node.args[0], variable, fields)
      const literal = literalOf(node.args[1], field?.type)
      return field === undefined || literal === undefined ? undefined : compared(field, node.op, literal)
    }
    case 'in':
      return membership(node.args[0], node.args[1], variable, fields)
    case 'call': {
      const [name, [asked]] = node.args
      const field = name === 'has' && asked !== undefined ? fieldOf(asked, variable, fields) : undefined
      return field === undefined ? undefined : (view) => (field.read(view) === undefined ? no : yes)
    }
    case 'rcall': {
      const [name, receiver, args] = node.args
      const field = fieldOf(receiver, variable, fields)
      const literal = args.length === 1 && args[0] !== undefined ? literalOf(args[0], 'string') : undefined
      return field?.type !== 'string' || typeof literal !== 'string' ? undefined : searched(field.read, name, literal)
    }
    default:
      return undefined
  }
}

function both(left: Part, right: Part): Part {
  return (view) => {
    const first = left(view)
    if (first === no) return no
    const second = right(view)
    return second === no ? no : first === yes ? second : missing
  }
}

function either(left: Part, right: Part): Part {
  return (view) => {
    const first = left(view)
    if (first === yes) return yes
    const second = right(view)
    return second === yes ? yes : first === no ? second : missing
  }
}

function opposite(answer: Answer): Answer {
  return answer === yes ? no : answer === no ? yes : missing
}

interface Field {
  readonly type: 'string' | 'double'
  readonly read: Reader
}

/** `event.agent`, `event.tags.team` or `event.tags['team']`. */
function fieldOf(node: ASTNode, variable: string, fields: Fields): Field | undefined {
  if (node.op !== '.' && node.op !== '[]') return undefined
  const [of] = node.args
  if (node.op === '.' && of.op === 'id' && of.args === variable) {
    const name = node.args[1]
    const type = Object.hasOwn(fields, name) ? fields[name] : undefined
    return type === 'string' || type === 'double' ? { type, read: readerOf(name) } : undefined
  }
  const map = mapOf(of, variable, fields)
  const key = node.op === '.' ? node.args[1] : literalOf(node.args[1], 'string')
  if (map === undefined || typeof key !== 'string') return undefined
  return { type: 'string', read: (view) => ownOf(map(view), key) }
}

/** `event.tags` or `event.detail`. */
function mapOf(node: ASTNode, variable: string, fields: Fields): Reader | undefined {
  if (node.op !== '.' || node.args[0].op !== 'id' || node.args[0].args !== variable) return undefined
  const name = node.args[1]
  return Object.hasOwn(fields, name) && fields[name] === 'map<string, string>' ? readerOf(name) : undefined
}

function readerOf(name: string): Reader {
  // Reason for the cast: the condition was checked against the fields that the view declares.
  return (view) => (view as Readonly<Record<string, unknown>>)[name]
}

function ownOf(map: unknown, key: string): unknown {
  // Reason for the cast: as above.
  return Object.hasOwn(map as object, key) ? (map as Readonly<Record<string, unknown>>)[key] : undefined
}

function literalOf(node: ASTNode, type: string | undefined): Literal | undefined {
  if (node.op !== 'value') return undefined
  const value: unknown = node.args
  if (type === 'string') return typeof value === 'string' ? value : undefined
  if (type !== 'double') return undefined
  if (typeof value === 'number') return value
  // A whole number that a double cannot hold is compared exactly by the library.
  return typeof value === 'bigint' && Number.isSafeInteger(Number(value)) ? Number(value) : undefined
}

function compared({ type, read }: Field, sign: '==' | '!=' | '<' | '<=' | '>' | '>=', literal: Literal): Part | undefined {
  if (sign === '==' || sign === '!=') {
    const [same, other] = sign === '==' ? [yes, no] as const : [no, yes] as const
    return (view) => {
      const value = read(view)
      return value === undefined ? missing : value === literal ? same : other
    }
  }
  if (type !== 'double' || typeof literal !== 'number') return undefined
  const holds = orders[sign]
  return (view) => {
    const value = read(view)
    return typeof value === 'number' ? (holds(value, literal) ? yes : no) : missing
  }
}

const orders: Readonly<Record<'<' | '<=' | '>' | '>=', (a: number, b: number) => boolean>> = {
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
}

/** A field in a list of literals, or a name in a map. */
function membership(what: ASTNode, where: ASTNode, variable: string, fields: Fields): Part | undefined {
  const map = mapOf(where, variable, fields)
  const name = literalOf(what, 'string')
  if (map !== undefined) return typeof name !== 'string' ? undefined : (view) => (ownOf(map(view), name) === undefined ? no : yes)
  const field = fieldOf(what, variable, fields)
  if (field === undefined || where.op !== 'list') return undefined
  const literals = where.args.flatMap((one) => literalOf(one, field.type) ?? [])
  if (literals.length !== where.args.length) return undefined
  return (view) => {
    const value = field.read(view)
    if (value === undefined) return missing
    for (const literal of literals) if (literal === value) return yes
    return no
  }
}

function searched(read: Reader, name: string, literal: string): Part | undefined {
  if (name !== 'startsWith' && name !== 'endsWith' && name !== 'contains') return undefined
  return (view) => {
    const value = read(view)
    if (typeof value !== 'string') return missing
    const holds = name === 'startsWith' ? value.startsWith(literal) : name === 'endsWith' ? value.endsWith(literal) : value.includes(literal)
    return holds ? yes : no
  }
}
