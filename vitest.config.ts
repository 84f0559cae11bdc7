import { globSync } from 'node:fs'
import { join, sep } from 'node:path'
import { defineConfig, type ViteUserConfig } from 'vitest/config'
import { closingLine } from './test/closing-line.ts'
import { kindOfTest, type KindOfTest } from './test/kinds-of-tests.ts'
import { LongFilesFirst } from './test/long-files-first.ts'

requireNode(22, 13)

// Packages of this house are tested from their sources, unbuilt. Without "import" and "default", which Node adds by itself where they belong:
// here they would hold for `require` too, and hand modules to files that cannot bear them, such as those of pg.
const conditions = ['tocsin-source', 'node', 'module-sync']

const tests = Map.groupBy(globSync('{packages/*/src,test}/**/*.test.ts', { cwd: import.meta.dirname, exclude: ['**/node_modules/**'] }).map((path) => path.split(sep).join('/')), kindOfTest)
const project = (name: KindOfTest, more: ViteUserConfig['test']) => ({ extends: true as const, test: { name, include: tests.get(name) ?? [], ...more } })
const dashboardOfTheRun = 'test/dashboard-of-the-run.ts'
const worldOfTheRun = ['test/postgres-of-the-run.ts', dashboardOfTheRun]

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    environment: 'node',
    projects: [
      project('together', { isolate: false }),
      project('stored', { isolate: false, globalSetup: worldOfTheRun }),
      project('alone', { globalSetup: worldOfTheRun }),
      project('pages', { globalSetup: dashboardOfTheRun, maxWorkers: 3, sequence: { groupOrder: 1 } }),
      project('timed', { globalSetup: worldOfTheRun, maxWorkers: 1, sequence: { groupOrder: 2 } }),
    ],
    // Tests start processes, open sockets and kill workers: a process for each file keeps one from hurting the next.
    pool: 'forks',
    maxWorkers: 2,
    sequence: { sequencer: LongFilesFirst },
    env: {
      // Messages of the product go to the console there; tests look at what is sent.
      CI: '',
      // Hundreds of processes load the same source: compiled once, each takes half as long to start.
      NODE_COMPILE_CACHE: join(import.meta.dirname, 'node_modules/.cache/compiled'),
    },
    testTimeout: 20_000,
    hookTimeout: 20_000,
    teardownTimeout: 10_000,
    // What is waited for may take its time on a busy machine; what is there is seen at once.
    expect: { poll: { timeout: 10_000 } },
    // A test that passes at the second try hides a race.
    retry: 0,
    reporters: ['default', closingLine],
  },
})

/** The tests need what the product needs; `npm test` brings Node 24 along, a bare `vitest` uses what the machine has. */
function requireNode(major: number, minor: number): void {
  const [haveMajor = 0, haveMinor = 0] = process.versions.node.split('.').map(Number)
  if (haveMajor > major || (haveMajor === major && haveMinor >= minor)) return
  throw new Error(`The tests need Node ${major}.${minor} or newer, found ${process.versions.node}. Run them as "npm test": that uses the Node that npm ci installed.`)
}
