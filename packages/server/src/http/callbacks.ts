import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { RunningProject } from '../projects/projects.ts'
import { Problem } from './problem.ts'
import type { Routes } from './routes.ts'

const word = z.string().min(1).max(200)
const ofFirst = z.object({ channel: word })
const ofProject = z.object({ project: word, channel: word })
const bodyBytesMax = 2 * 1024 * 1024
const tooEarlySeconds = 5

/**
 * `/callbacks/PROJECT/CHANNEL`, and `/callbacks/CHANNEL` where one project alone has a channel of this name: where providers tell what became of a message, what somebody answered, and which button
 * they pressed. Nothing is believed without the provider's signature, which the channel checks.
 */
export const callbackRoutes: Routes = (app, { projects }) => {
  app.removeAllContentTypeParsers()
  // A signature is over the body as it came.
  app.addContentTypeParser('*', { parseAs: 'string', bodyLimit: bodyBytesMax }, async (_request: unknown, body: string | Buffer) => String(body))
  const answers = { type: 'text/plain', says: 'What the provider expects to hear.' }
  const about = { summary: 'What a provider tells of its messages', tags: ['acting'] }

  app.post('/callbacks/:channel', { config: { access: 'signed', answers }, schema: { params: ofFirst, operationId: 'receiveCallback', ...about } }, async (request, reply) => {
    const { channel } = ofFirst.parse(request.params)
    const having = projects.names().flatMap((name) => projects.get(name) ?? []).filter((one) => Object.hasOwn(one.config.channels, channel))
    // Of several the first would believe, or refuse, what is another's. Their names are not told: nobody has proved anything yet.
    if (having.length > 1) throw new Problem(409, 'which-project', 'Several projects have a channel of this name. Call /callbacks/PROJECT/CHANNEL.')
    return answer(having[0], channel, request, reply)
  })
  app.post('/callbacks/:project/:channel', { config: { access: 'signed', answers }, schema: { params: ofProject, operationId: 'receiveProjectCallback', ...about } }, async (request, reply) => {
    const { project, channel } = ofProject.parse(request.params)
    return answer(projects.get(project), channel, request, reply)
  })
}

async function answer(project: RunningProject | undefined, channel: string, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const body = typeof request.body === 'string' ? request.body : ''
  const received = project === undefined ? 'unknown' : await project.engine.acting.receive(channel, { url: calledUrl(project, request), headers: oneEach(request.headers), body })
  if (received === 'unknown') throw new Problem(404, 'not-found', 'No channel of this name is called back.')
  if (received === 'forged') throw new Problem(403, 'bad-signature', 'Expected the signature of the provider over the address and the body. The address that it calls must begin with publicUrl of the configuration.')
  if (received === 'too-early') throw new Problem(503, 'too-early', 'The message is not settled yet; say it again.', { retryAfterSeconds: tooEarlySeconds })
  // Empty and no XML: Twilio takes it, and answers nobody.
  return reply.status(204).send()
}

/** The address as the provider called it: what stands before us may have changed it on the way. */
function calledUrl({ config: { publicUrl } }: RunningProject, { protocol, host, url }: FastifyRequest): string {
  return publicUrl === undefined ? `${protocol}://${host}${url}` : publicUrl.replace(/\/+$/, '') + url
}

function oneEach(headers: FastifyRequest['headers']): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value[0] : value]))
}
