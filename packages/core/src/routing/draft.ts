import type { Alert } from '../model/alert.ts'
import { batchKeyOf } from '../model/batch-key.ts'
import type { Config } from '../model/config.ts'
import type { Decision, DecisionParams, DecisionReason } from '../model/decision.ts'
import type { AlsoFor } from '../model/delivery.ts'
import type { News, Recipient } from '../model/notification.ts'
import { isOwnAddress, mayHear, partOfParam } from '../model/roles.ts'
import type { Part } from '../model/roles.ts'
import { keepMs, priorityOf } from '../model/severity.ts'
import { shownAddress } from '../model/shown-address.ts'
import type { BatchItem, NewNotification } from '../model/store.ts'
import { channelsOf, partsWithheld, peopleCalled, reach } from './people.ts'
import type { ChannelTypeOf } from './people.ts'
import type { Plan, Told } from './plan.ts'
import type { QuietHours } from './quiet-hours.ts'
import { notBefore, timingOf } from './timing.ts'
import type { Timing } from './timing.ts'

/** What a plan is made from besides the alert. */
export interface World {
  readonly config: Config
  readonly channelTypeOf: ChannelTypeOf
  readonly quietHours: QuietHours
}

/** So long the first channel gets to tell somebody that an address of theirs does not work, milliseconds. */
const ownAddressAfterMs = 300_000

/** How a route tells a person. */
export interface Way {
  readonly route: string
  readonly isAsked: boolean
  readonly digestMs?: number
  readonly channels: readonly string[]
  /** Present: the first usable channel is used, and the next ones after so long. */
  readonly fallbackAfterMs?: number
}

interface Candidate {
  readonly recipient: Recipient
  readonly channel: string
  readonly way: { readonly route: string; readonly fallbackAfterMs?: number | undefined }
  readonly fallback: readonly string[]
  /** Others who read it, with next channels of their own. */
  readonly alsoFor?: readonly AlsoFor[]
  readonly timing: Timing
  readonly without: readonly Part[]
  readonly news: News
  readonly reason: Extract<DecisionReason, 'sent.now' | 'sent.direct' | 'sent.resolved'>
}

/** The plan for one alert while it is made: at most one message to each person and channel, one decision of each kind. */
export class Draft {
  readonly #config: Config
  readonly #channelTypeOf: ChannelTypeOf
  readonly #quietHours: QuietHours
  readonly #alert: Alert
  readonly #nowMs: number
  readonly #candidates = new Map<string, Candidate>()
  readonly #decisions = new Map<string, Decision>()

  constructor({ config, channelTypeOf, quietHours }: World, alert: Alert, nowMs: number) {
    this.#config = config
    this.#channelTypeOf = channelTypeOf
    this.#quietHours = quietHours
    this.#alert = alert
    this.#nowMs = nowMs
  }

  peopleCalled(name: string): readonly string[] {
    const people = peopleCalled(this.#config, name)
    if (people.length === 0) this.decide('*', '*', 'refused.unknown_person', { person: name })
    return people
  }

  channelsOf(person: string): readonly string[] {
    const channels = channelsOf(this.#config, this.#channelTypeOf, person)
    if (channels.length === 0) this.decide(person, '*', 'refused.no_address', { person, channel: '*' })
    return channels
  }

  tell(person: string, way: Way): void {
    const role = this.#config.people[person]?.role
    if (role === undefined) return this.decide('*', '*', 'refused.unknown_person', { person })
    if (!mayHear(role, person, this.#alert)) return this.decide(person, '*', 'refused.role', { role, kind: this.#alert.kind, person })
    const usable = way.channels.flatMap((channel) => this.#usable(person, channel))
    const first = way.fallbackAfterMs === undefined ? usable : usable.slice(0, 1)
    const fallback = way.fallbackAfterMs === undefined ? [] : usable.slice(1).map(({ channel }) => channel)
    for (const { channel, recipients, isShared } of first) {
      const timing = timingOf(this.#config.delivery, this.#quietHours, { person, severity: this.#alert.severity, digestMs: way.digestMs, isAsked: way.isAsked, notBeforeMs: notBefore(this.#config, this.#alert), nowMs: this.#nowMs })
      for (const recipient of recipients) {
        const candidate: Candidate = { recipient, channel, way, fallback, timing, without: partsWithheld(role), news: 'firing', reason: way.isAsked ? 'sent.direct' : 'sent.now' }
        this.#propose(isShared ? `|${channel}` : `${person}|${channel}|${recipient.address}`, candidate)
      }
    }
  }

  /** One address on one channel, named by whoever wrote the message: no person, so no role, no quiet hours, nothing to leave out. */
  tellDirectly({ channel, address }: { readonly channel: string; readonly address: string }): void {
    const type = this.#channelTypeOf(channel)
    if (type === undefined) return this.decide('*', channel, 'failed.channel_gone', { channel })
    if (type.address !== 'none' && address === '') return this.decide('*', channel, 'refused.no_address', { person: '', channel })
    const { locale, timezone } = this.#config.defaults
    const recipient: Recipient = { person: '', role: 'viewer', address, locale, timezone }
    this.#propose(`|${channel}`, { recipient, channel, way: { route: 'direct' }, fallback: [], timing: { dueMs: this.#nowMs }, without: [], news: 'firing', reason: 'sent.direct' })
  }

  /**
   * Somebody whose address does not work hears of it by another channel of theirs, whatever their role: first where the address is another
   * one. Nobody is told in a place that others read too what is only theirs to know.
   */
  tellOwner(): void {
    const { person, channel: badChannel, address } = this.#alert.params
    if (typeof person !== 'string' || !isOwnAddress(person, this.#alert) || !Object.hasOwn(this.#config.people, person)) return
    const isToldElsewhere = [...this.#candidates.values()].some(({ recipient, channel }) => recipient.person === person && channel !== badChannel)
    if (isToldElsewhere) return
    const ways = channelsOf(this.#config, this.#channelTypeOf, person).flatMap((channel) => {
      const found = reach(this.#config, this.#channelTypeOf, person, channel)
      if (found.kind !== 'reached' || found.isShared || channel === badChannel) return []
      return [{ channel, isSame: found.recipients.every((recipient) => shownAddress(recipient.address) === address) }]
    })
    const channels = ways.toSorted((one, other) => Number(one.isSame) - Number(other.isSame)).map(({ channel }) => channel)
    if (channels.length === 0) this.decide(person, '*', 'refused.no_address', { person, channel: '*' })
    else this.tell(person, { route: 'own-address', isAsked: false, channels, fallbackAfterMs: ownAddressAfterMs })
  }

  tellResolved({ recipient, channel, route, without }: Told, digestMs: number | undefined): void {
    // Not where the end is not told unless asked for, such as by text message; nobody waits for it there.
    if (this.#channelTypeOf(channel)?.can.resolves !== true) return
    const { person } = recipient
    const role = person === '' ? recipient.role : this.#config.people[person]?.role
    if (role === undefined || (person !== '' && !mayHear(role, person, this.#alert))) {
      return this.decide(person, channel, 'refused.role_changed', { person, role: role ?? recipient.role })
    }
    const timing = timingOf(this.#config.delivery, this.#quietHours, { person, severity: this.#alert.severity, digestMs, isAsked: false, nowMs: this.#nowMs })
    const withheld = person === '' ? without : [...new Set([...without, ...partsWithheld(role)])]
    // Where the channel is the address, its readers were told together.
    this.#propose(recipient.address === '' ? `|${channel}` : `${person}|${channel}|${recipient.address}`, { recipient, channel, way: { route }, fallback: [], timing, without: withheld, news: 'resolved', reason: 'sent.resolved' })
  }

  /** Repeated, a decision is counted. */
  decide(person: string, channel: string, reason: DecisionReason, params: DecisionParams): void {
    const key = `${person}|${channel}|${reason}|${reason === 'refused.unknown_person' ? String(params['person']) : ''}`
    const known = this.#decisions.get(key)
    if (known !== undefined) this.#decisions.set(key, { ...known, count: known.count + 1 })
    else this.#decisions.set(key, { alert: this.#alert.id, person: person === '' ? '*' : person, channel, reason, params, atMs: this.#nowMs, count: 1 })
  }

  finish(): Plan {
    const notifications: NewNotification[] = []
    const batched: BatchItem[] = []
    for (const candidate of this.#candidates.values()) {
      this.#explain(candidate)
      const notification = this.#notification(candidate)
      const { collect } = candidate.timing
      if (collect === undefined) notifications.push(notification)
      else batched.push({ ...notification, batchKey: batchKeyOf(notification), batchMax: collect.batchMax })
    }
    return { notifications, batched, decisions: [...this.#decisions.values()], failed: [] }
  }

  #usable(person: string, channel: string): readonly { readonly channel: string; readonly recipients: readonly Recipient[]; readonly isShared: boolean }[] {
    if (channel === this.#alert.aboutChannel) {
      this.decide(person, channel, 'refused.about_channel', { channel, person })
      return []
    }
    const found = reach(this.#config, this.#channelTypeOf, person, channel)
    if (found.kind === 'reached') {
      const recipients = found.recipients.filter((recipient) => !this.#isBad(recipient, channel))
      if (recipients.length > 0) return [{ channel, recipients, isShared: found.isShared }]
      this.decide(person, channel, 'refused.bad_address', { provider: channel, address: shownAddress(found.recipients[0].address), code: String(this.#alert.params.code ?? '') })
      return []
    }
    if (found.kind === 'no-channel') this.decide(person, channel, 'failed.channel_gone', { channel })
    else this.decide(person, channel, 'refused.no_address', { person, channel })
    return []
  }

  /** That an address does not work is not told to that address. */
  #isBad({ person, address }: Recipient, channel: string): boolean {
    const { params } = this.#alert
    return isOwnAddress(person, this.#alert) && params.channel === channel && params.address === shownAddress(address)
  }

  /** Two routes to the same place are one message: the one that is due first, and of two at once the first route's. Next channels of either hold. */
  #propose(key: string, candidate: Candidate): void {
    const rival = this.#candidates.get(key)
    if (rival === undefined) {
      this.#candidates.set(key, candidate)
      return
    }
    const isSooner = candidate.timing.dueMs < rival.timing.dueMs
    const [kept, merged] = isSooner ? [candidate, rival] : [rival, candidate]
    // Where several people read the same message, it holds only what all of them may see.
    const without = [...new Set([...kept.without, ...merged.without])]
    // The next channels are asked for whom they were named, should this one fail: of one person those of the first route that has some, of several each one's own.
    const named = kept.fallback.length === 0 && merged.fallback.length > 0 ? merged : kept
    const { fallback, recipient } = named
    const alsoFor = otherReaders(named, named === kept ? merged : kept)
    const afters = [named.way, ...alsoFor].flatMap(({ fallbackAfterMs }) => fallbackAfterMs ?? [])
    const way = { ...kept.way, fallbackAfterMs: afters.length === 0 ? undefined : Math.min(...afters) }
    this.#candidates.set(key, { ...kept, recipient, fallback, alsoFor, way, without })
    // Whoever of the two is not named in it is told by it all the same, and that is the reason on record.
    const other = recipient.person === kept.recipient.person ? merged : kept
    this.decide(other.recipient.person, merged.channel, 'merged.already_told', { time: kept.timing.dueMs, route: other.way.route })
  }

  #explain({ recipient, channel, way, timing, without, reason }: Candidate): void {
    const { person } = recipient
    const about = { route: way.route, severity: this.#alert.severity, person, channel }
    const { quiet } = timing
    if (quiet !== undefined && !quiet.isPassed) this.decide(person, channel, 'held.quiet_hours', { until: quiet.untilMs, zone: quiet.zone, range: quiet.range, person })
    else if (timing.collect !== undefined) this.decide(person, channel, 'held.digest', { time: timing.dueMs, route: way.route, person })
    else if (timing.isWatched === true) this.decide(person, channel, 'held.cause', { until: timing.dueMs })
    else if (quiet !== undefined) this.decide(person, channel, 'sent.passed_quiet', { ...about, range: quiet.range })
    else this.decide(person, channel, reason, about)
    const left = without.filter((part) => this.#holds(part))
    if (left.length > 0) this.decide(person, channel, 'sent.reduced', { part: left.join(', '), role: recipient.role, person })
  }

  #holds(part: Part): boolean {
    const ofParam: Readonly<Record<string, Part | undefined>> = partOfParam
    return Object.keys(this.#alert.params).some((param) => ofParam[param] === part)
  }

  #notification({ recipient, channel, way, fallback, alsoFor = [], timing, without, news }: Candidate): NewNotification {
    const { severity } = this.#alert
    return {
      project: this.#alert.project,
      channel,
      recipient,
      route: way.route,
      news,
      alert: this.#alert.id,
      without,
      priority: priorityOf(severity),
      dueMs: timing.dueMs,
      expiresMs: timing.dueMs + keepMs(severity),
      fallback,
      ...(alsoFor.length > 0 && { alsoFor }),
      ...(way.fallbackAfterMs !== undefined && fallback.length > 0 && { fallbackAfterMs: way.fallbackAfterMs }),
      createdAtMs: this.#nowMs,
    }
  }
}

/** Whoever reads the same message and is not named in it, where a next channel is meant for them. */
function otherReaders(named: Candidate, other: Candidate): readonly AlsoFor[] {
  const { way, fallback, recipient } = other
  const readers: AlsoFor[] = [...(named.alsoFor ?? []), { person: recipient.person, route: way.route, fallback, fallbackAfterMs: way.fallbackAfterMs }, ...(other.alsoFor ?? [])]
  const isFirstOf = (reader: AlsoFor, index: number): boolean => readers.findIndex(({ person }) => person === reader.person) === index
  return readers.filter((reader) => reader.person !== named.recipient.person && reader.fallback.length > 0).filter(isFirstOf)
}
