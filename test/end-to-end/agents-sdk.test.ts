import { Agent, OpenAIChatCompletionsModel, run, setTraceProcessors, setTracingDisabled } from '@openai/agents'
import OpenAI from 'openai'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { systemChance } from '../../packages/core/src/model/chance.ts'
import type { EventInput } from '../../packages/core/src/model/event.ts'
import { createTraceProcessor } from '../../packages/core/src/observe/agents-sdk.ts'
import { Observation } from '../../packages/core/src/observe/observation.ts'
import { startModelProvider, type ModelProvider } from '../../packages/core/src/testing/model-provider.ts'
import { hear } from './hear.ts'
import { lines, openWorld, type World } from './world.ts'

const yaml = `
project: support
channels:${lines}
people:
  ana: { role: admin, email: ana@example.com }
rules: { session-started: false, session-ended: false }
routes:
  - { match: "true", to: [ana], via: [mail] }
delivery: { batchMs: 0 }
`

let world: World
let provider: ModelProvider
let events: EventInput[]

beforeAll(async () => {
  world = await openWorld(yaml)
  // Asks for the hand-off that is offered, if one is.
  provider = await startModelProvider({ script: ({ body }) => {
    const [, offered] = /"(transfer_to_\w+)"/.exec(JSON.stringify(body?.['tools'] ?? [])) ?? []
    return offered === undefined ? undefined : { kind: 'ok', text: '', toolCalls: [{ name: offered, arguments: {} }] }
  } })
  setTracingDisabled(false)
})
afterAll(async () => {
  setTraceProcessors([])
  await provider.close()
  await world.close()
})
beforeEach(() => {
  events = []
  const observation = new Observation({ recorder: { record: (event) => void events.push(event) }, clock: world.clock, chance: systemChance })
  setTraceProcessors([createTraceProcessor(observation)])
})

const model = (): OpenAIChatCompletionsModel => new OpenAIChatCompletionsModel(new OpenAI({ baseURL: `${provider.url}/v1`, apiKey: 'sk-test', maxRetries: 0 }), 'gpt-5-mini')

test('a guardrail of the Agents SDK that stops a run is told, and is why the session failed', async () => {
  const guarded = new Agent({
    name: 'Refunds', instructions: 'be brief', model: model(),
    inputGuardrails: [{ name: 'no_homework', execute: async () => Promise.resolve({ tripwireTriggered: true, outputInfo: {} }) }],
  })
  await expect(run(guarded, 'solve 2x = 4')).rejects.toThrow('guardrail')
  const heard = await hear(world, events)
  expect(heard.ana).toEqual([expect.stringContaining('[High] Session failed: '), expect.stringContaining('[Warning] Guardrail tripped: no_homework')])
  expect(heard.text).toContain('Guardrail no_homework stopped it.')
})

test('a run of the Agents SDK that was stopped for its turns says so, with its hand-offs on record', async () => {
  const triage = new Agent({ name: 'Triage', instructions: 'hand over', model: model() })
  const billing = new Agent({ name: 'Billing', instructions: 'hand over', model: model(), handoffs: [triage] })
  triage.handoffs = [billing]
  await expect(run(triage, 'refund?', { maxTurns: 7 })).rejects.toThrow('Max turns')
  expect(events.filter(({ name }) => name === 'handoff').map(({ detail }) => detail)).toEqual([{ from: 'Triage', to: 'Billing' }, { from: 'Billing', to: 'Triage' }])
  const heard = await hear(world, events)
  expect(heard.ana).toEqual([expect.stringContaining('[High] Session failed: Triage, too many steps')])
  expect(heard.text).toContain('It had made as many steps as it may.')
})
