import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { partsOf, type Parts } from './parts.ts'

/** What the rules look at: files by their path from the root, with `/`. Made from the disk, or by hand to plant a fault. */
export interface House {
  readonly files: readonly HouseFile[]
}

export interface HouseFile extends Parts {
  readonly path: string
  readonly text: string
}

export interface Violation {
  readonly path: string
  readonly line: number
  readonly what: string
}

export type Rule = (house: House) => readonly Violation[]

export function houseOf(files: Readonly<Record<string, string>>): House {
  return { files: Object.entries(files).map(([path, text]) => ({ path, text, ...(path.endsWith('.ts') ? partsOf(text) : { code: '', strings: [] }) })) }
}

/** Everything that is written by hand and kept in the repository: what is built or generated from it is not. */
export function realHouse(): House {
  const files: Record<string, string> = {}
  for (const path of pathsUnder(root)) files[path] = readFileSync(join(root, path), 'utf8')
  return houseOf(files)
}

const root = fileURLToPath(new URL('../..', import.meta.url))
const skipped = new Set(['node_modules', 'dist', '.git', 'coverage', 'data', '.tocsin', 'package-lock.json', 'static', 'schema.d.ts'])
const textEnding = /\.(?:ts|tsx|json|md|ya?ml)$|(?:^|\/)(?:LICENSE|run)$/

function pathsUnder(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => !skipped.has(entry.name))
    .flatMap((entry) => {
      const path = join(folder, entry.name)
      if (entry.isDirectory()) return pathsUnder(path)
      const fromRoot = relative(root, path).split(sep).join('/')
      return entry.isFile() && textEnding.test(fromRoot) ? [fromRoot] : []
    })
}

/** Code that is shipped, and not what tests it or stands in for the world. */
export function isProduction(path: string): boolean {
  return isSource(path) && !path.endsWith('.test.ts') && !path.includes('/src/testing/')
}

export function isSource(path: string): boolean {
  return /^packages\/[^/]+\/src\/.+\.tsx?$/.test(path)
}

export function lineAt(text: string, index: number): number {
  return text.slice(0, index).split('\n').length
}

/** One violation for each match in the code of these files; comments and strings do not count. */
export function matchesIn(files: readonly HouseFile[], pattern: RegExp, what: (found: string) => string): readonly Violation[] {
  return files.flatMap(({ path, text, code }) =>
    [...code.matchAll(new RegExp(pattern, 'g'))].map((match) => ({ path, line: lineAt(text, match.index), what: what(match[0]) })),
  )
}
