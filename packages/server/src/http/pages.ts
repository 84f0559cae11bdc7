import { existsSync } from 'node:fs'
import { join } from 'node:path'
import fastifyStatic, { type SendOptions } from '@fastify/static'
import type { FastifyReply } from 'fastify'
import { z } from 'zod'
import { Problem } from './problem.ts'
import type { Routes } from './routes.ts'

/** Where the dashboard is built to, beside the sources and beside what is published. */
const folder = join(import.meta.dirname, import.meta.dirname.endsWith('http') ? '../../static' : '../static')
/** Addresses of the dashboard: it is one page, which looks at the address itself. */
const places = ['/', '/login', '/welcome', '/join', '/reset', '/p/:project', '/p/:project/*'] as const
/** Files beside the page whose names stay the same. */
const beside = ['favicon.svg', 'first-paint.js', 'push-worker.js'] as const
/** Assets have a hash of what is in them in their name. */
const yearMs = 31_536_000_000

/** The dashboard, as `npm run build` made it: compressed beforehand, and kept by browsers for as long as nothing changes. */
export const pageRoutes: Routes = async (app) => {
  const isBuilt = existsSync(join(folder, 'index.html'))
  if (isBuilt) await app.register(fastifyStatic, { root: folder, serve: false, preCompressed: true })
  const send = (reply: FastifyReply, name: string, options: SendOptions): FastifyReply => {
    if (!isBuilt) throw new Problem(503, 'not-built', 'The pages are not built. Run: npm run build --workspace @tocsin/dashboard, and start the server again.')
    return reply.sendFile(name, folder, options)
  }
  // Asked each time whether they are the same: the page names the files of this version.
  const asked = (reply: FastifyReply, name: string): FastifyReply => send(reply.header('cache-control', 'no-cache'), name, { cacheControl: false })
  const config = { access: 'public', answers: { type: 'text/html', says: 'The page.' } } as const
  const schema = { hide: true }

  for (const place of places) app.get(place, { config, schema }, async (_request, reply) => asked(reply, 'index.html'))
  for (const name of beside) app.get(`/${name}`, { config, schema }, async (_request, reply) => asked(reply, name))
  const params = z.strictObject({ file: z.string().max(200).regex(/^[\w.-]+$/) })
  app.get('/assets/:file', { config, schema: { ...schema, params } }, async (request, reply) => {
    // Reason for the cast: the schema above was checked.
    const { file } = request.params as z.infer<typeof params>
    if (!existsSync(join(folder, 'assets', file))) throw new Problem(404, 'not-found', 'There is no such file. The page was built anew: load it again.')
    return send(reply, `assets/${file}`, { maxAge: yearMs, immutable: true })
  })
}
