import { afterEach, expect, test } from 'vitest'
import { startSmtpServer, type SmtpStandIn } from '../../../core/src/testing/smtp-server.ts'
import { serverWorld, type ServerWorld } from '../testing/server-world.ts'
import { ownerOf, tokenIn } from '../testing/visitor.ts'

let world: ServerWorld | undefined
let mail: SmtpStandIn | undefined
afterEach(async () => {
  await world?.dispose()
  await mail?.close()
})

test('links that open an account lead to the address of the installation, and not where a project says', async () => {
  world = await serverWorld({ project: 'bots' }, { publicUrl: 'https://tocsin.example.com/' })
  const owner = await ownerOf(world)
  expect((await owner.call('PUT', '/api/v1/settings/publicUrl', { body: 'https://elsewhere.example' })).status).toBe(201)
  const asked = await owner.call('POST', '/api/v1/invitations', { body: { email: 'lee@example.com', role: 'viewer' } })
  expect(asked.json).toMatchObject({ sent: false, url: expect.stringMatching(/^https:\/\/tocsin\.example\.com\/join#/) as string })
  expect(world.terminal.join('\n')).toContain('https://tocsin.example.com/welcome#')
  expect((await owner.call('GET', '/api/v1/start')).json).toMatchObject({ url: 'https://tocsin.example.com/', links: true })
})

test('an invitation goes by the mail of the project, its link works, and neither the inviter nor the database has it', async () => {
  mail = await startSmtpServer({ tls: 'none' })
  world = await serverWorld({ project: 'bots', publicUrl: 'https://tocsin.example.com', channels: { ops: { type: 'email', url: mail.url, from: 'Tocsin <noreply@example.com>', allowInsecure: true } } })
  const owner = await ownerOf(world)
  const answer = await owner.call('POST', '/api/v1/invitations', { body: { email: 'Lee@Example.com', role: 'developer' } })
  expect(answer.json).toMatchObject({ sent: true })
  expect(answer.json).not.toHaveProperty('url')
  const [received] = mail.mails
  expect(received?.to).toEqual(['Lee@example.com'])
  const text = received?.parsed.text ?? ''
  expect(text).toContain('https://tocsin.example.com/join#')
  const token = tokenIn(text)
  const joined = await world.call('POST', '/api/v1/join', { body: { token, name: 'Lee', password: 'correct horse battery' } })
  expect(joined.status).toBe(201)
  expect((await world.call('POST', '/api/v1/join', { body: { token, name: 'Lee', password: 'correct horse battery' } })).status).toBe(410)
  expect((await owner.call('GET', '/api/v1/audit?limit=200')).text).not.toContain(token)
  mail.fail({ at: 'recipient', act: { reply: '550 5.1.1 no such user' } })
  const refused = await owner.call('POST', '/api/v1/invitations', { body: { email: 'nobody@example.com', role: 'viewer' } })
  expect(refused.json).toMatchObject({ sent: false })
  expect(tokenIn(refused.text)).not.toBe('')
})
