import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { emptyDatabase, type EmptyDatabase } from '../testing/empty-database.ts'
import { serverWorld, type ServerWorld } from '../testing/server-world.ts'
import { invited, ownerOf, tokenIn, type Answer, type Visitor } from '../testing/visitor.ts'

const fresh = 'another horse battery'

describe.each(['sqlite', 'postgres'] as const)('a new password by a link, on %s', (kind) => {
  let world: ServerWorld
  let database: EmptyDatabase | undefined
  let owner: Visitor
  let admin: Visitor
  let lee: Visitor

  beforeAll(async () => {
    database = kind === 'postgres' ? await emptyDatabase() : undefined
    world = await serverWorld({ project: 'bots' }, database === undefined ? {} : { databaseUrl: database.url })
    owner = await ownerOf(world)
    await owner.call('POST', '/api/v1/projects', { body: { name: 'other' } })
    admin = await invited(world, owner, { name: 'Ada', role: 'admin', project: 'bots' })
    lee = await invited(world, owner, { name: 'Lee', role: 'developer', project: 'bots' })
  }, 30_000)
  afterAll(async () => {
    await world.dispose()
    await database?.dispose()
  })

  const idOf = async (name: string): Promise<string> => new RegExp(`"id":"(usr_[^"]+)","name":"${name}"`).exec((await owner.call('GET', '/api/v1/members?project=bots')).text)?.[1] ?? ''
  const linkBy = async (who: Visitor, name: string): Promise<Answer> => who.call('POST', `/api/v1/members/${await idOf(name)}/reset-link?project=bots`, { body: {} })
  const reset = (token: string, password = fresh): Promise<Answer> => world.call('POST', '/api/v1/reset-password', { body: { token, password } })
  const logIn = (email: string, password: string): Promise<Answer> => world.call('POST', '/api/auth/sign-in/email', { body: { email, password } })

  test('an admin makes the link, sessions end, and it sets a password once', async () => {
    const first = tokenIn((await linkBy(admin, 'Lee')).text)
    const made = await linkBy(admin, 'Lee')
    expect(made).toMatchObject({ status: 201, json: { sent: false, url: expect.stringContaining(`${world.url}/reset#`) as string } })
    expect((await lee.call('GET', '/api/v1/me')).status).toBe(401)
    const token = tokenIn(made.text)
    // Of two only the newest works.
    expect((await reset(first)).status).toBe(410)
    expect((await reset(token, 'short')).status).toBe(422)
    const done = await reset(token)
    expect(done.status).toBe(201)
    expect(done.headers.getSetCookie().join()).toContain('tocsin.session_token=')
    expect((await reset(token)).status).toBe(410)
    expect([(await logIn(lee.email, lee.password)).status, (await logIn(lee.email, fresh)).status]).toEqual([401, 200])
    const { text } = await owner.call('GET', '/api/v1/audit?project=bots&action=members')
    expect(text).toContain('members.reset-link')
    expect(text).not.toContain(token)
  })

  test('nobody gets into an account by it that is more than theirs to change', async () => {
    // An owner owns all; and who is in another project too could be more there than here.
    expect((await linkBy(admin, 'Olga')).status).toBe(403)
    await owner.call('POST', '/api/v1/invitations?project=other', { body: { email: lee.email, role: 'admin' } }).then(async ({ text }) => world.call('POST', '/api/v1/join', { body: { token: tokenIn(text), name: 'Lee', password: fresh } }))
    expect(await linkBy(admin, 'Lee')).toMatchObject({ status: 403, text: expect.stringContaining('other projects') as string })
    expect((await linkBy(owner, 'Lee')).status).toBe(201)
    expect((await linkBy(owner, 'Olga')).status).toBe(201)
    expect((await admin.call('POST', '/api/v1/members/usr_nobody/reset-link?project=bots', { body: {} })).status).toBe(404)
  })
})
