import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { drain } from './drain.ts'
import { showInbox } from './inbox.ts'
import { pause, resume } from './pause.ts'
import { sendByHand } from './send.ts'

let folder: string
let options: { readonly config: string; readonly data: string; readonly by: string; readonly timezone: string }
const quiet = (): void => undefined

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tocsin-pause-'))
  options = { config: join(folder, 'tocsin.yaml'), data: join(folder, 'data'), by: 'ana', timezone: 'Asia/Tokyo' }
  writeFileSync(options.config, 'channels: { inbox: { type: inbox } }\npeople: { ana: { role: admin } }\n')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

async function subjects(): Promise<readonly string[]> {
  const { value } = await showInbox({ data: options.data, limit: '20', locale: 'en', timezone: 'UTC' }, quiet)
  return (value as readonly { readonly subject: string }[]).map(({ subject }) => subject)
}

test('what is said while everything is held arrives after resume, and both say what they did', async () => {
  await sendByHand({ ...options, title: 'before', severity: 'high' }, {}, quiet)
  expect((await pause(options, {}, quiet)).value).toEqual({ project: 'default', held: true, by: 'ana' })
  expect((await pause({ ...options, by: 'bo' }, {}, quiet)).lines.join()).toMatch(/^Held already: by ana since .* GMT\+9\.$/)
  expect((await sendByHand({ ...options, title: 'while held', severity: 'high' }, {}, quiet)).lines.join()).toContain('waiting')
  expect(await subjects()).toEqual([expect.stringContaining('before')])
  expect((await resume(options, {}, quiet)).lines.join()).toMatch(/held by ana since .* GMT\+9\. 1 delivery waits\./)
  expect((await drain({ ...options, seconds: '5' }, {}, quiet)).lines).toEqual(['1 done, 0 left.'])
  expect(await subjects()).toEqual([expect.stringContaining('before'), expect.stringContaining('while held')])
}, 30_000)

test('a name moves nothing in the terminal of another', async () => {
  await sendByHand({ ...options, title: 'first', severity: 'high' }, {}, quiet)
  await pause({ ...options, by: 'a\u001b[2Jna\nHeld by nobody' }, {}, quiet)
  expect((await pause(options, {}, quiet)).lines.join('|')).toMatch(/^Held already: by ana Held by nobody since /)
  expect((await resume(options, {}, quiet)).lines.join('|')).toMatch(/^Going on; it was held by ana Held by nobody since /)
})

test('there is nothing to resume where nothing is held', async () => {
  await sendByHand({ ...options, title: 'before', severity: 'high' }, {}, quiet)
  await expect(resume(options, {}, quiet)).rejects.toThrow('nothing is held')
  await expect(pause({ ...options, timezone: 'Nowhere' }, {}, quiet)).rejects.toThrow('--timezone: expected a time zone')
}, 30_000)

test('what is said to nobody that is known is refused, with whom there is and who is probably meant', async () => {
  writeFileSync(options.config, 'channels: { inbox: { type: inbox } }\npeople: { ana: { role: admin }, bo: { role: viewer } }\nteams: { payments: [ana] }\nrotations: { night: { members: [ana, bo], every: day } }\n')
  const to = (...names: readonly string[]) => sendByHand({ ...options, title: 'x', severity: 'high', to: names }, {}, quiet)
  const known = '; expected ana, bo, team:payments, rotation:night, role:owner, role:admin, role:developer, role:billing, role:viewer'
  await expect(to('ana', 'anna')).rejects.toThrow(`--to: nobody is called "anna" in ${options.config}, did you mean "ana"?${known}`)
  await expect(to('payments')).rejects.toThrow(`nobody is called "payments" in ${options.config}, did you mean "team:payments"?`)
  await expect(to('role:admni')).rejects.toThrow('did you mean "role:admin"?')
  await expect(to('zacharias')).rejects.toThrow(`"zacharias" in ${options.config}${known}`)
  expect((await to('role:admin', 'rotation:night', 'team:payments', 'bo')).ok).toBe(true)
  expect(await subjects()).toHaveLength(1)
}, 30_000)
