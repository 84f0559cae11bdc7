import { isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument, type Document } from 'yaml'

export type Path = readonly (string | number)[]

/** What is wrong at one place of a configuration. */
export interface Problem {
  readonly path: Path
  readonly text: string
  /** Where the path does not tell, such as in text that is no YAML. */
  readonly line?: number
}

/** Where a configuration was written, so that an error can point there. */
export interface ConfigSource {
  /** Absent for an object in code. */
  readonly file?: string
  /** Line of a path, from 1; of the nearest thing around it where the path itself is not there. */
  lineOf(path: Path): number | undefined
}

/** An object in code has no lines. */
export const codeSource: ConfigSource = { lineOf: () => undefined }

/** Anchors that may be followed, against documents that unfold without end. */
const aliasesMax = 100

/** The data of a YAML text, with the lines it came from. */
export function parseYaml(text: string, file: string): { readonly data: unknown; readonly source: ConfigSource; readonly problems: readonly Problem[] } {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, merge: true })
  const source: ConfigSource = {
    file,
    lineOf(path) {
      const offset = offsetOf(document, path)
      return offset === undefined ? undefined : lines.linePos(offset).line
    },
  }
  const [first] = document.errors
  if (first !== undefined) {
    // What follows the first error is mostly its echo.
    const { line } = lines.linePos(first.pos[0])
    const hint = text.split('\n')[line - 1]?.includes('${') === true ? '; inside { } write "${NAME}" with quotes' : ''
    return { data: undefined, source, problems: [{ path: [], text: `${first.message}${hint}`, line }] }
  }
  try {
    return { data: document.toJS({ maxAliasCount: aliasesMax }) as unknown, source, problems: [] } // `toJS` is typed any; nothing is believed of it.
  } catch (unresolved) {
    if (!(unresolved instanceof ReferenceError)) throw unresolved
    return { data: undefined, source, problems: [{ path: [], text: unresolved.message }] }
  }
}

function offsetOf(document: Document, path: Path): number | undefined {
  let node: unknown = document.contents
  let offset: number | undefined
  for (const segment of path) {
    if (isAlias(node)) node = node.resolve(document)
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => String(isScalar(key) ? key.value : key) === String(segment))
      if (pair === undefined) return offset
      offset = isNode(pair.key) ? (pair.key.range?.[0] ?? offset) : offset
      node = pair.value
    } else if (isSeq(node)) {
      const item: unknown = node.items[Number(segment)]
      if (!isNode(item)) return offset
      offset = item.range?.[0] ?? offset
      node = item
    } else return offset
  }
  return offset
}

/** `tocsin.yaml:12 budgets.team.amountUsd: expected above 0, found -1` */
export function problemLine(problem: Problem, source: ConfigSource): string {
  const line = problem.line ?? source.lineOf(problem.path)
  const place = source.file === undefined ? '' : `${source.file}${line === undefined ? '' : `:${line}`}`
  const path = problem.path.map(String).join('.')
  const where = [place, path].filter((part) => part !== '').join(' ')
  return where === '' ? problem.text : `${where}: ${problem.text}`
}
