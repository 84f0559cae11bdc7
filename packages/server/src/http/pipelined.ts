import type { FastifyInstance } from 'fastify'
import { Problem } from './problem.ts'

/** Requests of one connection that are under way at a time. Hardly a client sends a second before it has the answer to the first. */
const pipelinedMax = 16

/**
 * Refuses what a connection asks beyond its share before it has read its answers: answers wait in memory for whoever does not read them,
 * and a packet of a few kilobytes asks for hundreds.
 */
export function boundsPipelines(app: FastifyInstance): void {
  const underWay = new WeakMap<object, number>()
  app.addHook('onRequest', async ({ raw: { socket } }, reply) => {
    const count = (underWay.get(socket) ?? 0) + 1
    underWay.set(socket, count)
    reply.raw.once('close', () => underWay.set(socket, (underWay.get(socket) ?? 1) - 1))
    if (count > pipelinedMax) throw new Problem(429, 'too-many', `Expected at most ${pipelinedMax} requests of one connection at a time. Read the answers first.`, { retryAfterSeconds: 1 })
  })
}
