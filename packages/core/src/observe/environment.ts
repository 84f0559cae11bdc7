import { hostname } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { eventBounds } from '../model/event.ts'
import { attempt, field, known, text } from '../mapping/read.ts'

const packagesMax = 64
const foldersUpMax = 32
const fileBytesMax = 1_000_000

/**
 * Where the program runs: Node, platform, host, process, git commit, and the installed versions of the packages that
 * the program's `package.json` names. At most 64 packages; what cannot be read is left out.
 *
 * It reads small files with blocking calls, about a millisecond in all: read it once, when nothing waits.
 *
 * @param folder the program's folder; its `package.json` and `.git` are also looked for above it
 */
export function readEnvironment(folder: string): Readonly<Record<string, string>> {
  return {
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    host: hostname(),
    process: String(process.pid),
    ...known('program', text(process.argv[1], eventBounds.textCharsMax)),
    ...known('gitCommit', gitCommit(folder)),
    ...packages(folder),
  }
}

/** A file's text; absent when it is not there, too large, or not readable: each of these only means "not known". */
function readSmall(path: string): string | undefined {
  // Importing it would load all of it, promises too, into every agent: 3 ms of the import.
  const { readFileSync, statSync } = process.getBuiltinModule('node:fs')
  const stat = statSync(path, { throwIfNoEntry: false })
  if (stat?.isFile() !== true || stat.size > fileBytesMax) return undefined
  return attempt(() => readFileSync(path, 'utf8'))
}

/** The first folder from here upwards for which `find` finds something. */
function upwards<T>(folder: string, find: (folder: string) => T | undefined): T | undefined {
  let at = resolve(folder)
  for (let step = 0; step < foldersUpMax; step++) {
    const found = find(at)
    if (found !== undefined) return found
    const above = dirname(at)
    if (above === at) return undefined
    at = above
  }
  return undefined
}

function gitCommit(folder: string): string | undefined {
  return upwards(folder, (at) => {
    const pointer = readSmall(join(at, '.git'))
    // In a worktree `.git` is a file that names the real folder.
    const git = pointer === undefined ? join(at, '.git') : resolve(at, pointer.replace(/^gitdir:\s*/, '').trim())
    const head = readSmall(join(git, 'HEAD'))?.trim()
    if (head === undefined) return undefined
    return head.startsWith('ref:') ? commitOfRef(git, head.slice(4).trim()) : commitIn(head)
  })
}

function commitOfRef(git: string, ref: string): string | undefined {
  const common = readSmall(join(git, 'commondir'))
  const root = common === undefined ? git : resolve(git, common.trim())
  const loose = readSmall(join(root, ref))
  if (loose !== undefined) return commitIn(loose.trim())
  const packed = readSmall(join(root, 'packed-refs'))?.split('\n').find((line) => line.endsWith(` ${ref}`))
  return packed === undefined ? undefined : commitIn(packed.split(' ')[0] ?? '')
}

function commitIn(line: string): string | undefined {
  return /^[0-9a-f]{40,64}$/.test(line) ? line : undefined
}

function packages(folder: string): Readonly<Record<string, string>> {
  const found = upwards(folder, (at) => {
    const own = parse(readSmall(join(at, 'package.json')))
    return own === undefined ? undefined : { at, own }
  })
  if (found === undefined) return {}
  const versions: string[] = []
  const wanted = field(found.own, 'dependencies')
  const names = typeof wanted === 'object' && wanted !== null ? Object.keys(wanted) : []
  for (const name of names.slice(0, packagesMax)) {
    const version = upwards(found.at, (at) => text(field(parse(readSmall(join(at, 'node_modules', name, 'package.json'))), 'version')))
    versions.push(version === undefined ? name : `${name} ${version}`)
  }
  if (names.length > packagesMax) versions.push(`and ${names.length - packagesMax} more`)
  return {
    ...known('app', text([text(field(found.own, 'name')), text(field(found.own, 'version'))].filter((part) => part !== undefined).join(' '))),
    ...known('packages', text(versions.join(', '), eventBounds.textCharsMax)),
  }
}

function parse(json: string | undefined): unknown {
  return json === undefined ? undefined : attempt((): unknown => JSON.parse(json))
}
