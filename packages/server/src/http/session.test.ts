import { afterAll, beforeAll, expect, test } from 'vitest'
import { serverWorld, type ServerWorld } from '../testing/server-world.ts'
import { invited, loggedIn, ownerOf, tokenIn, type Visitor } from '../testing/visitor.ts'

let world: ServerWorld
let owner: Visitor

beforeAll(async () => {
  // Behind a proxy, so that each test can come from an address of its own.
  world = await serverWorld({ project: 'bots' }, { behindProxy: true })
  owner = await ownerOf(world)
})

afterAll(() => world.dispose())

const signIn = (email: string, password: string, from: string, headers: Record<string, string> = {}) => world.call('POST', '/api/auth/sign-in/email', { body: { email, password }, headers: { 'x-forwarded-for': from, ...headers } })

test('the owner link works once, and what was used says what to do', async () => {
  const again = await world.call('POST', '/api/v1/welcome', { body: { token: tokenIn(world.terminal.join('\n')), name: 'Eve', email: 'eve@example.com', password: 'correct horse battery' } })
  expect(again.status).toBe(410)
  expect(again.text).toContain('tocsin owner-link')
  expect(world.notices.join('\n')).not.toContain(tokenIn(world.terminal.join('\n')))
})

test('nobody signs up, nor reaches what better-auth offers beside', async () => {
  for (const path of ['sign-up/email', 'organization/create', 'organization/invite-member', 'update-user', 'list-sessions', 'reset-password']) {
    const { status } = await owner.call('POST', `/api/auth/${path}`, { body: { name: 'x', email: 'x@example.com', password: 'correct horse battery' } })
    expect([path, status]).toEqual([path, 404])
  }
})

test('a session is a cookie that scripts and other sites do not get', async () => {
  const { headers, text } = await signIn(owner.email, owner.password, '192.0.2.1')
  const [line = ''] = headers.getSetCookie()
  expect(line).toMatch(/^__Secure-tocsin\.session_token=/)
  for (const part of ['HttpOnly', 'Secure', 'SameSite=Strict', 'Path=/']) expect(line).toContain(part)
  expect(text).not.toContain('token')
})

test('what is changed in a session needs a page of this server', async () => {
  const body = { name: 'ci', scope: 'read' }
  const make = (headers: Record<string, string>) => world.call('POST', '/api/v1/keys', { body, headers: { cookie: owner.cookie, ...headers } })
  expect((await make({})).status).toBe(403)
  expect((await make({ 'tocsin-request': '1', origin: 'https://evil.example' })).status).toBe(403)
  expect((await make({ 'tocsin-request': '1', 'sec-fetch-site': 'cross-site' })).status).toBe(403)
  expect((await make({ 'tocsin-request': '1', 'sec-fetch-site': 'same-origin', origin: world.url })).status).toBe(201)
  expect((await signIn(owner.email, owner.password, '192.0.2.2', { origin: 'https://evil.example' })).status).toBe(403)
})

test('of a login that failed the address is on record where it is somebody’s, and nothing else that was typed', async () => {
  for (const email of ['my real password', owner.email.toUpperCase()]) expect((await signIn(email, 'wrong wrong wrong', '203.0.113.50')).status).toBe(401)
  const { json, text } = await owner.call('GET', '/api/v1/audit?action=login.fail&limit=2')
  expect(json).toMatchObject({ items: [{ target: owner.email }, { target: 'unknown' }] })
  expect(text).not.toContain('real password')
})

test('whoever guesses a password is kept out, and the owner at home is not', async () => {
  const lee = await invited(world, owner, { name: 'lee', role: 'developer', project: 'bots' })
  for (let guess = 0; guess < 5; guess++) expect((await signIn(lee.email, `wrong password ${guess}`, '198.51.100.7')).status).toBe(401)
  const closed = await signIn(lee.email, lee.password, '198.51.100.7')
  expect(closed.status).toBe(429)
  expect(Number(closed.headers.get('retry-after'))).toBeGreaterThan(800)
  expect((await signIn(lee.email, lee.password, '192.0.2.3')).status).toBe(200)
})

test('keys that do not work are counted by address, and one that has worked there goes on', async () => {
  const { json } = await owner.call('POST', '/api/v1/keys', { body: { name: 'ci', scope: 'read' } })
  const key = typeof json === 'object' && json !== null && 'key' in json ? String(json.key) : ''
  const me = (given: string, from: string) => world.call('GET', '/api/v1/me', { key: given, headers: { 'x-forwarded-for': from } })
  expect((await me(key, '198.51.100.8')).status).toBe(200)
  for (let guess = 0; guess < 30; guess++) expect((await me(`tok_${String(guess).padStart(43, 'x')}`, '198.51.100.8')).status).toBe(401)
  expect((await me(`tok_${'y'.repeat(43)}`, '198.51.100.8')).status).toBe(429)
  expect((await me(key, '198.51.100.8')).status).toBe(200)
  expect((await me(`tok_${'y'.repeat(43)}`, '198.51.100.9')).status).toBe(401)
})

test('who lost their role loses it at once, and who has no project left their session too', async () => {
  const mia = await invited(world, owner, { name: 'mia', role: 'admin', project: 'bots' })
  expect((await mia.call('GET', '/api/v1/keys')).status).toBe(200)
  const [id] = ((await mia.call('GET', '/api/v1/me')).text.match(/usr_[0-9a-f]+/) ?? [])
  expect((await owner.call('PUT', `/api/v1/members/${id}`, { body: { role: 'viewer' } })).status).toBe(200)
  expect((await mia.call('GET', '/api/v1/keys')).status).toBe(403)
  expect((await owner.call('DELETE', `/api/v1/members/${id}`)).status).toBe(204)
  expect((await mia.call('GET', '/api/v1/me')).status).toBe(401)
})

test('an admin makes no owners, and the last owner stays', async () => {
  const ann = await invited(world, owner, { name: 'ann', role: 'admin', project: 'bots' })
  const [ownerId] = ((await owner.call('GET', '/api/v1/me')).text.match(/usr_[0-9a-f]+/) ?? [])
  const [annId] = ((await ann.call('GET', '/api/v1/me')).text.match(/usr_[0-9a-f]+/) ?? [])
  expect((await ann.call('PUT', `/api/v1/members/${annId}`, { body: { role: 'owner' } })).status).toBe(403)
  expect((await ann.call('POST', '/api/v1/invitations', { body: { email: 'eve@example.com', role: 'owner' } })).status).toBe(403)
  expect((await ann.call('DELETE', `/api/v1/members/${ownerId}`)).status).toBe(403)
  expect((await owner.call('DELETE', `/api/v1/members/${ownerId}`)).status).toBe(409)
})

test('keys, invitations and members of another project are not there', async () => {
  await owner.call('POST', '/api/v1/projects', { body: { name: 'walled' } })
  const bo = await invited(world, owner, { name: 'bo', role: 'admin', project: 'bots' })
  const idIn = ({ text }: { readonly text: string }) => /"id":"([^"]+)"/.exec(text)?.[1] ?? ''
  const key = idIn(await owner.call('POST', '/api/v1/keys?project=walled', { body: { name: 'theirs', scope: 'read' } }))
  const everywhere = idIn(await owner.call('POST', '/api/v1/keys?project=walled', { body: { name: 'of all', scope: 'read', allProjects: true } }))
  const invitation = idIn(await owner.call('POST', '/api/v1/invitations?project=walled', { body: { email: 'zoe@example.com', role: 'viewer' } }))
  await invited(world, owner, { name: 'yan', role: 'viewer', project: 'walled' })
  const member = /"id":"(usr_[^"]+)","name":"yan"/.exec((await owner.call('GET', '/api/v1/members?project=walled')).text)?.[1] ?? ''
  for (const path of [`keys/${key}`, `keys/${everywhere}`, `invitations/${invitation}`, `members/${member}`]) {
    const { status } = await bo.call('DELETE', `/api/v1/${path}?project=bots`)
    expect([path, status]).toEqual([path, 404])
  }
  for (const list of ['keys', 'invitations', 'members', 'audit']) {
    const { status, text } = await bo.call('GET', `/api/v1/${list}?limit=200`.replace('invitations?limit=200', 'invitations'))
    expect(status).toBe(200)
    expect(text).not.toMatch(/walled|theirs|of all|zoe|"yan"/)
  }
})

test('another login ends with a changed password, and this one goes on', async () => {
  const kim = await invited(world, owner, { name: 'kim', role: 'viewer', project: 'bots' })
  const elsewhere = await loggedIn(world, kim.email)
  const changed = await kim.call('POST', '/api/auth/change-password', { body: { currentPassword: kim.password, newPassword: 'another horse battery' } })
  expect(changed.status).toBe(204)
  expect((await elsewhere.call('GET', '/api/v1/me')).status).toBe(401)
  expect((await signIn(kim.email, 'another horse battery', '192.0.2.4')).status).toBe(200)
})
