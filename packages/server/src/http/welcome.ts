import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { nameSchema, passwordSchema, problemOf, tokenSchema, welcomed } from './members.ts'
import type { Routes } from './routes.ts'
import { refuseOtherSites } from './same-origin.ts'
import { logIn } from './session.ts'
import { callerKey, refuseWhileClosed } from './too-many.ts'

const body = z.strictObject({ token: tokenSchema, name: nameSchema, email: z.email().max(254), password: passwordSchema })

/** `POST /api/v1/welcome`: the owner link of the first start, and of `tocsin owner-link`. */
export const welcomeRoutes: Routes = (untyped, { access }) => {
  untyped.withTypeProvider<ZodTypeProvider>().post(
    '/api/v1/welcome',
    { config: { access: 'public' }, schema: { summary: 'Makes an owner and logs in', description: 'With the token of the owner link, which works once and for 30 minutes. Of an account that is there already the password becomes this one.', tags: ['members'], operationId: 'welcome', body, response: { 201: z.strictObject({ id: z.string() }) } } },
    async (request, reply) => {
      const { token, ...applicant } = request.body
      refuseOtherSites(request)
      const from = callerKey(request)
      refuseWhileClosed('links that do not work, from this address', access.limits.linksOfAddress, from)
      const done = await access.accounts.welcome(token, applicant, request.ip)
      if (!done.ok) {
        access.limits.linksOfAddress.count(from)
        throw problemOf(done.why)
      }
      return welcomed(reply, done.value.userId, await logIn(access, request, applicant))
    },
  )
}
