import type { Alert } from '../../packages/core/src/model/alert.ts'
import type { Decision, DecisionReason } from '../../packages/core/src/model/decision.ts'
import type { Reader, StoredEvent } from '../../packages/core/src/model/reader.ts'
import type { World } from './world.ts'

/** One line of the timeline: something that happened, or what came of it for somebody. */
export type Line =
  | { readonly kind: 'event'; readonly atMs: number; readonly who: string; readonly text: string }
  | { readonly kind: 'told'; readonly verdict: string; readonly channel: string; readonly person: string; readonly tookMs?: number | undefined; readonly text: string }

/** Decisions worth a line; what was told is shown when it arrives at the stand-in, and what was held as one at the end. */
const shown: ReadonlyMap<DecisionReason, string> = new Map<DecisionReason, string>([
  ['merged.already_told', 'merged'],
  ['refused.role', 'refused'],
  ['sent.fallback', 'fallback'],
])

/** An agent of which so many sessions run at once: a line is about all of them. */
const crowd = { agent: 'ticket-bot', sessions: 20 } as const

/** Looks at what the store decided and at what the stand-ins received, and turns what is new into lines. */
export class Watch {
  readonly #world: World
  readonly #names: ReadonlyMap<string, string>
  #read: Reader | undefined
  #lastEvent = 0
  #mails = 0
  #digests = 0
  #texts = 0
  #pushes = 0
  #hooks = 0
  /** Sessions of the crowd that ended since the last line about it, by how they ended. */
  #ended: string[] = []
  readonly #decided = new Set<string>()
  /** Deliveries that a received message was matched with. */
  readonly #matched = new Set<number>()

  /** @param names address → person */
  constructor(world: World, names: ReadonlyMap<string, string>) {
    this.#world = world
    this.#names = names
  }

  /** The store, once there is one. */
  set read(read: Reader) {
    this.#read = read
  }

  async news(): Promise<readonly Line[]> {
    return [...(await this.#events()), ...(await this.#decisions()), ...(await this.#received())]
  }

  async #events(): Promise<readonly Line[]> {
    const read = this.#read
    if (read === undefined) return []
    const fresh = (await read.events({ limit: 200 })).filter((event) => event.seq > this.#lastEvent).toReversed()
    this.#lastEvent = fresh.at(-1)?.seq ?? this.#lastEvent
    const lines: Line[] = []
    for (const event of fresh) {
      const said = event.agent === crowd.agent ? [this.#ofCrowd(event)] : [await describe(event, read), secretIn(event)]
      for (const text of said) if (text !== undefined) lines.push({ kind: 'event', atMs: event.atMs, who: event.agent ?? event.tags['agent'] ?? '', text })
    }
    return lines
  }

  #ofCrowd({ type, endState, endReason }: StoredEvent): string | undefined {
    if (type !== 'session.end') return undefined
    this.#ended.push(endState ?? '')
    if (this.#ended.length < crowd.sessions) return undefined
    const failed = this.#ended.filter((state) => state === 'fail').length
    this.#ended = []
    return failed === 0 ? `${crowd.sessions} sessions end well` : `${failed} sessions FAILED: ${excerpt(endReason ?? '')}`
  }

  /** What was held back in all, one line for each person and reason. */
  async heldInAll(): Promise<readonly Line[]> {
    const alerts = (await this.#read?.alerts({ limit: 1_000 })) ?? []
    const held = new Map<string, { readonly decision: Decision; count: number }>()
    for (const alert of alerts) {
      for (const decision of (await this.#read?.decisionsOf(alert.id)) ?? []) {
        if (decision.reason !== 'held.digest' && decision.reason !== 'held.quiet_hours') continue
        const key = `${decision.person}|${decision.reason}`
        held.set(key, { decision, count: (held.get(key)?.count ?? 0) + decision.count })
      }
    }
    return [...held.values()].map(({ decision, count }): Line => ({
      kind: 'told', verdict: 'held', channel: channelWord(decision.channel), person: personWord(decision.person),
      text: decision.reason === 'held.digest' ? `${count} updates, sent in ${this.#digests} e-mails` : `${count} alerts: quiet hours ${decision.params['range']}`,
    }))
  }

  async #decisions(): Promise<readonly Line[]> {
    const read = this.#read
    if (read === undefined) return []
    const lines: Line[] = []
    for (const alert of (await read.alerts({ limit: 100 })).toReversed()) {
      // What is part of an outage is told within it.
      if (alert.parent !== undefined) continue
      for (const decision of await read.decisionsOf(alert.id)) {
        const verdict = shown.get(decision.reason)
        // What is refused for one reason again and again is shown once.
        const key = `${decision.reason.startsWith('merged.') ? alert.id : ''}|${decision.person}|${decision.channel}|${decision.reason}`
        if (verdict === undefined || this.#decided.has(key)) continue
        this.#decided.add(key)
        lines.push({ kind: 'told', verdict, channel: channelWord(decision.channel), person: personWord(decision.person), text: because(decision, alert) })
      }
    }
    return lines
  }

  async #received(): Promise<readonly Line[]> {
    const { mail, sms, push, hook } = this.#world
    const lines: Line[] = []
    for (const received of mail.mails.slice(this.#mails)) {
      const tookMs = await this.#took('mail', received.to[0] ?? '', received.atMs, received.parsed.messageId)
      // What only informs is shown as one at the end.
      if (received.parsed.subject?.startsWith('[Info]') === true) this.#digests += 1
      else lines.push({ kind: 'told', verdict: 'told', channel: 'e-mail', person: this.#person(received.to[0]), tookMs, text: received.parsed.subject ?? '' })
      this.#mails += 1
    }
    for (const received of sms.messages.slice(this.#texts)) {
      lines.push({ kind: 'told', verdict: 'told', channel: 'SMS', person: this.#person(received.to), tookMs: await this.#took('sms', received.to, received.atMs), text: received.body })
      this.#texts += 1
    }
    for (const received of push.messages.slice(this.#pushes)) {
      lines.push({ kind: 'told', verdict: 'told', channel: 'push', person: this.#person(received.token), tookMs: undefined, text: received.notification.title })
      this.#pushes += 1
    }
    for (const received of hook.received.slice(this.#hooks)) {
      lines.push({ kind: 'told', verdict: 'told', channel: 'webhook', person: '', tookMs: await this.#took('hook', '', received.atMs, received.id), text: received.title })
      this.#hooks += 1
    }
    return lines
  }

  /** From when it was enqueued to when it arrived; nothing for what no engine sent. */
  async #took(channel: string, address: string, atMs: number, messageId?: string): Promise<number | undefined> {
    const deliveries = (await this.#read?.deliveries({ limit: 100 }))?.toReversed() ?? []
    const named = /tocsin-demo-(\d+)-/.exec(messageId ?? '')?.[1]
    const found =
      messageId === undefined
        ? deliveries.find((one) => one.channel === channel && one.address === address && !this.#matched.has(one.id))
        : deliveries.find((one) => one.notification === Number(named))
    if (found === undefined) return undefined
    this.#matched.add(found.id)
    return Math.max(0, atMs - found.createdAtMs)
  }

  #person(address: string | undefined): string {
    return personWord(this.#names.get(address ?? '') ?? address ?? '')
  }
}

async function describe(event: StoredEvent, read: Reader): Promise<string | undefined> {
  switch (event.type) {
    case 'llm.call':
      return event.error === undefined ? oddAnswer(event) : `${event.llm?.model} ${event.error.statusCode ?? ''} ${event.error.code ?? event.error.class}, ${event.llm?.retries ?? 0} retries: ${excerpt(event.error.message)}`
    case 'tool.call':
      return event.error === undefined ? undefined : `tool ${event.tool?.name} failed: ${excerpt(event.error.message)}`
    case 'session.end': {
      const session = event.sessionId === undefined ? undefined : await read.session(event.project, event.sessionId)
      const cost = `$${((session?.costNanoUsd ?? 0) / 1e9).toFixed(2)}`
      const step = session?.firstFailure?.step
      return event.endState === 'fail' ? `FAILED${step === undefined ? '' : ` at step ${step}`}, ${cost}` : `ends well after ${session?.calls ?? 0} ${session?.calls === 1 ? 'call' : 'calls'}, ${cost}`
    }
    case 'custom':
      return event.announcement === undefined ? undefined : `says "${event.announcement.title}"`
    default:
      return undefined
  }
}

/** What is wrong with an answer that came with status 200. */
function oddAnswer({ llm, excerpt: said }: StoredEvent): string | undefined {
  const quoted = said === undefined ? '' : `: "${said.slice(0, 60)}"`
  if (llm?.finishReason === 'content-filter') return `${llm.model} refuses${quoted}`
  if (llm?.finishReason === 'length') return `${llm.model} is cut off${quoted}`
  if (llm?.flaw === 'repetition') return `${llm.model} goes in circles${quoted}`
  return llm?.answerChars === 0 ? `${llm.model} answers nothing` : undefined
}

/** What stands in the place of a secret that an error message held. */
function secretIn({ type, error }: StoredEvent): string | undefined {
  // The end of the session repeats the error of the call.
  if (type !== 'llm.call') return undefined
  const mark = /\[REDACTED:[^\]]+\]/.exec(error?.message ?? '')?.[0]
  return mark === undefined ? undefined : `its error held a secret: ${mark}`
}

function excerpt(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}...` : text
}

function because(decision: Decision, alert: Alert): string {
  const about = alert.rule.replaceAll('-', ' ')
  switch (decision.reason) {
    case 'refused.role':
      return `${about}: role ${decision.params['role']} is not told of ${alert.kind} alerts`
    case 'merged.already_told':
      return `${about}: ${decision.count} more of the same, told already`
    default:
      return `${about}: ${decision.reason}`
  }
}

function channelWord(channel: string): string {
  return channel === 'mail' ? 'e-mail' : channel === 'sms' ? 'SMS' : channel === '*' ? '' : channel
}

function personWord(person: string): string {
  return person === '*' ? '' : person.charAt(0).toUpperCase() + person.slice(1)
}
