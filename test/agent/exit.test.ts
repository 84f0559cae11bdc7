import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ConfigInput } from '../../packages/core/src/index.ts'
import { sleep, systemClock } from '../../packages/core/src/model/clock.ts'
import { startSmtpServer, type SmtpStandIn } from '../../packages/core/src/testing/smtp-server.ts'
import { startTwilioServer, type TwilioStandIn } from '../../packages/core/src/testing/twilio-server.ts'
import { newFolder, onRecord, runAgent, startAgent, titles } from './run-agent.ts'

let mail: SmtpStandIn
let sms: TwilioStandIn

beforeAll(async () => {
  mail = await startSmtpServer()
  sms = await startTwilioServer()
})
afterAll(async () => {
  await mail.close()
  await sms.close()
})

/** Whatever is not critical waits for an hour in a batch, so that an exit always leaves something. */
function config(): ConfigInput {
  return {
    channels: {
      mail: { type: 'email', url: mail.url, ca: mail.ca, from: 'Tocsin <noreply@example.com>' },
      sms: { type: 'sms', apiBase: sms.apiBase, ca: sms.ca, accountSid: sms.accountSid, authToken: sms.authToken, from: '+15005550006' },
    },
    people: { dana: { role: 'admin', email: 'dana@example.com', phone: '+8613800000000' } },
    routes: [
      { match: "alert.severity == 'critical'", to: ['dana'], via: ['mail', 'sms'] },
      { match: 'true', to: ['dana'], via: ['mail'] },
    ],
    delivery: { batchMs: 3_600_000 },
  }
}

const rest = /1 notifications wait in \S+; they go out with the next process that uses it, or by: npx tocsin drain --data /
const nothing = /^(?!.*notifications wait)/s
const ends = { fallsOff: [0, rest], exits: [0, nothing], throws: [1, nothing], settlesFirst: [3, rest] } as const

/** On a machine that others use too, what takes a tenth of a second may take seconds. Whoever is done sooner is gone sooner. */
const patient = { exitMs: 10_000 }

for (const scenario of ['fallsOff', 'exits', 'throws', 'settlesFirst'] as const) {
  test(`an agent that ${scenario} has its critical message out before it is gone, and waits for nothing else`, async () => {
    const before = [mail.mails.length, sms.messages.length] as const
    const data = newFolder()
    const { code, stderr, tookMs } = await runAgent({ scenario, data, config: config(), options: patient })
    expect(code).toBe(ends[scenario][0])
    expect(mail.mails.slice(before[0]).map(({ parsed }) => parsed.subject)).toEqual([expect.stringContaining('the till is empty')])
    expect(sms.messages.slice(before[1]).map(({ body }) => body)).toEqual([expect.stringContaining('the till is empty')])
    expect(tookMs).toBeLessThan(patient.exitMs)
    expect(await titles(data)).toContain('the till is empty')
    expect(stderr).toMatch(ends[scenario][1])
  })
}

test('what an exit left behind goes out with `tocsin drain`', async () => {
  const data = newFolder()
  const file = join(data, 'tocsin.yaml')
  const own: ConfigInput = { ...config(), delivery: { batchMs: 3_000 } }
  writeFileSync(file, JSON.stringify(own))
  const { stderr } = await runAgent({ scenario: 'fallsOff', data, config: file, options: patient })
  expect(stderr).toMatch(rest)
  const subjects = (): readonly (string | undefined)[] => mail.mails.map(({ parsed }) => parsed.subject)
  expect(subjects()).not.toContainEqual(expect.stringContaining('all is well'))
  await sleep(systemClock, 3_000)
  const command = spawn(process.execPath, [new URL('../../packages/core/src/commands/main.ts', import.meta.url).pathname, 'drain', '--config', file, '--data', data], { stdio: ['ignore', 'pipe', 'inherit'] })
  let printed = ''
  command.stdout.on('data', (chunk: Buffer) => {
    printed += chunk.toString()
  })
  await once(command, 'close')
  expect(printed).toMatch(/1 done, 0 left/)
  expect(subjects()).toContainEqual(expect.stringContaining('all is well'))
  expect(await onRecord(data, (read) => read.waiting())).toEqual([])
})

test('an agent that starts the client and records nothing is not held open', async () => {
  const idle = await runAgent({ scenario: 'idle', data: newFolder() })
  expect(idle).toMatchObject({ code: 0, stderr: '' })
  // From the end of its own work on: how long it takes to load depends on what else the machine does.
  const [workedMs] = idle.said as [number]
  expect(idle.tookMs - workedMs).toBeLessThan(1_500)
  const ready = await runAgent({ scenario: 'idleReady', data: newFolder() })
  expect(ready).toMatchObject({ code: 0, stderr: 'tocsin: no channel is configured: messages are shown here and kept in the inbox\n' })
  expect(ready.tookMs - idle.tookMs).toBeLessThan(5_000)
})

test('an agent that ends with a wrong configuration before anybody could say so still says it', async () => {
  const { code, stderr } = await runAgent({ scenario: 'exits', data: newFolder(), config: { channels: { nowhere: { type: 'pigeon' } } } })
  expect(code).toBe(0)
  expect(stderr).toMatch(/channels\.nowhere\.type: expected one of .*, found "pigeon"/)
  expect(stderr).toMatch(/1 events could not be committed when the process ended and are lost/)
})

test('a hanging channel holds the exit no longer than it may, and what waits is named', async () => {
  mail.fail({ at: 'greeting', act: 'hang' }, { at: 'greeting', act: 'hang' })
  const data = newFolder()
  const { stderr, tookMs } = await runAgent({ scenario: 'settlesFirst', data, config: config(), options: { exitMs: 1_500 } })
  expect(stderr).toMatch(/notifications wait in/)
  expect(tookMs).toBeLessThan(5_500)
  mail.dropConnections()
})

test('SIGTERM ends the agent at once and loses the hand-over window and no more', async () => {
  const data = newFolder()
  const agent = startAgent({ scenario: 'lives', data, config: { channels: { news: { type: 'inbox' } }, people: { dana: { role: 'admin' } } } })
  while (Number(await agent.next()) < 60) await sleep(systemClock, 0)
  const heard = Number(agent.said.at(-1))
  agent.child.kill('SIGTERM')
  expect(await agent.ended).toMatchObject({ code: null, signal: 'SIGTERM' })
  const kept = (await titles(data)).map((title) => Number(title.split(' ')[1]))
  // 20 ms of recording every 5 ms, and the commit that was under way.
  expect(kept.length).toBeGreaterThan(heard - 40)
  expect(kept).toEqual(kept.map((_, index) => index))
})

test('no signal handler is installed, one listener for the exit however many clients, and none when they are closed', { timeout: 60_000 }, async () => {
  const { said, stderr } = await runAgent({ scenario: 'listeners', data: newFolder(), config: { channels: { news: { type: 'inbox' } }, people: { dana: { role: 'admin' } } } })
  const [counts] = said as [Record<'before' | 'during' | 'crowded' | 'after', Record<string, number>>]
  expect(counts.during).toEqual({ ...counts.before, exit: 1 })
  expect(counts.crowded).toEqual(counts.during)
  expect(counts.after).toEqual(counts.before)
  expect(stderr).not.toMatch(/MaxListeners/)
})

test('what is recorded while the client closes is kept too, and closing twice is closing once', async () => {
  const data = newFolder()
  const { said, stderr } = await runAgent({ scenario: 'recordsWhileClosing', data, config: { channels: { news: { type: 'inbox' } }, people: { dana: { role: 'admin' } } } })
  expect(stderr).toBe('')
  expect(said).toEqual([[{ waiting: expect.any(Number) as number }, { waiting: expect.any(Number) as number }]])
  expect(await titles(data)).toHaveLength(21)
})
