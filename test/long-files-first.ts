import { BaseSequencer, type TestSpecification } from 'vitest/node'

/**
 * What takes longest, longest first. Without a cache of former runs, the usual order is by the size of the file, and the smallest files
 * hold the longest tests: worlds, kills, programs. One that begins last keeps one processor busy while the others have nothing left.
 */
const longest = [
  'test/simulation/',
  'test/dashboard/every-page.test.ts',
  'test/dashboard/trouble.test.ts',
  'test/dashboard/looks.test.ts',
  'test/docs/snippets.test.ts',
  'commands/commands.test.ts',
  // After others have left behind what they compiled: whoever is killed leaves nothing.
  'test/kill/',
  'test/chaos/',
  'test/end-to-end/demo.test.ts',
  'test/dashboard/path.test.ts',
  'test/agent/',
  'packages/core/src/client.test.ts',
  'test/',
  '-contract.test.ts',
  'packages/core/src/engine',
  'packages/core/src/backtest.test.ts',
  'packages/core/src/delivery/templates/',
  'packages/core/src/stores/',
]

/** Places of one kind, those that are named and the rest. */
const kind = longest.length + 1

export class LongFilesFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const usual = await super.sort(files)
    return usual.toSorted((a, b) => placeOf(a) - placeOf(b))
  }
}

/** Those that share a process stand side by side, behind the longest: it ends as soon as the next file wants one of its own. */
function placeOf({ moduleId, project }: TestSpecification): number {
  const found = longest.findIndex((one) => moduleId.includes(`/${one}`) || (one.startsWith('-') && moduleId.endsWith(one)))
  const place = found === -1 ? longest.length : found
  if (!project.config.isolate) return (project.name === 'together' ? 1 : 2) * kind + place
  return found === -1 ? 3 * kind : place
}
