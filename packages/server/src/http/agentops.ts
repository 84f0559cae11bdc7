import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { keyPrincipal } from '../access/principal.ts'
import { Problem } from './problem.ts'
import type { Routes } from './routes.ts'
import { callerKey, refuseWhileClosed } from './too-many.ts'

/** Of what anybody may send. */
const bodyBytesMax = 16 * 1024

const body = z.looseObject({ api_key: z.string().max(200).describe('A key of this server that sends events (`tok_…`)') })

const response = z.object({
  token: z.string().describe('Sends to `/v1/traces`, `/v1/logs` and `/v1/metrics` as `Authorization: Bearer …`, for 30 days and as long as its key works'),
  project_id: z.string().describe('The project that the spans go to'),
  project_prem_status: z.string().describe('Always `pro`: nothing here costs extra'),
})

/** `POST /v3/auth/token`: what AgentOps' own SDKs ask first, so that they can be pointed here. */
export const agentOpsRoutes: Routes = (app: FastifyInstance, { keys, agentOpsTokens, projects, access: { limits } }) => {
  app.post(
    '/v3/auth/token',
    { bodyLimit: bodyBytesMax, config: { access: 'signed' }, schema: { body, response: { 200: response }, summary: 'A token for the SDKs of AgentOps', operationId: 'agentOpsToken', tags: ['ingest'] } },
    async (request) => {
      // Reason for the cast: the schema above was checked.
      const { api_key: given } = request.body as z.infer<typeof body>
      const from = callerKey(request)
      if (!keys.hasWorked(given)) refuseWhileClosed('keys that do not work, from this address', limits.keysOfAddress, from)
      // A token is no key: it would prolong itself for ever.
      const key = given.startsWith('tok_') ? await keys.find(given) : undefined
      if (key === undefined) {
        limits.keysOfAddress.count(from)
        throw new Problem(401, 'bad-key', 'Expected api_key to be a key of this server (tok_…) that works, found another one. `tocsin keys create` makes one.')
      }
      const principal = keyPrincipal(key)
      const theirs = projects.names().filter((name) => principal.may('events:write', name))
      const [project] = theirs
      if (project === undefined) throw new Problem(403, 'forbidden', `The key "${key.name}" does not allow events:write.`)
      if (theirs.length > 1) throw new Problem(400, 'which-project', 'Expected a key of one project, found one of several: these SDKs cannot say which. `tocsin keys create` makes one of one project.')
      return { token: agentOpsTokens.issue(key, project), project_id: project, project_prem_status: 'pro' }
    },
  )
}
