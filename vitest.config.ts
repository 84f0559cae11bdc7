import { join } from 'node:path'
import { defineConfig } from 'vitest/config'
import { closingLine } from './test/closing-line.ts'
import { LongFilesFirst } from './test/long-files-first.ts'

requireNode(22, 13)

// Packages of this house are tested from their sources, unbuilt. Without "import" and "default", which Node adds by itself where they belong:
// here they would hold for `require` too, and hand modules to files that cannot bear them, such as those of pg.
const conditions = ['tocsin-source', 'node', 'module-sync']

// Rooms that touch nothing of their process: its time, its environment and its files are handed to them. Their tests share one, which loads
// what they test once instead of for each file: half the time. What is left out starts processes or measures its own, with what begins with the same words;
// test/tidy/shared-process.ts sees to the others.
const together = [
  'packages/core/src/{model,rules,routing,queue,delivery,locales,reports}/**/*.test.ts',
  'packages/core/src/mapping/!(answer-reader).test.ts',
  'packages/core/src/channels/!(email|email-sink|wording).test.ts',
  'packages/core/src/channels/transport/!(http).test.ts',
]
// Pages wait for a browser more than they work: three at a time keep two processors busy.
const pages = ['test/dashboard/**/*.test.ts']
// Tests that hold somebody to a time: how long a stop takes, how soon an answer comes. Alone on the machine, one after the other, when the rest is done.
const timed = ['test/end-to-end/demo.test.ts', 'packages/server/src/operations/stop.test.ts', 'packages/server/src/http/{stream,bad-slow}.test.ts', 'packages/core/src/stores/postgres/database-clock.test.ts']
const notOurs = ['**/node_modules/**', '**/dist/**']
const dashboardOfTheRun = 'test/dashboard-of-the-run.ts'
const worldOfTheRun = ['test/postgres-of-the-run.ts', dashboardOfTheRun]

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    environment: 'node',
    projects: [
      { extends: true, test: { name: 'together', include: together, exclude: notOurs, isolate: false } },
      {
        extends: true,
        test: {
          name: 'alone',
          include: ['packages/**/src/**/*.test.ts', 'test/**/*.test.ts'],
          exclude: [...notOurs, ...together, ...pages, ...timed],
          globalSetup: worldOfTheRun,
        },
      },
      { extends: true, test: { name: 'pages', include: pages, exclude: notOurs, globalSetup: dashboardOfTheRun, maxWorkers: 3, sequence: { groupOrder: 1 } } },
      { extends: true, test: { name: 'timed', include: timed, exclude: notOurs, globalSetup: worldOfTheRun, maxWorkers: 1, sequence: { groupOrder: 2 } } },
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
