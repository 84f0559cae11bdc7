import { createServer } from 'node:net'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { until } from '../../../core/src/testing/receiver.ts'
import { serverProcess, startProcess, type ServerProcess } from '../testing/server-process.ts'

/** What a person sees who starts the server: real processes. */
let server: ServerProcess | undefined
afterEach(async () => {
  await server?.dispose()
  server = undefined
})

const call = { type: 'llm.call', id: 'one', atMs: Date.now(), agent: 'support', llm: { provider: 'openai', model: 'gpt-5', operation: 'chat', costNanoUsd: 12_000_000, costSource: 'reported' } }

function post({ url, ingestKey }: ServerProcess, event: unknown): Promise<Response> {
  return fetch(`${url}/api/v1/events`, { method: 'POST', headers: { 'authorization': `Bearer ${ingestKey}`, 'content-type': 'application/json' }, body: JSON.stringify({ events: [event] }) })
}

const words = {
  en: { env: { LANG: 'en_US.UTF-8' }, first: [/^Open http:\/\/127\.0\.0\.1:\d+\/welcome#[\w-]{20,}$/, /^ {2}owner link, once, 30 minutes$/, /^Key tok_[\w-]+ sends events only; shown once$/, /^Listening on http:\/\/127\.0\.0\.1:\d+\. No event yet\.$/], event: /^First event \d\d:\d\d:\d\d: llm\.call, support, gpt-5, \$0\.012$/ },
  zh: { env: { LANG: 'zh_CN.UTF-8' }, first: [/^打开 http:\/\/127\.0\.0\.1:\d+\/welcome#[\w-]{20,}$/, /^ {2}所有者链接，限用一次，30 分钟有效$/, /^密钥 tok_[\w-]+ 仅可写入事件，只显示一次$/, /^正在监听 http:\/\/127\.0\.0\.1:\d+，尚无事件。$/], event: /^首个事件 \d\d:\d\d:\d\d：llm\.call，support，gpt-5，\$0\.012$/ },
} as const

for (const [language, { env, first, event }] of Object.entries(words)) {
  test(`the first start says in ${language} where to go, and tells the first event once`, { timeout: 20_000 }, async () => {
    const running = await serverProcess({ env })
    server = running
    const lines = (): readonly string[] => running.stdout().trimEnd().split('\n')
    expect(lines()).toHaveLength(first.length)
    for (const [index, line] of first.entries()) expect(lines()[index]).toMatch(line)
    expect((await post(running, { type: 'nonsense' })).status).toBe(200)
    expect((await post(running, call)).status).toBe(200)
    await until(() => lines().length > first.length)
    await post(running, { ...call, id: 'two' })
    await new Promise((resolve) => setTimeout(resolve, 600))
    expect(lines().slice(first.length)).toEqual([expect.stringMatching(event)])
  })
}

test('a port that is taken, with the one to take', async () => {
  const taken = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => taken.once('listening', resolve))
  // Reason for the cast: it listens on a port and no pipe.
  const { port } = taken.address() as { readonly port: number }
  server = startProcess({ words: ['--port', String(port)] })
  expect(await server.ended).toBe(2)
  expect(server.stderr()).toMatch(new RegExp(`^Port ${port} is taken\\. Run: npm start -- --port ${port + 1}$`, 'm'))
  taken.close()
})

test('a data folder that cannot be written', async ({ skip }) => {
  if (process.getuid?.() !== 0) skip('only root can be somebody else')
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-unwritable-'))
  chmodSync(folder, 0o755)
  server = startProcess({ words: ['--data', join(folder, 'data')], user: 65_534 })
  chmodSync(server.data, 0o755)
  expect(await server.ended).not.toBe(0)
  expect(server.stderr()).toBe(`Cannot write ${join(folder, 'data')}. Run: npm start -- --data DIR\n`)
  rmSync(folder, { recursive: true })
})

test('what is missing in the environment, with its place', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-missing-'))
  writeFileSync(join(folder, 'tocsin.yaml'), 'project: bots\n\nchannels:\n  ops-mail:\n    { type: email, url: "${SMTP_URL}", from: "tocsin@example.com" }\n')
  server = startProcess({ words: ['--config', join(folder, 'tocsin.yaml')] })
  expect(await server.ended).toBe(1)
  expect(server.stderr()).toBe('tocsin.yaml:5 channels.ops-mail.url: SMTP_URL is not set\n')
  rmSync(folder, { recursive: true })
})
