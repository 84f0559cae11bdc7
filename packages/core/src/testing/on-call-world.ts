import type { ConfigInput } from '../model/config.ts'
import { callFailed, type EngineWorld } from './engine-world.ts'
import type { Receiver } from './receiver.ts'

/** People who are asked one after the other. */
export const onCallPeople = {
  dana: { role: 'admin', email: 'dana@example.com' },
  lee: { role: 'developer', email: 'lee@example.com' },
  max: { role: 'owner', email: 'max@example.com' },
} satisfies ConfigInput['people']

/** Fires for a day after the last failed call. */
export const failingFor = (severity: 'info' | 'warning' | 'high' | 'critical' = 'high'): ConfigInput['rules'] => ({ 'model-failed': false, failing: { on: 'llm.call', when: "event.status == 'error'", severity, quiet: '24h', groupBy: ['agent'] } })

type Route = NonNullable<ConfigInput['routes']>[number]
type Steps = NonNullable<Route['escalate']>

export const onCallSteps: Steps = [{ after: '5m', to: ['lee'] }, { after: '10m', to: ['max'] }]

export const onCallRoutes = (escalate: Steps = onCallSteps, more: Partial<Route> = {}): Route[] => [{ name: 'on-call', to: ['dana'], via: ['mail'], escalate, ...more }]

/** Whom the messages went to, in order. */
export const who = (mail: Receiver): readonly string[] => mail.messages.map(({ to }) => to.replace('@example.com', ''))

export async function fail(world: EngineWorld, id = 'one'): Promise<void> {
  await world.engine.accept([callFailed(id, world.clock.nowMs())])
  await world.tick()
}

export async function acknowledge(world: EngineWorld, id = 1): Promise<void> {
  const atMs = world.clock.nowMs()
  await world.store.transaction((tx) => tx.updateAlerts([{ id, addCount: 0, updatedAtMs: atMs, state: 'acknowledged', taken: { by: 'dana', atMs } }]))
}
