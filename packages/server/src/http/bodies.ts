import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Admission, Intake } from '../intake/intake.ts'
import { BodyRefused, readBody, type BodyRefusal } from '../intake/read-body.ts'
import { Problem } from './problem.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Of routes that take events: what the request holds of the intake. */
    admission: Admission
  }
}

/** Seconds after which whoever was sent away may come again: a full intake is worked off in less. */
const retryAfterSeconds = 1

const statusOf: Readonly<Record<BodyRefusal, readonly [status: number, code: string]>> = {
  'too-large': [413, 'too-large'],
  'busy': [429, 'busy'],
  'unknown-encoding': [415, 'unknown-encoding'],
  'broken-encoding': [400, 'broken-encoding'],
  'cut-off': [400, 'cut-off'],
}

/**
 * Lets the routes of this room take bodies through the intake: packed ones too, at most 16 MB each, and no more than it has room for.
 *
 * @param types content types, each with what becomes of the bytes
 */
export function takesBodies(app: FastifyInstance, intake: Intake, types: Readonly<Record<string, (bytes: Buffer, request: FastifyRequest) => unknown>>): void {
  app.decorateRequest('admission')
  app.addHook('onRequest', async (request, reply) => {
    const admission = intake.enter()
    if (admission === undefined) throw refused(new BodyRefused('busy', 'too many requests are on their way in; send it again later'))
    request.admission = admission
    reply.raw.once('close', () => admission.leave())
  })
  app.removeAllContentTypeParsers()
  for (const [type, become] of Object.entries(types)) {
    app.addContentTypeParser(type, async (request: FastifyRequest, payload: FastifyRequest['raw']) => {
      const bytes = await readBody(payload, request.headers['content-encoding'], request.admission, intake.bounds.bodyBytesMax).catch((failure: unknown) => {
        throw failure instanceof BodyRefused ? refused(failure) : failure
      })
      return become(bytes, request)
    })
  }

  function refused({ why, message }: BodyRefused): Problem {
    if (why === 'busy') intake.counts.refusedBusy++
    else intake.counts.refusedMalformed++
    const [status, code] = statusOf[why]
    return new Problem(status, code, message, why === 'busy' ? { retryAfterSeconds } : {})
  }
}
