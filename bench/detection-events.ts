import type { Chance } from '../packages/core/src/model/chance.ts'
import type { ErrorClass, Event } from '../packages/core/src/model/event.ts'

const models = [
  { provider: 'openai', model: 'gpt-4o-mini', nanoUsdPerToken: 240 },
  { provider: 'openai', model: 'gpt-4o', nanoUsdPerToken: 4_000 },
  { provider: 'anthropic', model: 'claude-sonnet-4-5', nanoUsdPerToken: 5_000 },
] as const
const tools = ['search', 'fetch_page', 'read_file', 'write_file', 'run_query', 'send_mail', 'charge_card', 'lookup_order', 'translate', 'summarise'] as const
const agents = ['support-bot', 'billing-bot', 'research-bot', 'triage-bot', 'sales-bot', 'coder'] as const
const failures: readonly ErrorClass[] = ['rate-limit', 'server', 'timeout']
/** A call that fails, of a hundred. */
const failing = 0.01

/** Who acts in a stretch of events. */
export interface Actor {
  readonly sessionId: string
  readonly user: string
}

/** One event after the other, as a fleet of agents makes them; each belongs to one of the actors. */
export class EventSource {
  readonly #chance: Chance
  #number = 0

  constructor(chance: Chance) {
    this.#chance = chance
  }

  /** 70 of 100 are calls of three models, 25 of tools, 5 begin or end a session; one call in a hundred fails. */
  batch(count: number, actors: readonly Actor[], fresh: (number: number) => Actor, nowMs: number): readonly Event[] {
    return Array.from({ length: count }, () => {
      this.#number += 1
      const actor = this.#pick(actors)
      const kind = this.#chance.next()
      const atMs = nowMs - Math.floor(this.#chance.next() * 200)
      if (kind < 0.7) return this.modelCall(actor, atMs)
      if (kind < 0.95) return this.#toolCall(actor, atMs)
      if (kind < 0.975) return { ...this.#about(fresh(this.#number), atMs), type: 'session.start', name: 'answer-ticket', durationMs: 0, status: 'ok', detail: { 'config.model': 'gpt-4o-mini' } }
      const endState = this.#chance.next() < 0.05 ? 'fail' : 'success'
      return { ...this.#about(actor, atMs), type: 'session.end', name: 'answer-ticket', durationMs: 0, status: endState === 'fail' ? 'error' : 'ok', endState, ...(endState === 'fail' && { endReason: 'stopped' }) }
    })
  }

  modelCall(actor: Actor, atMs: number): Event {
    const { provider, model, nanoUsdPerToken } = this.#pick(models)
    const inputTokens = 600 + Math.floor(this.#chance.next() * 3_000)
    const outputTokens = 40 + Math.floor(this.#chance.next() * 400)
    const about = { ...this.#about(actor, atMs), type: 'llm.call', durationMs: 300 + Math.floor(this.#chance.next() * 4_000), name: 'answer' } as const
    if (this.#chance.next() < failing) {
      const errorClass = this.#pick(failures)
      return { ...about, status: 'error', error: { class: errorClass, message: 'The server had an error while processing your request.', statusCode: 500 }, llm: { provider, model, operation: 'chat', costSource: 'unknown' } }
    }
    return {
      ...about,
      status: 'ok',
      llm: {
        provider, model, operation: 'chat', inputTokens, outputTokens, cacheReadTokens: Math.floor(inputTokens / 2), responseId: `chatcmpl-${this.#chance.id()}`, finishReason: 'stop',
        answerChars: outputTokens * 4, costNanoUsd: (inputTokens + 4 * outputTokens) * nanoUsdPerToken, costSource: 'priced',
      },
      excerpt: 'Since the update on Tuesday the export ends after about 2,000 rows with "unexpected end of stream".',
    }
  }

  #toolCall(actor: Actor, atMs: number): Event {
    const isFailed = this.#chance.next() < failing
    return {
      ...this.#about(actor, atMs),
      type: 'tool.call',
      durationMs: 20 + Math.floor(this.#chance.next() * 900),
      status: isFailed ? 'error' : 'ok',
      ...(isFailed && { error: { class: 'other', message: 'no such order' } as const }),
      tool: { name: this.#pick(tools), callId: `call_${this.#chance.id()}`, argumentsHash: this.#chance.id() },
    }
  }

  #about({ sessionId, user }: Actor, atMs: number): Pick<Event, 'id' | 'project' | 'source' | 'atMs' | 'sessionId' | 'user' | 'agent' | 'environment' | 'tags'> {
    // An agent is what it is in all of its session.
    const agent = agents[(sessionId.charCodeAt(2) + sessionId.charCodeAt(3)) % agents.length] ?? agents[0]
    return {
      id: `${this.#chance.id()}${this.#chance.id()}:${this.#chance.id()}:x`, project: 'bench', source: 'observe', atMs, sessionId, user, agent, environment: 'production',
      tags: { team: agent === 'billing-bot' ? 'billing' : 'support', tier: this.#number % 5 === 0 ? 'gold' : 'silver', region: 'eu' },
    }
  }

  #pick<T>(list: readonly T[]): T {
    const one = list[Math.floor(this.#chance.next() * list.length)]
    if (one === undefined) throw new Error('expected something to choose from')
    return one
  }
}
