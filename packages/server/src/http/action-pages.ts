import type { FastifyReply } from 'fastify'
import { z } from 'zod'
import { linkActions, type Engine, type LinkAction } from 'tocsin/engine'
import { actionPageHtml, actionPagePolicy, sentenceHtml } from '../inbound/action-page-html.ts'
import type { ServerParts } from '../parts.ts'
import type { Routes } from './routes.ts'

const params = z.object({ token: z.string().max(100) })
const query = z.object({ do: z.string().max(40).optional().catch(undefined) })

type Answer = Awaited<ReturnType<Engine['acting']['readLink']>>

const statuses = { forged: 404, expired: 410, used: 410, gone: 410, forbidden: 403 } as const

/** `/a/TOKEN`: what the link of a message leads to. Opening it changes nothing, because machines that read mail open every link; the button does. */
export const actionPageRoutes: Routes = (app, parts) => {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string', bodyLimit: 1_024 }, async (_request: unknown, body: string | Buffer) => Object.fromEntries(new URLSearchParams(String(body))))

  app.get('/a/:token', { config: { access: 'signed', answers: { type: 'text/html', says: 'The page.' } }, schema: { params, querystring: query, summary: 'The page behind the link of a message', operationId: 'readActionLink', tags: ['acting'] } }, async (request, reply) => {
    const { token } = params.parse(request.params)
    const page = await first(parts, (engine) => engine.acting.readLink(token))
    if (page === undefined || 'refused' in page) return refused(reply, page)
    return html(reply, 200, actionPageHtml(page, query.parse(request.query).do))
  })

  app.post('/a/:token', { config: { access: 'signed', answers: { type: 'text/html', says: 'The page, with what was done.' } }, schema: { params, summary: 'What a button of that page does', operationId: 'useActionLink', tags: ['acting'] } }, async (request, reply) => {
    const { token } = params.parse(request.params)
    const given: unknown = typeof request.body === 'object' && request.body !== null ? Reflect.get(request.body, 'action') : undefined
    const action: LinkAction | undefined = linkActions.find((known) => known === given)
    if (action === undefined) return html(reply, 422, sentenceHtml('en', `Expected action=${linkActions.join(' | ')}.`))
    const used = await first(parts, (engine) => engine.acting.useLink(token, action))
    if (used === undefined || 'refused' in used) return refused(reply, used)
    return html(reply, 200, sentenceHtml(used.locale, used.text))
  })
}

/** Tokens are of the installation, messages of a project: the one that has the message answers. */
async function first<T extends object>({ projects }: Pick<ServerParts, 'projects'>, ask: (engine: Engine) => Promise<T>): Promise<T | undefined> {
  let answer: T | undefined
  for (const name of projects.names()) {
    const engine = projects.get(name)?.engine
    if (engine === undefined) continue
    answer = await ask(engine)
    if (!('refused' in answer) || answer.refused !== 'gone') return answer
  }
  return answer
}

function refused(reply: FastifyReply, answer: Extract<Answer, { refused: unknown }> | undefined): FastifyReply {
  return answer === undefined ? html(reply, 410, sentenceHtml('en', 'Nothing is served here any more.')) : html(reply, statuses[answer.refused], sentenceHtml(answer.locale, answer.text))
}

function html(reply: FastifyReply, status: number, text: string): FastifyReply {
  return reply
    .status(status)
    .headers({ 'content-type': 'text/html; charset=utf-8', 'content-security-policy': actionPagePolicy, 'referrer-policy': 'no-referrer', 'cache-control': 'no-store', 'x-robots-tag': 'noindex, nofollow', 'x-content-type-options': 'nosniff' })
    .send(text)
}
