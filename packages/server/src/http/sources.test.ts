import fastify from 'fastify'
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod'
import { afterEach, expect, test } from 'vitest'
import { Intake } from '../intake/intake.ts'
import type { ServerParts } from '../parts.ts'
import type { RunningProject } from '../projects/projects.ts'
import { serverWorld } from '../testing/server-world.ts'
import { answerProblem } from './problem.ts'
import { sourceRoutes } from './sources.ts'

let close: (() => Promise<void>) | undefined
afterEach(async () => {
  await close?.()
  close = undefined
})

const body = { alerts: [{ status: 'firing', labels: { alertname: 'DiskFull' }, startsAt: new Date().toISOString() }] }

test('what others tell is sent away with a time to come again when the intake is full, and leaves room when it is done', async () => {
  const intake = new Intake({ requestsMax: 1 })
  const first = intake.enter()
  const taken: unknown[] = []
  const accept = async (events: readonly unknown[]) => {
    taken.push(...events)
    return { accepted: events.length, duplicates: 0, refused: [] }
  }
  // Reason for the casts: a room alone, with what it uses.
  const project = { name: 'bots', engine: { accept }, config: { sources: {} } } as unknown as RunningProject
  const app = fastify()
  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(serializerCompiler)
  app.setErrorHandler(answerProblem)
  app.addHook('onRequest', async (request) => {
    request.project = project
  })
  await sourceRoutes(app, { intake, projects: { get: () => project } } as unknown as ServerParts)
  const url = await app.listen({ port: 0 })
  close = () => app.close()
  const post = (): Promise<Response> => fetch(`${url}/api/v1/sources/alertmanager`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
  const refused = await post()
  expect([refused.status, refused.headers.get('retry-after'), taken, intake.counts.refusedBusy]).toEqual([429, '1', [], 1])
  first?.leave()
  for (let again = 0; again < 3; again += 1) expect((await post()).status).toBe(200)
  expect([taken.length, intake.underWay, intake.counts.events]).toEqual([3, { requests: 0, bytes: 0 }, 3])
})

test('what others tell is counted among the events', async () => {
  const world = await serverWorld()
  close = () => world.dispose()
  expect((await world.call('POST', '/api/v1/sources/alertmanager', { key: world.ingestKey, body })).status).toBe(200)
  const { text } = await world.call('GET', '/metrics', { key: await world.makeKey('read') })
  expect(text).toMatch(/^tocsin_intake_events_total 1$/m)
})
