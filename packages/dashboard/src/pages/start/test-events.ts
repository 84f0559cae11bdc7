import { api } from '../../api/client'

/** Of what is sent from these pages: nobody takes it for an agent of theirs. */
const agent = 'first-steps'
const stepMs = 400

const newSession = (): string => `first-steps-${crypto.randomUUID().slice(0, 8)}`

/** One event that says hello. */
export async function sendTestEvent(): Promise<void> {
  const sessionId = newSession()
  const atMs = Date.now()
  await send([
    { type: 'session.start', source: 'native', sessionId, agent, name: 'hello', id: `${sessionId}:start`, atMs },
    { type: 'session.end', source: 'native', sessionId, agent, name: 'hello', endState: 'success', id: `${sessionId}:end`, atMs: atMs + 1 },
  ])
}

/** A whole session that fails, as an agent of one's own would report it. @returns its id */
export async function breakSomething(): Promise<string> {
  const sessionId = newSession()
  const endMs = Date.now()
  const common = { source: 'native', sessionId, agent }
  await send([
    { ...common, type: 'session.start', name: 'broken on purpose', id: `${sessionId}:start`, atMs: endMs - 3 * stepMs },
    { ...common, type: 'agent.step', name: 'plan', status: 'ok', durationMs: stepMs, id: `${sessionId}:1`, atMs: endMs - 2 * stepMs },
    { ...common, type: 'tool.call', tool: { name: 'warehouse' }, status: 'error', durationMs: stepMs, error: { class: 'server', message: 'The warehouse answered 502: broken on purpose.', statusCode: 502 }, id: `${sessionId}:2`, atMs: endMs - stepMs },
    { ...common, type: 'session.end', name: 'broken on purpose', endState: 'fail', endReason: 'broken on purpose', id: `${sessionId}:end`, atMs: endMs },
  ])
  return sessionId
}

async function send(events: readonly object[]): Promise<void> {
  const { data } = await api.POST('/api/v1/events', { body: { events: [...events] } })
  const refused = data?.refused[0]
  if (refused !== undefined) throw new Error(refused.why)
}
