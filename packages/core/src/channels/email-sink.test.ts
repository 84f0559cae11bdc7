import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { connect, createServer, type AddressInfo } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { delimiter, join } from 'node:path'
import { simpleParser } from 'mailparser'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Message } from '../model/channel.ts'
import { systemClock } from '../model/clock.ts'
import { until } from '../testing/receiver.ts'
import { openChannels } from './registry.ts'

/** Postfix's own test server, where Debian's package is installed: a second implementation of SMTP. */
const program = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'].map((folder) => join(folder, 'smtp-sink')).find((file) => existsSync(file))

describe.skipIf(program === undefined)('mail to the smtp-sink of Postfix', () => {
  let folder: string
  let port: number
  let sink: ChildProcess

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tocsin-sink-'))
    port = await freePort()
    sink = spawn(program ?? '', ['-u', userInfo().username, '-d', 'mail.%M.', `127.0.0.1:${port}`, '100'], { cwd: folder, stdio: 'ignore' })
    await until(() => answers(port))
  })

  afterAll(() => {
    sink.kill()
    rmSync(folder, { recursive: true, force: true })
  })

  const message: Message = {
    id: 'tocsin-bots-1-abc', to: 'dana@example.com', news: 'firing', severity: 'critical', subject: '【紧急】会话失败：refund-bot', text: '停在第 7 步。\n.a line with a dot at its start\n', html: '<p>停在第 7 步。</p>', locale: 'zh-CN',
    possiblyRepeated: false, thread: 'tocsin-bots-alert-1-x-y',
  }
  const open = (allowInsecure: boolean) => openChannels({ mail: { type: 'email', url: `smtp://127.0.0.1:${port}`, from: 'Tocsin <noreply@example.com>', allowInsecure } }).get('mail')?.channel
  const tools = { signal: new AbortController().signal, clock: systemClock, inbox: { put: async () => undefined } }

  test('arrives whole where plain SMTP to this machine is allowed', async () => {
    const channel = open(true)
    expect(await channel?.send(message, tools)).toMatchObject({ kind: 'sent' })
    await channel?.close?.()
    const file = await until(() => readdirSync(folder).find((name) => name.startsWith('mail.')))
    const mail = await simpleParser(readFileSync(join(folder, file)))
    expect([mail.subject, mail.messageId, mail.inReplyTo]).toEqual([message.subject, '<tocsin-bots-1-abc@example.com>', '<tocsin-bots-alert-1-x-y@example.com>'])
    expect(mail.text?.trim()).toBe(message.text.trim())
    expect(mail.headers.get('auto-submitted')).toBe('auto-generated')
  })

  test('is not sent in clear where it is not', async () => {
    const before = readdirSync(folder).length
    expect(await open(false)?.send(message, tools)).toMatchObject({ kind: 'bad-config' })
    expect(readdirSync(folder)).toHaveLength(before)
  })
})

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // A listening TCP server has one.
  await new Promise((resolve) => server.close(resolve))
  return port
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('data', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
