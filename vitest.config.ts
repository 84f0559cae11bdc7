import { defineConfig } from 'vitest/config'
import { closingLine } from './test/closing-line.ts'

requireNode(22, 13)

export default defineConfig({
  test: {
    environment: 'node',
    include: ['packages/**/src/**/*.test.ts', 'test/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    // Tests start processes, open sockets and kill workers: a process for each file keeps one from hurting the next.
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 20_000,
    hookTimeout: 20_000,
    teardownTimeout: 10_000,
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
