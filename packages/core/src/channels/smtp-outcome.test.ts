import { afterEach, describe, expect, test } from 'vitest'
import type { SendTools } from '../model/channel.ts'
import { systemClock } from '../model/clock.ts'
import type { Outcome } from '../model/outcome.ts'
import { startSmtpServer, type SmtpStandIn } from '../testing/smtp-server.ts'
import { openChannels } from './registry.ts'

const tools: SendTools = { signal: new AbortController().signal, clock: systemClock, inbox: { put: async () => undefined } }
const running: SmtpStandIn[] = []

afterEach(async () => {
  for (const server of running.splice(0)) await server.close()
})

async function refusedWith(reply: string): Promise<Outcome> {
  const server = await startSmtpServer()
  running.push(server)
  server.fail({ at: 'recipient', act: { reply } })
  const mail = openChannels({ mail: { type: 'email', from: 'noreply@example.com', url: server.url, ca: server.ca } }).get('mail')
  const outcome = await mail?.channel.send({ id: 'ntf_1', to: 'dana@example.com', severity: 'high', subject: 's', text: 't', locale: 'en', possiblyRepeated: false, news: 'firing' }, tools)
  await mail?.channel.close?.()
  return outcome ?? { kind: 'retry', detail: 'not opened' }
}

describe('a recipient that the server refuses', () => {
  test.each([
    ['554 5.7.1 <dana@example.com>: Relay access denied'],
    ['550 5.7.1 Unable to relay'],
    ['550 5.7.60 Client does not have permissions to send as this sender'],
    ['554 5.7.1 <dana@example.com>: Sender address rejected: not owned by user'],
    ['554 5.7.1 Service unavailable; Client host [203.0.113.4] blocked using zen.example.org'],
    ['550 5.7.1 Unauthenticated email from example.com is not accepted due to its DMARC policy'],
    ['550 5.7.26 This mail has been blocked because the sender is unauthenticated'],
    ['550 5.7.606 Access denied, banned sending IP'],
  ])('because it does not send for us is a wrong server, and no bad address: %s', async (reply) => {
    expect(await refusedWith(reply)).toMatchObject({ kind: 'bad-config', code: reply.slice(0, 3) })
  })

  test.each([
    ['550 5.1.1 The email account does not exist'],
    ['550 No such user here'],
    ['554 5.1.2 no such domain, see 5.7.1'],
    ['553 5.1.3 not an address'],
  ])('because nobody is there is a bad address: %s', async (reply) => {
    expect(await refusedWith(reply)).toMatchObject({ kind: 'bad-address' })
  })

  test.each([
    ['550 5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup; authentication required'],
    ['550 5.7.1 RESOLVER.RST.AuthRequired; authentication required'],
    ['550 5.7.129 Restricted recipient'],
    ['550 5.7.2 Mailing list expansion prohibited'],
    ['554 5.7.1 <dana@example.com>: Recipient address rejected: Access denied'],
    ['550 5.7.1 Delivery not authorized, message refused'],
  ])('because it takes no mail from us is judged by itself, and the channel goes on: %s', async (reply) => {
    expect(await refusedWith(reply)).toMatchObject({ kind: 'bad-address' })
  })

  test.each([['450 4.7.1 greylisted'], ['552 5.2.2 mailbox full']])('for now is tried again: %s', async (reply) => {
    expect(await refusedWith(reply)).toMatchObject({ kind: 'retry' })
  })
})
