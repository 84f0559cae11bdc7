import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { emptyDatabase, type EmptyDatabase } from '../testing/empty-database.ts'
import { serverWorld, type ServerWorld } from '../testing/server-world.ts'
import { invited, ownerOf, type Answer, type Visitor } from '../testing/visitor.ts'

interface Entry {
  readonly id: number
  readonly action: string
  readonly target: string
  readonly undo?: { readonly path: string }
  readonly noUndo?: { readonly code: string }
}

describe.each(['sqlite', 'postgres'] as const)('taking a change back, on %s', (kind) => {
  let world: ServerWorld
  let database: EmptyDatabase | undefined
  let owner: Visitor
  let developer: Visitor

  beforeAll(async () => {
    database = kind === 'postgres' ? await emptyDatabase() : undefined
    world = await serverWorld({ project: 'bots', channels: { kept: { type: 'inbox' } }, people: { dana: { role: 'admin', email: 'dana@example.com' } } }, database === undefined ? {} : { databaseUrl: database.url })
    owner = await ownerOf(world)
    developer = await invited(world, owner, { name: 'Dev', role: 'developer', project: 'bots' })
  }, 30_000)
  afterAll(async () => {
    await world.dispose()
    await database?.dispose()
  })

  const put = async (path: string, body: unknown, before?: Answer): Promise<Answer> => {
    const answer = await owner.call('PUT', `/api/v1/${path}`, { body, headers: before === undefined ? {} : { 'if-match': before.headers.get('etag') ?? '' } })
    if (answer.status >= 300) throw new Error(answer.text)
    return answer
  }
  const changes = async (action: string): Promise<readonly Entry[]> => ((await owner.call('GET', `/api/v1/audit?action=${action}`)).json as { readonly items: readonly Entry[] }).items
  const last = async (action: string): Promise<Entry> => {
    const [entry] = await changes(action)
    if (entry === undefined) throw new Error(`expected a change ${action}`)
    return entry
  }
  const undo = (entry: Entry, who = owner): Promise<Answer> => who.call('POST', `/api/v1/audit/${entry.id}/undo`, { body: {} })
  const valueOf = async (path: string): Promise<unknown> => ((await owner.call('GET', `/api/v1/${path}`)).json as { readonly value?: unknown }).value

  test('what was made, changed and taken away is as before, and undoing is on record and undone again', async () => {
    const made = await put('budgets/month', { amountUsd: 400 })
    await put('budgets/month', { amountUsd: 500, period: 'month' }, made)
    const update = await last('budgets.update')
    expect(update.undo).toEqual({ method: 'POST', path: `/api/v1/audit/${update.id}/undo` })
    expect((await undo(update)).status).toBe(204)
    expect(await valueOf('budgets/month')).toEqual({ amountUsd: 400 })
    const [again, first] = await changes('budgets.update')
    expect([again?.undo !== undefined, first?.noUndo?.code]).toEqual([true, 'changed'])
    expect((await undo(update)).status).toBe(409)
    if (again !== undefined) await undo(again)
    expect(await valueOf('budgets/month')).toEqual({ amountUsd: 500, period: 'month' })
    const read = await owner.call('GET', '/api/v1/budgets/month')
    await owner.call('DELETE', '/api/v1/budgets/month', { headers: { 'if-match': read.headers.get('etag') ?? '' } })
    expect((await undo(await last('budgets.delete'))).status).toBe(204)
    expect(await valueOf('budgets/month')).toEqual({ amountUsd: 500, period: 'month' })
    expect((await undo(await last('budgets.create'))).status).toBe(204)
    expect((await owner.call('GET', '/api/v1/budgets/month')).status).toBe(404)
  })

  test('what others need, what a role may not change, and what is not all on record stays', async () => {
    await put('teams/crew', ['dana'])
    await put('routes/all', { to: ['team:crew'], via: ['kept'] })
    expect((await undo(await last('teams.create'))).status).toBe(409)
    expect((await owner.call('GET', '/api/v1/teams/crew')).status).toBe(200)
    await put('channels/hook', { type: 'webhook', url: 'https://hooks.example.com/in', secret: `whsec_${Buffer.alloc(32, 7).toString('base64')}` })
    const channel = await last('channels.create')
    expect(channel).toMatchObject({ noUndo: { code: 'secrets' } })
    expect((await undo(channel)).text).toContain('secrets')
    expect((await undo(await last('teams.create'), developer)).status).toBe(403)
    expect((await owner.call('POST', '/api/v1/audit/999999/undo', { body: {} })).status).toBe(404)
    await owner.call('POST', '/api/v1/keys', { body: { name: 'k', scope: 'read' } })
    const key = await last('keys.create')
    expect([key.undo, key.noUndo, (await undo(key)).status]).toEqual([undefined, undefined, 409])
  })

  test('the order of routes, a role and a silence are taken back too', async () => {
    await put('routes/second', { to: ['dana'], via: ['kept'] })
    const list = await owner.call('GET', '/api/v1/routes')
    await owner.call('PUT', '/api/v1/routes/order', { body: { names: ['second', 'all'] }, headers: { 'if-match': list.headers.get('etag') ?? '' } })
    expect((await undo(await last('routes.order'))).status).toBe(204)
    expect((await owner.call('GET', '/api/v1/routes')).json).toMatchObject({ items: [{ name: 'all' }, { name: 'second' }] })

    const id = /"id":"(usr_[^"]+)","name":"Dev"/.exec((await owner.call('GET', '/api/v1/members')).text)?.[1] ?? ''
    await owner.call('PUT', `/api/v1/members/${id}`, { body: { role: 'viewer' } })
    const role = await last('members.update')
    expect([(await undo(role)).status, (await undo(role)).status]).toEqual([204, 409])
    expect((await owner.call('GET', '/api/v1/members')).text).toMatch(/"name":"Dev","email":"[^"]+","role":"developer"|"role":"developer"[^}]*"name":"Dev"/)

    await owner.call('POST', '/api/v1/silences', { body: { match: "alert.agent == 'nobody'", untilMs: Date.now() + 3_600_000, comment: 'x' } })
    const silence = await last('silences.create')
    expect([(await undo(silence)).status, (await undo(silence)).status]).toEqual([204, 409])
    expect((await owner.call('GET', '/api/v1/silences')).json).toEqual({ items: [] })
  })
})
