import fastify from 'fastify'
import { afterEach, expect, test } from 'vitest'
import { Intake } from '../intake/intake.ts'
import { takesBodies } from './bodies.ts'
import { answerProblem } from './problem.ts'

let close: (() => Promise<void>) | undefined
afterEach(async () => {
  await close?.()
  close = undefined
})

test('a full intake sends away with a time to come again, and takes as before when there is room', async () => {
  const intake = new Intake({ requestsMax: 1, bytesMax: 1_000 })
  let letGo: () => void = () => undefined
  const held = new Promise<void>((resolve) => (letGo = resolve))
  const app = fastify()
  app.setErrorHandler(answerProblem)
  takesBodies(app, intake, { 'application/json': (bytes) => bytes })
  app.post('/', async ({ body, admission }) => {
    await admission.turn()
    await held
    return { bytes: Buffer.isBuffer(body) ? body.length : 0 }
  })
  const url = await app.listen({ port: 0 })
  close = () => app.close()
  const post = (text: string): Promise<Response> => fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: text })

  const first = post('x'.repeat(900))
  while (intake.underWay.bytes < 900) await new Promise(setImmediate)
  const second = await post('y')
  expect([second.status, second.headers.get('retry-after'), intake.counts.refusedBusy]).toEqual([429, '1', 1])
  letGo()
  expect(await (await first).json()).toEqual({ bytes: 900 })
  const tooMuch = await post('z'.repeat(1_001))
  expect([tooMuch.status, tooMuch.headers.get('retry-after')]).toEqual([429, '1'])
  expect((await post('y')).status).toBe(200)
  while (intake.underWay.requests > 0) await new Promise(setImmediate)
  expect(intake.underWay).toEqual({ requests: 0, bytes: 0 })
})
