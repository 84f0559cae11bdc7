import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'

const door = new URL('../../packages/core/src/index.ts', import.meta.url).href
const house = new URL('../../packages/core/src/', import.meta.url).href

/** All that is loaded by one `import`, as Node resolves it. */
function loadedBy(program: string): readonly string[] {
  const hooks = `import { registerHooks } from 'node:module'
const seen = new Set()
registerHooks({ resolve(specifier, context, next) { const found = next(specifier, context); seen.add(found.url); return found } })
${program}
console.log(JSON.stringify([...seen]))`
  return JSON.parse(execFileSync(process.execPath, ['--input-type=module', '--eval', hooks], { encoding: 'utf8' })) as string[] // What the line before prints.
}

test('importing the package loads none of its dependencies into the agent, and of Node only what is small', () => {
  const loaded = loadedBy(`await import(${JSON.stringify(door)})`)
  expect(loaded).toContain(door)
  const outside = loaded.filter((url) => !url.startsWith(house))
  expect(outside.filter((url) => !['node:path', 'node:fs', 'node:os', 'node:async_hooks', 'node:diagnostics_channel', 'node:worker_threads', 'node:crypto'].includes(url))).toEqual([])
})

test('a running client loads none of them either: they are in the thread of the engine', () => {
  const loaded = loadedBy(`import { mkdtempSync } from 'node:fs'
const { init } = await import(${JSON.stringify(door)})
const tocsin = init({}, { data: mkdtempSync('/tmp/tocsin-import-') })
tocsin.session('work', () => tocsin.tool('search', () => 1))
tocsin.notify({ title: 'hello', severity: 'info' })
await tocsin.flush()
await tocsin.close(0)`)
  expect(loaded.filter((url) => url.includes('node_modules') || url === 'node:sqlite')).toEqual([])
})

test('nor does a client that sends to a server', () => {
  const loaded = loadedBy(`import { mkdtempSync } from 'node:fs'
const { init } = await import(${JSON.stringify(door)})
const tocsin = init({ endpoint: 'https://127.0.0.1:1', apiKey: 'tok_0123456789' }, { data: mkdtempSync('/tmp/tocsin-import-'), onNotice() {} })
tocsin.notify({ title: 'hello', severity: 'info' })
await tocsin.flush()
await tocsin.close(0)`)
  expect(loaded).toContain(door)
  expect(loaded.filter((url) => url.includes('node_modules') || ['node:sqlite', 'node:http', 'node:https', 'node:zlib'].includes(url))).toEqual([])
})
