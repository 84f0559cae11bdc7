/**
 * How a file of tests is run.
 *
 * together  one after the other in the same process, which loads what they test once instead of for each file: half the time. Of rooms that touch nothing of
 *           their process: its time, its environment and its files are handed to them. `test/tidy/shared-process.ts` sees to it that none is felt by the next
 * stored    the same over a database, and with servers in the process of the test
 * pages     in a browser, for which they wait more than they work
 * timed     holds somebody to a time, such as how long a stop takes: by itself on the machine, when the rest is done
 * alone     in a process of its own: it starts others, or changes or measures its own
 */
export type KindOfTest = 'together' | 'stored' | 'pages' | 'timed' | 'alone'

/** @param path of a file of tests, from the root, with `/` */
export function kindOfTest(path: string): KindOfTest {
  if (path.startsWith('test/dashboard/')) return 'pages'
  if (timed.has(path)) return 'timed'
  if (loners.has(path)) return 'alone'
  if (/^packages\/(?:core\/src\/stores|server\/src)\//.test(path)) return 'stored'
  return /^packages\/core\/src\/(?:(?:model|rules|routing|queue|delivery|locales|reports|mapping|channels)\/|engine[-.])/.test(path) ? 'together' : 'alone'
}

const timed = new Set([
  'test/end-to-end/demo.test.ts',
  'packages/core/src/stores/postgres/database-clock.test.ts',
  'packages/server/src/http/bad-slow.test.ts',
  'packages/server/src/http/stream.test.ts',
  'packages/server/src/operations/stop.test.ts',
])

/** Of rooms whose tests share a process. */
const loners = new Set([
  'packages/core/src/channels/email-contract.test.ts',
  'packages/core/src/channels/email-sink.test.ts',
  'packages/core/src/channels/email-tls.test.ts',
  'packages/core/src/channels/email.test.ts',
  'packages/core/src/channels/transport/http.test.ts',
  'packages/core/src/channels/wording.test.ts',
  'packages/core/src/engine-escalation-processes.test.ts',
  'packages/core/src/engine-nodes.test.ts',
  'packages/core/src/engine-postgres.test.ts',
  'packages/core/src/mapping/answer-reader.test.ts',
  'packages/core/src/stores/postgres-outage.test.ts',
  'packages/core/src/stores/sqlite-files.test.ts',
  'packages/core/src/stores/sqlite-lists.test.ts',
  'packages/server/src/access/administer.test.ts',
  'packages/server/src/http/bad-store-away.test.ts',
  'packages/server/src/http/entries.test.ts',
  'packages/server/src/operations/deploy.test.ts',
  'packages/server/src/operations/log-lines.test.ts',
  'packages/server/src/overview/spend-today.test.ts',
  'packages/server/src/projects/project-host.test.ts',
  'packages/server/src/start-cost.test.ts',
])
