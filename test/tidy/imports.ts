import { posix } from 'node:path'
import { isProduction, isSource, lineAt, type House, type HouseFile, type Rule, type Violation } from './house.ts'

export interface Import {
  readonly specifier: string
  /** Path from the root for a relative import. */
  readonly target?: string
  readonly isType: boolean
  readonly line: number
}

/** Every import of a file: `import … from`, `export … from`, `import 'x'`, `import('x')`. */
export function importsOf({ path, text, code }: HouseFile): readonly Import[] {
  return [...code.matchAll(/\b(?:import|export)\b(?:\s*\(\s*|[\s\w*{},$]*?\bfrom\s*|\s*)(['"])(?=[^\n]*\1)/g)].map((match) => {
    const start = match.index + match[0].length
    const specifier = text.slice(start, text.indexOf(match[1] ?? "'", start))
    const target = specifier.startsWith('.') ? { target: posix.normalize(posix.join(posix.dirname(path), specifier)) } : {}
    return { specifier, ...target, isType: /^(?:import|export)\s+type\b/.test(match[0]), line: lineAt(text, match.index) }
  })
}

/**
 * Which room may import which, as ARCHITECTURE.md draws it. A room not named here is the top of the package: the doors and
 * the wiring, which may import every room.
 */
const mayImport: Readonly<Record<string, readonly (string | RegExp)[]>> = {
  model: [],
  locales: ['model'],
  mapping: ['model', /^rules\/pricing\.ts$/],
  rules: ['model'],
  routing: ['model', /^rules\/view\.ts$/],
  queue: ['model'],
  reports: ['model', 'rules', 'routing'],
  delivery: ['model', 'locales'],
  channels: ['model'],
  stores: ['model'],
  observe: ['model', 'mapping'],
  'pipeline.ts': ['model', 'mapping', 'rules', 'routing', 'queue', 'reports', 'delivery', 'tell.ts', 'act-in.ts'],
}

export const importsPointDown: Rule = (house) =>
  house.files
    .filter(({ path }) => isProduction(path))
    .flatMap((file) =>
      importsOf(file).flatMap(({ target, specifier, line }) => {
        const what = target === undefined ? whyNoPackage(file.path, specifier) : whyNot(file.path, target)
        return what === undefined ? [] : [{ path: file.path, line, what }]
      }),
    )

function whyNot(from: string, to: string): string | undefined {
  if (packageOf(from) !== packageOf(to)) return `reaches into another package: ${to}`
  if (roomOf(to) === 'testing') return `production code imports testing: ${to}`
  const room = roomOf(from)
  const allowed = mayImport[room]
  if (room === roomOf(to) || allowed === undefined) return roomOf(to) === 'commands' && room !== 'commands' ? `only the command line imports ${to}` : undefined
  const inside = to.replace(/^packages\/[^/]+\/src\//, '')
  if (allowed.some((entry) => (typeof entry === 'string' ? entry === roomOf(to) : entry.test(inside)))) return undefined
  return `${room} must not import ${inside}`
}

/** Packages point down too: the server may import `tocsin`, never the other way round, and http/ no concrete store. */
function whyNoPackage(from: string, specifier: string): string | undefined {
  if (from.startsWith('packages/core/') && /^@tocsin\/|^fastify|^better-auth/.test(specifier)) return `core must not import ${specifier}`
  if (roomOf(from) === 'http' && /\/stores\b/.test(specifier)) return `http must not import ${specifier}`
  if (roomOf(from) !== 'stores' && /^(?:node:sqlite|kysely|pg)$/.test(specifier)) return `only stores import ${specifier}`
  return undefined
}

function packageOf(path: string): string {
  return path.split('/').slice(0, 2).join('/')
}

/** `model` of `packages/core/src/model/event.ts`, `pipeline.ts` of `packages/core/src/pipeline.ts`. */
function roomOf(path: string): string {
  return path.split('/')[3] ?? ''
}

/** A channel knows no other channel; what they share stands beside them and is in no registry. */
export const channelsAreStrangers: Rule = (house) => {
  const channels = channelFiles(house)
  return house.files
    .filter(({ path }) => /\/src\/channels\//.test(path) && isProduction(path) && !path.endsWith('/registry.ts'))
    .flatMap((file) =>
      importsOf(file)
        .filter(({ target }) => target !== undefined && channels.has(target))
        .map(({ target, line }) => ({ path: file.path, line, what: `imports the channel ${target ?? ''}` })),
    )
}

/** Files of the registry's channels: those that say `type:` and are imported there. */
export function channelFiles(house: House): ReadonlyMap<string, string> {
  const registry = house.files.find(({ path }) => path.endsWith('/src/channels/registry.ts'))
  const imported = new Set(registry === undefined ? [] : importsOf(registry).map(({ target }) => target))
  const named = house.files
    .filter(({ path }) => imported.has(path))
    .flatMap(({ path, text }) => {
      const name = /^\s+type: '([a-z-]+)',$/m.exec(text)?.[1]
      return name === undefined ? [] : [[path, name] as const]
    })
  return new Map(named)
}

/** No file imports itself through others. In shipped code types count too, because a circle of types is a circle of ideas. */
export const noCircles: Rule = (house) => {
  const edges = new Map(house.files.filter(({ path }) => isSource(path)).map((file) => [file.path, importsOf(file).flatMap(({ target, isType }) => (target === undefined || (isType && !isProduction(file.path)) ? [] : [target]))]))
  const done = new Set<string>()
  const violations: Violation[] = []
  const visit = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path)
    if (start !== -1) {
      violations.push({ path, line: 1, what: `circle: ${[...trail.slice(start), path].join(' → ')}` })
      return
    }
    if (done.has(path)) return
    for (const target of edges.get(path) ?? []) visit(target, [...trail, path])
    done.add(path)
  }
  for (const path of edges.keys()) visit(path, [])
  return violations
}
