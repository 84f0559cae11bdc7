import type { ConfigInput } from '../model/config.ts'
import { addSilence } from '../routing/silences/begin.ts'
import { callFailed, type EngineWorld } from './engine-world.ts'

/** Calls that fail open one alert, which lasts for three hours. */
export const failingForHours: ConfigInput = {
  rules: { 'model-failed': false, failing: { on: 'llm.call', when: "event.status == 'error'", severity: 'high', quiet: '3h', groupBy: ['agent'] } },
  routes: [{ to: ['dana'], via: ['mail'] }],
}

export function failOnce(world: EngineWorld, id: string): Promise<unknown> {
  return world.engine.accept([callFailed(id, world.clock.nowMs())]).then(() => world.tick())
}

/** As the command does it. */
export function silenceFor(world: EngineWorld, forMs: number, match = 'true'): Promise<number> {
  const nowMs = world.clock.nowMs()
  return world.store.transaction((tx) => addSilence(tx, { project: 'default', match, fromMs: nowMs, untilMs: nowMs + forMs, author: 'lee', comment: 'new version' }))
}
