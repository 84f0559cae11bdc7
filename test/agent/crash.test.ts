import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { ConfigInput } from '../../packages/core/src/index.ts'
import { newFolder, onRecord, runAgent } from './run-agent.ts'

const plain: ConfigInput = { channels: { news: { type: 'inbox' } }, people: { dana: { role: 'admin' } }, rules: { 'session-started': { on: true } } }

/** A module of somebody else that every thread loads (`node --import`), and that does harm in the engine's, in its first lives. */
function harm(data: string, what: string, lives: number): string {
  const file = join(data, 'harm.mjs')
  writeFileSync(
    file,
    `import { isMainThread } from 'node:worker_threads'
import { appendFileSync, readFileSync } from 'node:fs'
if (!isMainThread) {
  appendFileSync(${JSON.stringify(join(data, 'lives'))}, 'x')
  if (readFileSync(${JSON.stringify(join(data, 'lives'))}).length <= ${lives}) setTimeout(() => { ${what} }, 700)
}`,
  )
  return file
}

const harms = {
  'throws outside of everything': "throw new Error('out of nothing')",
  'ends itself': 'process.exit(7)',
  'uses up its memory': "const all = []; for (;;) all.push(new Array(1_000_000).fill('x'))",
}

for (const [what, code] of Object.entries(harms)) {
  test(`an engine's thread that ${what} is started again, and nothing is lost or counted twice`, { timeout: 60_000 }, async () => {
    const data = newFolder()
    const { code: exitCode, said, stderr } = await runAgent({ scenario: 'recordsThroughCrashes', data, config: plain, count: 100 }, { preload: harm(data, code, 2) })
    expect(stderr).toMatch(/it is started again in 100 ms, and nothing recorded is lost/)
    expect(exitCode).toBe(0)
    expect(said[0]).toBe('fine')
    const events = await onRecord(data, (read) => read.events({ limit: 1_000 }))
    expect(events.map(({ sessionId, type }) => `${sessionId} ${type}`).toSorted()).toEqual(
      Array.from({ length: 100 }, (_, number) => [`number-${number} session.end`, `number-${number} session.start`]).flat().toSorted(),
    )
  })
}

test('an agent that exits while the engine is down starts it once more for its last words', { timeout: 30_000 }, async () => {
  const data = newFolder()
  const { code, stderr } = await runAgent({ scenario: 'crashedAtExit', data, config: plain, options: { exitMs: 5_000 } }, { preload: harm(data, 'process.exit(7)', 1) })
  expect(code).toBe(0)
  expect(stderr).not.toMatch(/are lost/)
  const events = await onRecord(data, (read) => read.events({ limit: 10 }))
  expect(events.map(({ announcement }) => announcement?.title)).toContain('the till is empty')
})

test('a module that calls init() in every thread starts one engine, not one in each', { timeout: 30_000 }, async () => {
  const data = newFolder()
  const file = join(data, 'everywhere.mjs')
  writeFileSync(
    file,
    `import { appendFileSync } from 'node:fs'
import { init } from ${JSON.stringify(new URL('../../packages/core/src/index.ts', import.meta.url).href)}
appendFileSync(${JSON.stringify(join(data, 'threads'))}, 'x')
globalThis.everywhere = init(${JSON.stringify(plain)}, { data: ${JSON.stringify(data)} })`,
  )
  const { code, stderr } = await runAgent({ scenario: 'flush', data, config: plain }, { preload: file })
  expect([code, stderr]).toEqual([null, ''])
  const { length } = await import('node:fs').then(({ readFileSync }) => readFileSync(join(data, 'threads')))
  // The program, the engine of the module and the engine of the program.
  expect(length).toBe(3)
})
