import type { FastifyRequest } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { endSilence, roles, saidIn } from 'tocsin/engine'
import { z } from 'zod'
import { readChange, readChanges, recordChange, type RecordedChange } from '../access/audit.ts'
import { followAccount } from '../own/follow-account.ts'
import type { Item } from '../projects/items.ts'
import { noUndo, undo, undoable, whyNoUndo, type NoUndo } from '../projects/undo.ts'
import { changedBy } from './by.ts'
import { byOf } from './entries.ts'
import { languageOf } from './language.ts'
import { numberPlace, pageOf, pageQuery, placeOf } from './lists/asking.ts'
import { problemOf } from './members.ts'
import { pageAnswer } from './page-answer.ts'
import { Problem } from './problem.ts'
import type { Routes } from './routes.ts'

// Reason for the cast: these are its keys.
const noUndoWords = Object.keys(noUndo) as [NoUndo, ...NoUndo[]]

const entryShape = z
  .strictObject({
    id: z.number(),
    atMs: z.number(),
    project: z.string().optional().meta({ description: 'Absent: it belongs to the whole installation.' }),
    actor: z.string().meta({ description: '`user:ID`, `key:ID`, `command:NAME`, `installation` or `nobody`.' }),
    actorName: z.string(),
    action: z.string(),
    target: z.string(),
    before: z.unknown().optional(),
    after: z.unknown().optional(),
    address: z.string().optional(),
    undo: z.strictObject({ method: z.literal('POST'), path: z.string() }).optional().meta({ description: 'How it is taken back: it can be, and you may. Absent with `noUndo`: why not; without: there is nothing to take back.' }),
    noUndo: z.strictObject({ code: z.enum(noUndoWords), why: z.string() }).optional(),
  })
  .meta({ id: 'AuditEntry' })

const querystring = z.strictObject({
  project: pageQuery.project,
  cursor: pageQuery.cursor,
  limit: pageQuery.limit,
  actor: z.string().max(200).optional(),
  action: z.string().regex(/^[\w.-]{1,100}$/).optional().meta({ description: 'Such as channels.update, or channels for all about them.' }),
})

const roleChange = z.object({ role: z.enum(roles) })

/** Who changed what, newest first, and taking a change back. Owners see what belongs to no project too: logins, projects, keys of all. */
export const auditRoutes: Routes = (untyped, { database: { db }, configuration, projects, store, clock, access: { accounts } }) => {
  const app = untyped.withTypeProvider<ZodTypeProvider>()
  const tags = ['audit']

  app.get('/api/v1/audit', { config: { access: 'audit:read' }, schema: { summary: 'Lists changes, newest first', tags, operationId: 'listAudit', querystring, response: { 200: pageOf(entryShape) } } }, async (request) => {
    const { query: { cursor, limit, actor, action }, project, principal } = request
    const before = placeOf(numberPlace, cursor)
    const found = await readChanges(db, { project: project.name, withInstallation: principal.isEverywhere, limit: limit + 1, ...(before !== undefined && { before }), ...(actor !== undefined && { actor }), ...(action !== undefined && { action }) })
    const kept = found.slice(0, limit)
    const lists = new Map<string, Promise<readonly Item[]>>()
    const items = await Promise.all(kept.map(async (change) => ({ ...change, ...(await undoOf(request, change, lists)) })))
    return pageAnswer(items, found.length > limit ? kept.at(-1)?.id : undefined)
  })

  app.post('/api/v1/audit/:id/undo', { config: { access: 'audit:read' }, schema: { summary: 'Takes a change back', description: 'Puts back what was there before, if nothing was changed since; that is a change of its own, on record and checked like any other. Needs what the change itself needs.', tags, operationId: 'undoChange', params: z.strictObject({ id: z.string().regex(/^\d{1,15}$/, 'expected the number of a change') }), response: { 204: z.null() } } }, async (request, reply) => {
    const { project, params: { id } } = request
    const change = await readChange(db, project.name, Number(id))
    if (change === undefined) throw new Problem(404, 'not-found', `There is no change ${id} on record in project ${project.name}.`)
    await takeBack(request, change)
    return reply.status(204).send(null)
  })

  async function undoOf(request: FastifyRequest, change: RecordedChange, lists: Map<string, Promise<readonly Item[]>>): Promise<Pick<z.infer<typeof entryShape>, 'undo' | 'noUndo'>> {
    const { principal, project } = request
    const path = { undo: { method: 'POST' as const, path: `/api/v1/audit/${change.id}/undo` } }
    if (change.project !== project.name) return {}
    if (change.action === 'members.update') return principal.may('members:write', project.name) ? path : {}
    if (change.action === 'silences.create') return principal.may('silences:write', project.name) ? path : {}
    const what = undoable(change)
    if (what === undefined || !principal.may(what.kind.write, project.name)) return {}
    const items = lists.get(what.kind.name) ?? configuration.list(project.name, what.kind).then((list) => list.items)
    lists.set(what.kind.name, items)
    const code = whyNoUndo(change, what, await items)
    return code === undefined ? path : { noUndo: { code, why: saidIn(noUndo[code], languageOf(request)) } }
  }

  async function takeBack(request: FastifyRequest, change: RecordedChange): Promise<void> {
    const { principal, project } = request
    const needs = (operation: Parameters<typeof principal.may>[0]): void => {
      if (!principal.may(operation, project.name)) throw new Problem(403, 'forbidden', `You may not take this back: it needs ${operation}.`)
    }
    const what = undoable(change)
    if (change.action === 'members.update') {
      needs('members:write')
      const [was, became] = [roleChange.safeParse(change.before).data?.role, roleChange.safeParse(change.after).data?.role]
      if (was === undefined || (await accounts.member(project.name, change.target))?.role !== became) throw new Problem(409, 'changed', noUndo.changed.en)
      const done = await accounts.setRole({ project: project.name, userId: change.target, role: was, byOwner: principal.isEverywhere }, changedBy(request))
      if (!done.ok) throw problemOf(done.why)
      await followAccount({ configuration, accounts, projects }, done.value, byOf(request))
    } else if (change.action === 'silences.create') {
      needs('silences:write')
      const id = Number(/^silence#(\d{1,15})$/.exec(change.target)?.[1])
      if (!(await store.transaction((tx) => endSilence(tx, project.name, id, clock.nowMs()), { project: project.name }))) throw new Problem(409, 'changed', 'The silence is over already.')
      await recordChange({ db, clock }, { project: project.name, principal, action: 'silences.end', target: change.target, address: request.ip })
    } else if (what === undefined) throw new Problem(409, 'no-undo', 'There is nothing that could be taken back.')
    else {
      needs(what.kind.write)
      await undo(configuration, project.name, change, what, byOf(request))
    }
  }
}
