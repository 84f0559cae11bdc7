import { z } from 'zod'
import type { Routes } from './routes.ts'

const body = z.strictObject({ process: z.string().regex(/^[\w.:%-]{3,200}$/, 'expected HOST:NAME, as the start of its sessions says them in detail.host and detail.process').describe('The process that lives, as HOST:NAME: `detail.host` and `detail.process` of the session.start events that it sends. No other process may have the name, also not later.') })
const response = z.object({ everyMs: z.number().optional().describe('After how many milliseconds it signs again; absent: nobody asks, because the rule session-lost is off') })

/** `POST /api/v1/signs`: a process of an agent lives. One that signed and stops, with a session that has not ended, is told as lost. */
export const signRoutes: Routes = (app) => {
  app.post('/api/v1/signs', { bodyLimit: 4_096, config: { access: 'events:write' }, schema: { body, response: { 200: response }, summary: 'A process of an agent lives', operationId: 'signLife', tags: ['ingest'] } }, async (request) => {
    // Reason for the cast: the schema above was checked.
    const { process } = request.body as z.infer<typeof body>
    const everyMs = await request.project.engine.signFor(process)
    return everyMs === undefined ? {} : { everyMs }
  })
}
