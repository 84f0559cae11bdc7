import type { ErrorClass, EventInput } from '../../packages/core/src/model/event.ts'
import type { Severity } from '../../packages/core/src/model/severity.ts'
import type { Dice } from './dice.ts'
import { plantedSecret } from './secrets.ts'

/** One event of the world before it has happened: its time is stamped then. */
export interface PlannedEvent {
  readonly id: string
  /** Without id and time. */
  readonly input: Omit<EventInput, 'id' | 'atMs'>
  /** Elapsed time at which it happens. */
  readonly happensMs: number
  /** How much later its source hands it over; different lags bring events out of order. */
  readonly lagMs: number
  /** How long after that it is handed over once more, although it was acknowledged. */
  readonly againMs?: number
  /** The product must refuse it. */
  readonly isWrong: boolean
  /** The same call seen by two sources has one key. */
  readonly call?: { readonly key: string; readonly costNanoUsd: number | undefined }
}

export interface PlannedEvents {
  readonly events: readonly PlannedEvent[]
  readonly secrets: readonly string[]
}

/** Nano-dollars of a token of `sim-large`, as in the worlds' `prices`. */
const inputTokenNanoUsd = 3_000
const outputTokenNanoUsd = 15_000

/**
 * Sessions with calls that work, fail and repeat themselves, announcements, bursts, and events that are wrong.
 *
 * @param outage where given, a provider is down for a while as well
 */
export function drawEvents(dice: Dice, activeMs: number, outage?: Dice): PlannedEvents {
  const script = new Script(dice, activeMs)
  for (let session = 0, count = dice.between(3, 7); session < count; session += 1) script.session(session)
  for (let left = dice.between(2, 6); left > 0; left -= 1) script.announcement(dice.between(0, activeMs))
  for (let left = dice.between(0, 2); left > 0; left -= 1) script.burst(dice.between(0, activeMs))
  for (let left = dice.between(1, 3); left > 0; left -= 1) script.wrong(dice.between(0, activeMs))
  const more = outage === undefined ? undefined : new Script(outage, activeMs, script.events.length)
  more?.outage()
  return { events: [...script.events, ...(more?.events ?? [])], secrets: [...script.secrets, ...(more?.secrets ?? [])] }
}

const agents = ['support', 'refunds', 'research']
const failures: readonly (readonly [ErrorClass, number])[] = [['rate-limit', 429], ['auth', 401], ['server', 500], ['quota', 429], ['timeout', 408], ['cancelled', 499]]

class Script {
  readonly events: PlannedEvent[] = []
  readonly secrets = new Set<string>()
  readonly #dice: Dice
  readonly #activeMs: number
  /** Number of the first event. */
  readonly #from: number

  constructor(dice: Dice, activeMs: number, from = 0) {
    this.#dice = dice
    this.#activeMs = activeMs
    this.#from = from
  }

  session(number: number): void {
    const dice = this.#dice
    const sessionId = `session-${number}`
    const agent = dice.one(agents)
    const startMs = dice.between(0, Math.floor(this.#activeMs / 2))
    const endMs = dice.between(startMs + 1_000, this.#activeMs)
    const about = { sessionId, agent, source: 'client' } as const
    this.#add({ ...about, type: 'session.start', name: this.#said('answer ticket'), detail: { node: 'v24', OPENAI_API_KEY: this.#said('none') } }, startMs)
    for (let left = dice.between(1, 7); left > 0; left -= 1) {
      const atMs = dice.between(startMs, endMs)
      if (dice.hits(0.7)) this.call(atMs, about)
      else this.tool(atMs, about)
    }
    const endState = dice.one(['success', 'fail', 'fail', 'indeterminate'] as const)
    if (dice.hits(0.9)) this.#add({ ...about, type: 'session.end', endState, ...(endState === 'fail' && { endReason: this.#said('gave up') }) }, endMs)
  }

  call(atMs: number, about: Pick<EventInput, 'sessionId' | 'agent' | 'source'>): void {
    const dice = this.#dice
    const isFailed = dice.hits(0.3)
    const [errorClass, statusCode] = dice.one(failures)
    const inputTokens = dice.between(10, 20_000)
    const outputTokens = dice.between(1, 2_000)
    const isReported = dice.hits(0.4)
    const costNanoUsd = isFailed ? undefined : isReported ? dice.between(1, 400_000_000) : inputTokens * inputTokenNanoUsd + outputTokens * outputTokenNanoUsd
    const key = `resp-${this.events.length}`
    const input: PlannedEvent['input'] = {
      ...about,
      type: 'llm.call',
      durationMs: dice.between(50, 5_000),
      tags: { team: 'sim', ...(dice.hits(0.3) && { password: this.#said('unset') }) },
      llm: {
        provider: 'openai',
        model: 'sim-large',
        operation: 'chat',
        ...(!isFailed && { responseId: key, inputTokens, outputTokens, ...(isReported && { costNanoUsd, costSource: 'reported' as const }) }),
      },
      ...(isFailed && { status: 'error' as const, error: { class: errorClass, statusCode, message: this.#said(`the provider answered ${statusCode}`) } }),
      ...(dice.hits(0.2) && { excerpt: this.#said('the user asked for a refund') }),
    }
    this.#add(input, atMs, { key, costNanoUsd })
    // Another instrumentation saw the same call.
    if (isFailed || !dice.hits(0.25)) return
    const first = this.events.at(-1)
    const { sessionId: _unknown, ...nameless } = input
    // Every third of those was seen first, or last, by one that knows nothing of the session.
    if (this.events.length % 3 === 0 && first !== undefined) this.events[this.events.length - 1] = { ...first, input: nameless }
    this.#add({ ...input, source: 'otel' }, atMs, { key, costNanoUsd })
  }

  tool(atMs: number, about: Pick<EventInput, 'sessionId' | 'agent' | 'source'>): void {
    const isFailed = this.#dice.hits(0.4)
    this.#add(
      {
        ...about,
        type: 'tool.call',
        durationMs: this.#dice.between(1, 500),
        tool: { name: this.#dice.one(['search', 'refund', this.#said('shell')]) },
        ...(isFailed && { status: 'error' as const, error: { class: 'other' as const, message: this.#said('tool broke') } }),
      },
      atMs,
    )
  }

  announcement(atMs: number, severity?: Severity): void {
    const dice = this.#dice
    const to = dice.hits(0.3) ? { to: dice.one([['dana'], ['pat', 'lee'], ['role:billing'], ['nobody']]) } : {}
    const direct = dice.hits(0.15) ? { direct: { channel: 'mail', address: dice.one(['guest@example.com', 'lee@example.com']) } } : {}
    this.#add(
      {
        type: 'custom',
        source: 'client',
        agent: dice.one(agents),
        tags: { kind: dice.one(['session', 'model', 'cost', 'system']) },
        announcement: { title: this.#said('please look'), body: this.#said('something is odd'), severity: severity ?? dice.one(['critical', 'high', 'warning', 'info']), ...to, ...direct },
      },
      atMs,
    )
  }

  /** Many at once, so that lanes are full and rates are reached, with something critical among or after them. */
  burst(atMs: number): void {
    for (let left = this.#dice.between(5, 25); left > 0; left -= 1) {
      this.announcement(atMs + this.#dice.between(0, 300), this.#dice.one(['high', 'warning', 'warning', 'info']))
    }
    for (let left = this.#dice.between(1, 4); left > 0; left -= 1) this.announcement(atMs + this.#dice.between(0, 2_000), 'critical')
  }

  /** Calls of many sessions to one provider fail in the ways of one that is down; some of the sessions fail of it, some go on. Later it works again. */
  outage(): void {
    const dice = this.#dice
    const downMs = dice.between(0, Math.floor(this.#activeMs / 2))
    const llm = { provider: 'anthropic', model: 'sim-other', operation: 'chat' } as const
    for (let number = 0, count = dice.between(4, 30); number < count; number += 1) {
      const about = { sessionId: `down-${number}`, agent: dice.one(agents), source: 'client' } as const
      const atMs = downMs + dice.between(0, 50_000)
      const [errorClass, statusCode] = dice.one([['server', 529], ['timeout', 408], ['network', 0]] as const)
      const isFailed = dice.hits(0.8)
      this.#add({ ...about, type: 'llm.call', durationMs: 100, llm, ...(isFailed && { status: 'error' as const, error: { class: errorClass, statusCode, message: this.#said('overloaded') } }) }, atMs)
      if (dice.hits(0.8)) this.#add({ ...about, type: 'session.end', endState: isFailed ? 'fail' : 'success' }, atMs + dice.between(0, 20_000))
    }
    for (let number = dice.between(0, 12); number > 0; number -= 1) this.#add({ source: 'client', agent: dice.one(agents), type: 'llm.call', durationMs: 100, llm }, downMs + 60_000 + dice.between(0, 60_000))
  }

  wrong(atMs: number): void {
    const input = this.#dice.one([
      { type: 'llm.call', source: 'client' },
      { type: 'session.start', source: 'client' },
      { type: 'made.up' as 'custom', source: 'client' }, // what comes over a network need not be of its type
    ] as const)
    this.#add(input, atMs, undefined, true)
  }

  #add(input: PlannedEvent['input'], happensMs: number, call?: PlannedEvent['call'], isWrong = false): void {
    const dice = this.#dice
    this.events.push({
      id: `event-${this.#from + this.events.length}`,
      input,
      happensMs,
      lagMs: dice.hits(0.3) ? dice.between(0, 20_000) : dice.between(0, 50),
      isWrong,
      ...(call !== undefined && { call }),
      ...(dice.hits(0.15) && { againMs: dice.between(0, 60_000) }),
    })
  }

  /** Sometimes with a secret in it. */
  #said(text: string): string {
    if (!this.#dice.hits(0.2)) return text
    const planted = plantedSecret(this.#dice)
    this.secrets.add(planted.secret)
    return planted.text
  }
}
