import { afterAll, expect, test } from 'vitest'
import type { Event } from '../../model/event.ts'
import { closeRuleWorlds, ruleWorld, ruleWorldStartMs } from '../../testing/rule-world.ts'

afterAll(closeRuleWorlds)

function answered(id: string, provider: string): Event {
  return { id, source: 'otel', type: 'llm.call', project: 'default', atMs: ruleWorldStartMs, durationMs: 5, tags: {}, status: 'ok', llm: { provider, model: 'gpt-4o-2024-08-06', requestedModel: 'prod-chat', operation: 'chat' } }
}

test('the name of an Azure deployment says nothing about the model behind it; elsewhere another name is another model', async () => {
  const world = ruleWorld({ 'model-fallback': {} })
  await world.accept([answered('a', 'azure'), answered('b', 'openai')], ruleWorldStartMs)
  expect(world.told).toEqual(['12:00:00 opened model-fallback |openai|gpt-4o-2024-08-06'])
})
