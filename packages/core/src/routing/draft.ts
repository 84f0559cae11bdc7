import type { Alert } from '../model/alert.ts'
import { batchKeyOf } from '../model/batch-key.ts'
import type { Schedule } from '../model/attention-config.ts'
import type { Config } from '../model/config.ts'
import type { Decision, DecisionParams, DecisionReason } from '../model/decision.ts'
import type { AlsoFor } from '../model/delivery.ts'
import type { News, Recipient } from '../model/notification.ts'
import { isOwnAddress, mayHear, partOfParam } from '../model/roles.ts'
import type { Part, Role } from '../model/roles.ts'
import { keepMs, priorityOf } from '../model/severity.ts'
import { shownAddress } from '../model/shown-address.ts'
import type { BatchItem, NewNotification } from '../model/store.ts'
import type { CollectionTurn, Turn } from '../model/turn.ts'
import { channelsOf, isInProject, partsWithheld, peopleCalled, reach } from './people.ts'
import type { Grouping } from './groups.ts'
import type { ChannelTypeOf } from './people.ts'
import type { FailedCondition, Plan, Told } from './plan.ts'
import type { Preferences, Ways, Wishes } from './preferences.ts'
import type { QuietHours } from './quiet-hours.ts'
import { notBefore, timingOf } from './timing.ts'
import type { Timing } from './timing.ts'

/** What a plan is made from besides the alert. */
export interface World {
  readonly config: Config
  readonly channelTypeOf: ChannelTypeOf
  readonly quietHours: QuietHours
  readonly preferences: Preferences
}

/** So long the first channel gets to tell somebody that an address of theirs does not work, milliseconds. */
const ownAddressAfterMs = 300_000

/** How a route tells a person. */
export interface Way {
  readonly route: string
  readonly isAsked: boolean
  readonly digest?: Schedule | undefined
  readonly grouping?: Grouping | undefined
  /** Present where it was told before: to these again, or to others. */
  readonly again?: Again | undefined
  readonly channels: readonly string[]
  /** Present: the first usable channel is used, and the next ones after so long. */
  readonly fallbackAfterMs?: number
}

/** Why it is told now and not as first news: kept with what is sent, and on record. */
export interface Again {
  readonly turn: Turn
  readonly reason: Extract<DecisionReason, 'sent.repeated' | 'sent.escalated'>
  readonly params: DecisionParams
}

interface Candidate {
  readonly recipient: Recipient
  readonly channel: string
  readonly way: { readonly route: string; readonly fallbackAfterMs?: number | undefined; readonly grouping?: Grouping | undefined; readonly again?: Again | undefined }
  readonly fallback: readonly string[]
  /** Others who read it, with next channels of their own. */
  readonly alsoFor?: readonly AlsoFor[]
  readonly timing: Timing
  /** The digest that its reader wishes in place of the route's. */
  readonly wished?: Schedule | undefined
  readonly without: readonly Part[]
  readonly news: News
  readonly reason: Extract<DecisionReason, 'sent.now' | 'sent.direct' | 'sent.resolved'>
}

/** The plan for one alert while it is made: at most one message to each person and channel, one decision of each kind. */
export class Draft {
  readonly #config: Config
  readonly #channelTypeOf: ChannelTypeOf
  readonly #quietHours: QuietHours
  readonly #preferences: Preferences
  readonly #alert: Alert
  readonly #nowMs: number
  readonly #candidates = new Map<string, Candidate>()
  readonly #decisions = new Map<string, Decision>()
  readonly #failed = new Map<string, FailedCondition>()

  constructor({ config, channelTypeOf, quietHours, preferences }: World, alert: Alert, nowMs: number) {
    this.#config = config
    this.#channelTypeOf = channelTypeOf
    this.#quietHours = quietHours
    this.#preferences = preferences
    this.#alert = alert
    this.#nowMs = nowMs
  }

  peopleCalled(name: string): readonly string[] {
    const people = peopleCalled(this.#config, name, this.#nowMs)
    if (people.length > 0) return people
    // A role, a team: it may have people again. Of a single name it is only known that nobody is called so.
    if (name.includes(':')) this.decide('*', '*', 'refused.nobody', { name })
    else this.decide('*', '*', 'refused.unknown_person', { person: name })
    return people
  }

  channelsOf(person: string): readonly string[] {
    const channels = channelsOf(this.#config, this.#channelTypeOf, person)
    if (channels.length === 0) this.decide(person, '*', 'refused.no_address', { person, channel: '*' })
    return channels
  }

  tell(person: string, way: Way): void {
    const settings = Object.hasOwn(this.#config.people, person) ? this.#config.people[person] : undefined
    if (settings === undefined) return this.decide('*', '*', 'refused.unknown_person', { person })
    const { role } = settings
    if (!this.#isInProject(person)) return this.decide(person, '*', 'refused.project', { person, project: this.#alert.project })
    if (!mayHear(role, person, this.#alert)) return this.decide(person, '*', 'refused.role', { role, kind: this.#alert.kind, person })
    const wishes = this.#wishesOf(person, way.route)
    const { channels: _all, fallbackAfterMs: _after, ...rest } = way
    for (const wished of this.#waysWished(person, way, wishes)) this.#tellBy(person, role, { ...rest, ...wished }, wishes)
  }

  #tellBy(person: string, role: Role, way: Way, wishes: Wishes): void {
    const usable = way.channels.filter((channel) => !this.#isMuted(person, channel, way.route, wishes)).flatMap((channel) => this.#usable(person, channel))
    const first = way.fallbackAfterMs === undefined ? usable : usable.slice(0, 1)
    const fallback = way.fallbackAfterMs === undefined ? [] : usable.slice(1).map(({ channel }) => channel)
    for (const { channel, recipients, isShared } of first) {
      // Whoever is asked because nobody acknowledged is not asked at nine tomorrow.
      const wished = way.again?.turn.kind === 'step' ? undefined : wishes.digestOn(channel)
      const digest = wished ?? way.digest
      const timing = timingOf(this.#config.delivery, this.#quietHours, { person, severity: this.#alert.severity, ...(digest !== undefined && { digest }), ...(way.grouping !== undefined && { groupWaitMs: way.grouping.waitMs }), timezone: this.#zoneOf(person), isAsked: way.isAsked, notBeforeMs: notBefore(this.#config, this.#alert), nowMs: this.#nowMs })
      for (const recipient of recipients) {
        const candidate: Candidate = { recipient, channel, way, fallback, timing, wished, without: partsWithheld(role), news: 'firing', reason: way.isAsked ? 'sent.direct' : 'sent.now' }
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

  tellResolved({ recipient, channel, route, without }: Told, { digest: digestOfRoute, grouping }: Pick<Way, 'digest' | 'grouping'>): void {
    // Not where the end is not told unless asked for, such as by text message; nobody waits for it there.
    if (this.#channelTypeOf(channel)?.can.resolves !== true) return
    const { person } = recipient
    const role = person === '' ? recipient.role : this.#config.people[person]?.role
    // What several read is not ended for all of them by one; who may still read it is asked when it is sent.
    const isOwn = recipient.address !== ''
    if (isOwn && (role === undefined || (person !== '' && !mayHear(role, person, this.#alert)))) {
      return this.decide(person, channel, 'refused.role_changed', { person, role: role ?? recipient.role })
    }
    if (isOwn && !this.#isInProject(person)) return this.decide(person, channel, 'refused.project', { person, project: this.#alert.project })
    const wishes = this.#wishesOf(person, route)
    if (isOwn && wishes.mutes(channel)) return this.decide(person, channel, 'refused.preference', { person, kind: this.#alert.kind, channel })
    const wished = isOwn ? wishes.digestOn(channel) : undefined
    const digest = wished ?? digestOfRoute
    const timing = timingOf(this.#config.delivery, this.#quietHours, { person, severity: this.#alert.severity, ...(digest !== undefined && { digest }), ...(grouping !== undefined && { groupWaitMs: grouping.waitMs }), timezone: recipient.timezone, isAsked: false, nowMs: this.#nowMs })
    const withheld = person === '' || role === undefined ? without : [...new Set([...without, ...partsWithheld(role)])]
    // Where the channel is the address, its readers were told together.
    this.#propose(recipient.address === '' ? `|${channel}` : `${person}|${channel}|${recipient.address}`, { recipient, channel, way: { route, grouping }, fallback: [], timing, wished, without: withheld, news: 'resolved', reason: 'sent.resolved' })
  }

  /** Repeated, a decision is counted. */
  decide(person: string, channel: string, reason: DecisionReason, params: DecisionParams): void {
    const key = `${person}|${channel}|${reason}|${person === '*' ? String(params['name'] ?? params['person'] ?? '') : ''}`
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
      else batched.push({ ...notification, batchKey: batchKeyOf(notification, candidate.wished), batchMax: collect.batchMax, ...this.#collection(candidate) })
    }
    return { notifications, batched, decisions: [...this.#decisions.values()], failed: [...this.#failed.values()] }
  }

  #wishesOf(person: string, route: string): Wishes {
    const wishes = this.#preferences.of(person, this.#alert, route)
    for (const one of wishes.failed) this.#failed.set(one.where, one)
    return wishes
  }

  /** A wish for channels on which they cannot be reached is none. */
  #waysWished(person: string, { channels: all, fallbackAfterMs }: Way, wishes: Wishes): readonly Ways[] {
    const way = { channels: all, ...(fallbackAfterMs !== undefined && { fallbackAfterMs }) }
    const wished = wishes.waysFor(way)
    const isReached = (channel: string): boolean => channel !== this.#alert.aboutChannel && reach(this.#config, this.#channelTypeOf, person, channel).kind === 'reached'
    return wished.some(({ channels }) => channels.some(isReached)) ? wished : [way]
  }

  #isMuted(person: string, channel: string, route: string, wishes: Wishes): boolean {
    const params = { person, kind: this.#alert.kind, channel }
    if (wishes.mutes(channel)) this.decide(person, channel, 'refused.preference', params)
    else if (wishes.isOverruled(channel)) this.decide(person, channel, 'sent.required', { ...params, route })
    return wishes.mutes(channel)
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

  #explain({ recipient, channel, way, timing, wished, without, reason }: Candidate): void {
    const { person } = recipient
    const about = { route: way.route, severity: this.#alert.severity, person, channel }
    const { quiet } = timing
    if (way.again !== undefined) this.decide(person, channel, way.again.reason, { ...way.again.params, person })
    if (quiet !== undefined && !quiet.isPassed) this.decide(person, channel, 'held.quiet_hours', { until: quiet.untilMs, zone: quiet.zone, range: quiet.range, person })
    else if (timing.collect?.as === 'group') {
      // Until when, only whoever knows the group's last message can say: see `group-pace.ts`.
    } else if (timing.collect !== undefined) this.decide(person, channel, 'held.digest', { time: timing.dueMs, person, ...(wished === undefined ? { route: way.route } : { by: person }) })
    else if (timing.isWatched === true) this.decide(person, channel, 'held.cause', { until: timing.dueMs })
    else if (quiet !== undefined) this.decide(person, channel, 'sent.passed_quiet', { ...about, range: quiet.range })
    else if (way.again === undefined) this.decide(person, channel, reason, about)
    const left = without.filter((part) => this.#holds(part))
    if (left.length > 0) this.decide(person, channel, 'sent.reduced', { part: left.join(', '), role: recipient.role, person })
  }

  /** That an address of theirs does not work they may hear of any project. */
  #isInProject(person: string): boolean {
    const settings = Object.hasOwn(this.#config.people, person) ? this.#config.people[person] : undefined
    return settings === undefined || isInProject(settings, this.#alert.project) || isOwnAddress(person, this.#alert)
  }

  #zoneOf(person: string): string {
    return this.#config.people[person]?.timezone ?? this.#config.defaults.timezone
  }

  #holds(part: Part): boolean {
    const ofParam: Readonly<Record<string, Part | undefined>> = partOfParam
    return Object.keys(this.#alert.params).some((param) => ofParam[param] === part)
  }

  #notification({ recipient, channel, way, fallback, alsoFor = [], timing, without, news }: Candidate): NewNotification {
    const { severity } = this.#alert
    const turn = this.#turn(timing, way.grouping) ?? (timing.collect === undefined ? way.again?.turn : undefined)
    return {
      project: this.#alert.project,
      channel,
      recipient,
      route: way.route,
      news,
      alert: this.#alert.id,
      without,
      ...(turn !== undefined && { turn }),
      priority: priorityOf(severity),
      dueMs: timing.dueMs,
      expiresMs: timing.dueMs + keepMs(severity),
      fallback,
      ...(alsoFor.length > 0 && { alsoFor }),
      ...(way.fallbackAfterMs !== undefined && fallback.length > 0 && { fallbackAfterMs: way.fallbackAfterMs }),
      createdAtMs: this.#nowMs,
    }
  }

  #collection({ timing, way }: Candidate): Pick<BatchItem, 'keepsTime' | 'collection'> {
    const collection = this.#turn(timing, way.grouping)
    return collection === undefined ? {} : { keepsTime: true, collection }
  }

  #turn({ collect }: Timing, grouping: Grouping | undefined): CollectionTurn | undefined {
    const of = grouping?.of(this.#alert)
    if (collect?.as === 'digest') return { kind: 'digest', ...(of !== undefined && { of }) }
    return collect?.as === 'group' && of !== undefined ? { kind: 'group', of } : undefined
  }
}

/** Whoever reads the same message and is not named in it, where a next channel is meant for them. */
function otherReaders(named: Candidate, other: Candidate): readonly AlsoFor[] {
  const { way, fallback, recipient } = other
  const readers: AlsoFor[] = [...(named.alsoFor ?? []), { person: recipient.person, route: way.route, fallback, fallbackAfterMs: way.fallbackAfterMs }, ...(other.alsoFor ?? [])]
  const isFirstOf = (reader: AlsoFor, index: number): boolean => readers.findIndex(({ person }) => person === reader.person) === index
  return readers.filter((reader) => reader.person !== named.recipient.person && reader.fallback.length > 0).filter(isFirstOf)
}
