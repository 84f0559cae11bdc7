import { parse, type ASTNode, type SourceRange } from '@marcbachmann/cel-js'
import { typeOfField } from './event-fields.ts'

/** What a row says of its field. */
export type Operator = 'is' | 'is-not' | 'above' | 'at-least' | 'below' | 'at-most' | 'contains' | 'starts' | 'ends' | 'matches' | 'one-of' | 'known' | 'unknown'

/** One comparison of one field, as a row of the form. */
export interface Row {
  /** As after `event.`: `agent`, `tags.team`. */
  readonly field: string
  readonly operator: Operator
  /** One, but for `one-of`, and none for `known` and `unknown`. Numbers as they are written. */
  readonly values: readonly string[]
  /** Where it stands in the text. */
  readonly range: SourceRange
  /** Where its values stand in the text: a change of them alone rewrites nothing else. */
  readonly valueRange?: SourceRange
}

/** What the form can show of a condition. */
export type Shown =
  | { readonly kind: 'rows'; readonly rows: readonly Row[] }
  /** Nothing of it is rewritten by the form. */
  | { readonly kind: 'text'; readonly why: 'unreadable' | 'part' | 'comment' | 'between'; readonly part: string }

const signs: Readonly<Partial<Record<Operator, string>>> = { is: '==', 'is-not': '!=', above: '>', 'at-least': '>=', below: '<', 'at-most': '<=' }
const methods: Readonly<Partial<Record<Operator, string>>> = { contains: 'contains', starts: 'startsWith', ends: 'endsWith', matches: 'matches' }

/** What can be asked of a field of this type. */
export const operatorsOf: Readonly<Record<'string' | 'double', readonly Operator[]>> = {
  string: ['is', 'is-not', 'one-of', 'contains', 'starts', 'ends', 'matches', 'known', 'unknown'],
  double: ['above', 'at-least', 'below', 'at-most', 'is', 'is-not', 'one-of', 'known', 'unknown'],
}

/**
 * Reads CEL into rows that are joined by `&&`; what is anything else is left as text, with the reason.
 *
 * @param text empty: every event, no rows
 */
export function shownOf(text: string): Shown {
  if (text.trim() === '') return { kind: 'rows', rows: [] }
  let ast: ASTNode
  try {
    ;({ ast } = parse(text))
  } catch (unreadable) {
    return { kind: 'text', why: 'unreadable', part: unreadable instanceof Error ? summaryOf(unreadable) : '' }
  }
  const parts = conjuncts(ast)
  const rows: Row[] = []
  for (const part of parts) {
    const row = rowOf(part, text)
    if (row === undefined) return { kind: 'text', why: 'part', part: text.slice(part.range.start, part.range.end) }
    rows.push(row)
  }
  const comment = commentIn(text, ast)
  if (comment !== undefined) return { kind: 'text', why: 'comment', part: comment }
  const between = strayBetween(text, rows)
  return between === undefined ? { kind: 'rows', rows } : { kind: 'text', why: 'between', part: between }
}

/** A row as CEL. */
export function textOf({ field, operator, values }: Pick<Row, 'field' | 'operator' | 'values'>): string {
  const path = pathOf(field)
  // has() takes no names in brackets.
  const inMap = path.endsWith(']') ? `${quoted(field.slice(field.indexOf('.') + 1), '"')} in ${path.slice(0, path.indexOf('['))}` : undefined
  if (operator === 'known') return inMap ?? `has(${path})`
  if (operator === 'unknown') return inMap === undefined ? `!has(${path})` : `!(${inMap})`
  const literals = literalsOf(field, operator, values, '"')
  const method = methods[operator]
  if (method !== undefined) return `${path}.${method}(${literals})`
  return operator === 'one-of' ? `${path} in ${literals}` : `${path} ${signs[operator] ?? '=='} ${literals}`
}

/** The text with this row in the place of that one; what stands around it stays as it is. */
export function withRow(text: string, before: Row, after: Pick<Row, 'field' | 'operator' | 'values'>): string {
  if (before.field === after.field && before.operator === after.operator && before.valueRange !== undefined) {
    const quote = text[before.valueRange.start] === "'" || text.slice(before.valueRange.start, before.valueRange.end).startsWith("['") ? "'" : '"'
    return spliced(text, before.valueRange, literalsOf(after.field, after.operator, after.values, quote))
  }
  return spliced(text, before.range, textOf(after))
}

/** The text with one row more, at its end. */
export function withMore(text: string, row: Pick<Row, 'field' | 'operator' | 'values'>): string {
  const kept = text.trimEnd()
  return kept === '' ? textOf(row) : `${kept} && ${textOf(row)}`
}

/** The text without this row and one `&&` beside it. */
export function withoutRow(text: string, rows: readonly Row[], index: number): string {
  const [before, row, after] = [rows[index - 1], rows[index], rows[index + 1]]
  if (row === undefined) return text
  if (before !== undefined) return text.slice(0, before.range.end) + text.slice(row.range.end)
  return after === undefined ? '' : text.slice(0, row.range.start) + text.slice(after.range.start)
}

/** Whether a number is written as CEL has it: what is not stays typed, and out of the text. */
export function isNumber(text: string): boolean {
  return /^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i.test(text)
}

function spliced(text: string, { start, end }: SourceRange, by: string): string {
  return text.slice(0, start) + by + text.slice(end)
}

function literalsOf(field: string, operator: Operator, values: readonly string[], quote: '"' | "'"): string {
  const isMixed = operator === 'one-of' && values.some((value) => !isWhole(value))
  // A list is of one type: whole numbers among others are written as the others.
  const number = (value: string): string => (isMixed && isWhole(value) ? `${value}.0` : value)
  const literal = (value: string): string => (typeOfField(field) === 'double' ? number(value) : quoted(value, quote))
  return operator === 'one-of' ? `[${values.map(literal).join(', ')}]` : literal(values[0] ?? '')
}

function isWhole(text: string): boolean {
  return /^-?\d+$/.test(text)
}

function quoted(value: string, quote: '"' | "'"): string {
  const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t', [quote]: `\\${quote}` }
  return `${quote}${value.replaceAll(/[\\\n\r\t"']/g, (sign) => escapes[sign] ?? sign)}${quote}`
}

/** `tags.team`, and `tags["my team"]` where it is no word. */
function pathOf(field: string): string {
  const dot = field.indexOf('.')
  if (dot < 0 || /^\w+\.[A-Za-z_]\w*$/.test(field)) return `event.${field}`
  return `event.${field.slice(0, dot)}[${quoted(field.slice(dot + 1), '"')}]`
}

function conjuncts(node: ASTNode): readonly ASTNode[] {
  return node.op === '&&' ? [...conjuncts(node.args[0]), ...conjuncts(node.args[1])] : [node]
}

function rowOf(node: ASTNode, text: string): Row | undefined {
  const { range } = node
  switch (node.op) {
    case '==':
    case '!=':
    case '<':
    case '<=':
    case '>':
    case '>=': {
      const field = fieldOf(node.args[0])
      const value = valueOf(node.args[1], field, text)
      const sign = node.op
      const operator = allOperators.find((one) => signs[one] === sign)
      return field === undefined || value === undefined || operator === undefined ? undefined : allowed({ field, operator, values: [value], range, valueRange: node.args[1].range })
    }
    case 'in': {
      const [left, list] = node.args
      const map = mapOf(list)
      if (map !== undefined) return left.op === 'value' && typeof left.args === 'string' && left.args !== '' ? { field: `${map}.${left.args}`, operator: 'known', values: [], range } : undefined
      const field = fieldOf(left)
      if (field === undefined || list.op !== 'list') return undefined
      const values = list.args.flatMap((one) => valueOf(one, field, text) ?? [])
      return values.length !== list.args.length ? undefined : allowed({ field, operator: 'one-of', values, range, valueRange: list.range })
    }
    case 'call': {
      const [name, [asked]] = node.args
      const field = name === 'has' && asked !== undefined ? fieldOf(asked) : undefined
      return field === undefined ? undefined : { field, operator: 'known', values: [], range }
    }
    case '!_': {
      const known = node.args.op === 'call' || node.args.op === 'in' ? rowOf(node.args, text) : undefined
      if (known?.operator !== 'known') return undefined
      // A range ends before the parenthesis that closes it.
      const isWrapped = text.slice(range.start + 1, known.range.start).trim() === '('
      const closing = isWrapped ? (/^\s*\)/.exec(text.slice(known.range.end))?.[0].length ?? 0) : 0
      return { ...known, operator: 'unknown', range: { start: range.start, end: known.range.end + closing } }
    }
    case 'rcall': {
      const [name, receiver, [given, ...more]] = node.args
      const field = fieldOf(receiver)
      const operator = allOperators.find((one) => methods[one] === name)
      const value = given === undefined ? undefined : valueOf(given, field, text)
      return field === undefined || operator === undefined || value === undefined || given === undefined || more.length > 0 ? undefined : allowed({ field, operator, values: [value], range, valueRange: given.range })
    }
    default:
      return undefined
  }
}

const allOperators = [...new Set([...operatorsOf.string, ...operatorsOf.double])]

/** What does not fit the type of its field the server refuses: it is for the text to mend. */
function allowed(row: Row): Row | undefined {
  const type = typeOfField(row.field)
  return type !== undefined && operatorsOf[type].includes(row.operator) ? row : undefined
}

/** `event.agent`, `event.tags.team`, `event.tags["team"]`. */
function fieldOf(node: ASTNode): string | undefined {
  if (node.op !== '.' && node.op !== '[]') return undefined
  const [of, last] = node.args
  const name = typeof last === 'string' ? last : last.op === 'value' && typeof last.args === 'string' ? last.args : undefined
  if (name === undefined || name === '') return undefined
  if (of.op === 'id') return node.op === '.' && of.args === 'event' && typeOfField(name) !== undefined ? name : undefined
  const map = mapOf(of)
  return map === undefined ? undefined : `${map}.${name}`
}

/** `event.tags` or `event.detail`. */
function mapOf(node: ASTNode): 'tags' | 'detail' | undefined {
  if (node.op !== '.' || node.args[0].op !== 'id' || node.args[0].args !== 'event') return undefined
  return (['tags', 'detail'] as const).find((name) => name === node.args[1])
}

function valueOf(node: ASTNode, field: string | undefined, text: string): string | undefined {
  if (field === undefined) return undefined
  if (typeOfField(field) === 'string') return node.op === 'value' && typeof node.args === 'string' ? node.args : undefined
  const written = text.slice(node.range.start, node.range.end)
  const of = node.op === '-_' ? node.args : node
  return of.op === 'value' && (typeof of.args === 'number' || typeof of.args === 'bigint') && isNumber(written) ? written : undefined
}

/** A remark would be lost where its row is rewritten. Texts may hold two strokes that are none. */
function commentIn(text: string, ast: ASTNode): string | undefined {
  let rest = text
  for (const { start, end } of textsIn(ast)) rest = rest.slice(0, start) + ' '.repeat(end - start) + rest.slice(end)
  const at = rest.indexOf('//')
  return at < 0 ? undefined : text.slice(at).split('\n', 1)[0]
}

function textsIn(node: unknown): readonly SourceRange[] {
  if (Array.isArray(node)) return node.flatMap(textsIn)
  if (!isNode(node)) return []
  return node.op === 'value' ? (typeof node.args === 'string' ? [node.range] : []) : textsIn(node.args)
}

function isNode(thing: unknown): thing is ASTNode {
  return typeof thing === 'object' && thing !== null && 'op' in thing && 'args' in thing
}

/** Parentheses around a row, or around several: they stand in no row. */
function strayBetween(text: string, rows: readonly Row[]): string | undefined {
  const ends = [0, ...rows.map(({ range }) => range.end)]
  const starts = [...rows.map(({ range }) => range.start), text.length]
  for (const [index, end] of ends.entries()) {
    const gap = text.slice(end, starts[index])
    const isPlain = index === 0 || index === rows.length ? gap.trim() === '' : gap.trim() === '&&'
    if (!isPlain) return gap.trim()
  }
  return undefined
}

function summaryOf(thrown: Error): string {
  // The library words its faults shortly, and at length for terminals.
  return 'summary' in thrown && typeof thrown.summary === 'string' ? thrown.summary : thrown.message
}
