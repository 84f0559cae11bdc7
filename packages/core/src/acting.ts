import { actedText, actionPage, actorOf, type ActionPage } from './delivery/action-page.ts'
import type { LinkSettings } from './delivery/links.ts'
import { messageIdOf } from './delivery/message-id.ts'
import { translator } from './locales/catalogue.ts'
import type { FrameName } from './locales/shape.ts'
import { alertName, type Alert } from './model/alert.ts'
import type { AlertAction, LinkAction } from './model/attention.ts'
import type { AddressKind, OpenChannel } from './model/channel.ts'
import type { Clock } from './model/clock.ts'
import type { Config } from './model/config.ts'
import type { Inbound, InboundRequest } from './model/inbound.ts'
import type { Notification } from './model/notification.ts'
import type { Redact } from './model/redact.ts'
import { permissions, type Role } from './model/roles.ts'
import type { Store, Transaction } from './model/store.ts'
import type { Pipeline } from './pipeline.ts'
import type { RecipientsOn } from './queue/fallback.ts'
import { learn } from './queue/learn.ts'
import { addressesOf } from './routing/people.ts'
import { actedAtOnceMax, type ActedOn, type ActRequest } from './routing/acts/act.ts'
import { recordReply, type Reply } from './routing/acts/opt-out.ts'
import { usedLinkMs, type ActionLinks } from './routing/acts/action-link.ts'

/** Alerts by their numbers, or all that one delivery carried. */
export type ActOn = { readonly alerts: readonly number[] } | { readonly delivery: number }

export interface DoAct {
  readonly action: AlertAction
  readonly by: string
  readonly via: string
  readonly forMs?: number | undefined
  /** Whether they may, of each alert. @default they may */
  readonly may?: (alert: Alert) => boolean
}

/**
 * Why the link of a message does nothing.
 *
 * forged     not whole, or not one of this installation
 * expired    its 7 days are over
 * used       it was used: each works once
 * gone       its message is not kept any more
 * forbidden  the reader's role may not do it, or they are not in the configuration any more
 */
export type LinkRefusal = 'forged' | 'expired' | 'used' | 'gone' | 'forbidden'

export interface RefusedLink {
  readonly refused: LinkRefusal
  /** Of the text, BCP 47. */
  readonly locale: string
  /** Why, and what to do, in the reader's language where the reader is known. */
  readonly text: string
}

/** What people do about alerts, whatever they do it by. Each call is one transaction for every thousand alerts, and wakes whoever delivers. */
export interface Acting {
  /** For each alert what became of it; nothing where a delivery is unknown. */
  act(on: ActOn, how: DoAct): Promise<readonly ActedOn[]>
  /** What the link of a message leads to. Changes nothing, however often it is opened. */
  readLink(token: string): Promise<ActionPage | RefusedLink>
  /** Does something by the link of a message; where anything came of it the link is used up in the same transaction. */
  useLink(token: string, action: LinkAction, forMs?: number): Promise<UsedLink | RefusedLink>
  /** Somebody answered a message: `STOP` and `START` in their forms are heeded, all else is not. */
  reply(reply: Omit<Reply, 'project'>): Promise<'stop' | 'start' | 'nothing'>
  /**
   * A provider calls: what became of a message, or what somebody answered. Nothing is changed unless it bears the provider's signature.
   *
   * Of several things that it says at once each is taken by itself, and what is returned is the worst of them.
   *
   * @returns `forged`: refuse it; `unknown`: no such channel here, or none that is called; `too-early`: to be said again later
   */
  receive(channel: string, request: Omit<InboundRequest, 'atMs'>): Promise<Received>
}

export interface UsedLink {
  readonly each: readonly ActedOn[]
  readonly by: string
  /** What became of it, in one sentence in the reader's language. */
  readonly text: string
  /** Of that sentence, BCP 47. */
  readonly locale: string
}

export type Received = 'recorded' | 'nothing' | 'too-early' | 'forged' | 'unknown'

export interface ActingParts {
  readonly store: Store
  readonly clock: Clock
  readonly config: Config
  readonly links: ActionLinks
  readonly linkSettings: LinkSettings
  readonly redact: Redact
  readonly channels: ReadonlyMap<string, OpenChannel>
  readonly recipientsOn: RecipientsOn
  readonly actIn: Pipeline['actIn']
  readonly tellOwn: Pipeline['tellOwn']
  readonly wake: () => void
}

export function createActing({ store, clock, config, links, linkSettings, redact, channels, recipientsOn, actIn, tellOwn, wake }: ActingParts): Acting {
  const { project } = config

  /** The message behind a link, with the role that its reader has now. */
  async function openLink(tx: Transaction, token: string, nowMs: number): Promise<Opened | RefusedLink> {
    const link = links.read(token)
    if (link === undefined) return refusal('forged', config.defaults)
    const notification = (await tx.delivery(link.delivery))?.due.notification
    if (notification === undefined || notification.project !== project) return refusal('gone', config.defaults)
    const { recipient, alerts } = notification
    const name = alerts[0] === undefined ? '' : alertName(alerts[0].id)
    if (nowMs >= link.expiresMs) return refusal('expired', recipient, { name, timeMs: link.expiresMs })
    if (await tx.isLinkUsed(idOf(link.delivery))) {
      const last = alerts[0] === undefined ? undefined : (await tx.actionsOf(alerts[0].id)).findLast(({ via }) => via === viaOf(link.delivery))
      return refusal('used', recipient, { name, ...(last !== undefined && { by: last.by, timeMs: last.atMs }) })
    }
    const role = Object.hasOwn(config.people, recipient.person) ? config.people[recipient.person]?.role : undefined
    if (role === undefined || permissions[role].acts.length === 0) return refusal('forbidden', recipient, { role: role ?? recipient.role })
    return { notification, role, expiresMs: link.expiresMs }
  }

  async function reply(one: Omit<Reply, 'project'>): Promise<'stop' | 'start' | 'nothing'> {
    const ofType = [...channels.values()].flatMap(({ name, type }) => (type.type === one.channelType ? [name] : []))
    return store.transaction((tx) => recordReply(tx, { ...one, project }, ofType, clock.nowMs()), { project })
  }

  return {
    async act(on, { action, by, via, forMs, may }) {
      const each: ActedOn[] = []
      for (let after: number | undefined = 0; after !== undefined; ) {
        const from: number = after
        const { acted, next } = await store.transaction(async (tx) => {
          const page = await pageOf(tx, on, from)
          return { acted: await actIn(tx, { project, alerts: page.alerts, action, by, via, ...(forMs !== undefined && { forMs }), ...(may !== undefined && { may }) }, clock.nowMs()), next: page.next }
        }, { project })
        each.push(...acted)
        after = next
      }
      wake()
      return each
    },

    async readLink(token) {
      // No transaction for what anybody on the net may send.
      if (links.read(token) === undefined) return refusal('forged', config.defaults)
      const opened = await store.transaction((tx) => openLink(tx, token, clock.nowMs()), { project })
      if ('refused' in opened) return opened
      const { notification, role, expiresMs } = opened
      const { recipient, without } = notification
      return actionPage(notification, role, { translator: translator(recipient.locale, recipient.timezone), redact, without }, linkSettings, expiresMs)
    },

    useLink,

    reply,

    async receive(channel, request) {
      const open = channels.get(channel)
      if (open?.channel.receive === undefined) return 'unknown'
      const said = open.channel.receive({ ...request, atMs: clock.nowMs() })
      let worst: Received = 'nothing'
      for (const one of Array.isArray(said) ? (said as readonly Inbound[]) : [said as Inbound]) { // isArray narrows no readonly arrays
        const received = await hear(open, one)
        if (severityOf[received] > severityOf[worst]) worst = received
      }
      return worst
    },
  }

  async function useLink(token: string, action: LinkAction, forMs?: number, as?: { readonly person: string; readonly role: Role }): Promise<UsedLink | RefusedLink> {
    if (links.read(token) === undefined) return refusal('forged', config.defaults)
    let before: readonly ActedOn[] = []
    let after = 0
    for (;;) {
      const done = await store.transaction(async (tx) => {
        const nowMs = clock.nowMs()
        const opened = await openLink(tx, token, nowMs)
        if ('refused' in opened) return opened
        const { notification } = opened
        const { id, recipient } = notification
        const role = as?.role ?? opened.role
        const by = as?.person ?? actorOf(notification)
        const may: ActRequest['may'] = ({ kind }) => permissions[role].acts.includes(kind)
        const { alerts, next } = await pageOf(tx, { delivery: id }, after)
        const each = [...before, ...(await actIn(tx, { project, alerts, action, by, via: viaOf(id), may, ...(forMs !== undefined && { forMs }) }, nowMs))]
        if (next !== undefined) return { each, by, next }
        if (each.length > 0 && each.every(({ result }) => result === 'forbidden')) return refusal('forbidden', recipient, { role })
        // With the last of them: until then whoever was interrupted may go on by it.
        if (each.some(({ result }) => result === 'done')) await tx.useLink(idOf(id), nowMs + usedLinkMs)
        const words = translator(recipient.locale, recipient.timezone)
        return { each, by, text: actedText(action, each, { translator: words, redact }), locale: words.locale }
      }, { project })
      if (!('next' in done) || done.next === undefined) {
        wake()
        return done
      }
      before = done.each
      after = done.next
    }
  }

  /** One thing that a provider said. */
  async function hear({ name, type }: OpenChannel, inbound: Inbound): Promise<Received> {
    if (inbound.kind === 'reply') return (await reply({ channelType: type.type, address: inbound.address, text: inbound.text })) === 'nothing' ? 'nothing' : 'recorded'
    if (inbound.kind === 'act') {
      const used = await useLink(inbound.token, inbound.action, undefined, personAt(config, type.address, inbound.address))
      return 'refused' in used ? 'nothing' : 'recorded'
    }
    if (inbound.kind !== 'status') return inbound.kind
    const { messageId, providerId, outcome } = inbound
    const delivery = Number(/-(\d{1,15})-[0-9a-z]+$/.exec(messageId)?.[1] ?? Number.NaN)
    if (Number.isNaN(delivery)) return 'nothing'
    const state = await store.transaction(async (tx) => {
      const notification = (await tx.delivery(delivery))?.due.notification
      if (notification === undefined || notification.channel !== name || messageIdOf(notification) !== messageId) return 'nothing'
      const learnt = await learn(tx, delivery, { providerId, outcome }, recipientsOn, clock.nowMs())
      await tellOwn(tx, learnt.events)
      return learnt.state
    }, { project })
    wake()
    return state
  }
}

const severityOf: Readonly<Record<Received, number>> = { nothing: 0, recorded: 1, unknown: 2, 'too-early': 3, forged: 4 }

/** Whoever has this address on channels of this kind; absent: nobody of the configuration, so the message's reader stands for them. */
function personAt(config: Config, kind: AddressKind, address: string): { readonly person: string; readonly role: Role } | undefined {
  for (const [person, settings] of Object.entries(config.people)) if (addressesOf(settings, kind).includes(address)) return { person, role: settings.role }
  return undefined
}

/** What is acted on in one transaction, and where to go on in the next. */
async function pageOf(tx: Transaction, on: ActOn, after: number): Promise<{ readonly alerts: readonly number[]; readonly next: number | undefined }> {
  const alerts = 'delivery' in on ? await tx.alertsIn(on.delivery, after) : on.alerts.slice(after, after + actedAtOnceMax)
  const isFull = alerts.length >= actedAtOnceMax
  return { alerts, next: isFull ? ('delivery' in on ? alerts.at(-1) : after + actedAtOnceMax) : undefined }
}

interface Opened {
  readonly notification: Notification
  readonly role: Role
  readonly expiresMs: number
}

/** By what a used link is remembered: all links of one message are one. */
function idOf(delivery: number): string {
  return String(delivery)
}

function viaOf(delivery: number): string {
  return `link of dlv_${delivery}`
}

const frames: Readonly<Record<LinkRefusal, FrameName>> = { forged: 'linkForged', expired: 'linkExpired', used: 'linkUsed', gone: 'linkGone', forbidden: 'linkForbidden' }

interface Known {
  readonly name?: string
  readonly by?: string
  readonly timeMs?: number
  readonly role?: Role
}

function refusal(refused: LinkRefusal, { locale, timezone }: { readonly locale: string; readonly timezone: string }, { timeMs, role, ...known }: Known = {}): RefusedLink {
  const words = translator(locale, timezone)
  const values: Readonly<Record<string, string | undefined>> = { ...known, ...(timeMs !== undefined && { time: words.time(timeMs) }), ...(role !== undefined && { role: words.words.roles[role] }) }
  return { refused, locale: words.locale, text: words.say(words.words.frames[frames[refused]], (name) => values[name]) ?? '' }
}
