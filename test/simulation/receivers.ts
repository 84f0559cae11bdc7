import { z } from 'zod'
import type { Channel, ChannelType, Message, SendTools } from '../../packages/core/src/model/channel.ts'
import type { Outcome } from '../../packages/core/src/model/outcome.ts'
import { Dice } from './dice.ts'
import type { Journal } from './journal.ts'
import type { VirtualTime } from './virtual-time.ts'
import { channelKinds } from './world-config.ts'
import type { ChannelKind, WorldChannel } from './world-config.ts'
import type { Weather } from './world-faults.ts'
import type { World } from './world.ts'

/** The process that sends, as far as a receiver is concerned. */
export interface Sender {
  readonly label: string
  readonly isUp: boolean
  /** What its own clock says. */
  readonly nowMs: number
  /** Runs `task` when the process can run: later where it is frozen, never where it is gone. */
  onwards(task: () => void): void
}

/** One handing over of a message to a channel, as it really went. */
export interface Handing {
  readonly channel: WorldChannel
  readonly message: Message
  readonly delivery: number
  readonly sender: Sender
  readonly atMs: number
  readonly cost: number
  /** When the receiver got it; absent: not, or not yet. */
  receivedMs?: number
  /** It is on its way, whatever becomes of the sender. */
  underway: boolean
  /** When the sender got an answer, and which. */
  answer?: { readonly atMs: number; readonly senderMs: number; readonly outcome: Outcome | 'thrown' }
}

/** Told of each handing over before it is made. */
export type OnHanded = (handing: Handing, earlier: readonly Handing[]) => void

/** Text of one segment; what is longer costs more of the rate. */
const segmentChars = 160

/** The other end of every channel: mailboxes, telephones and a web hook, whose behaviour is drawn from the seed. */
export class Receivers {
  readonly #world: World
  readonly #time: VirtualTime
  readonly #journal: Journal
  readonly #dice: Dice
  readonly #onHanded: OnHanded
  readonly #byMessage = new Map<string, Handing[]>()
  /** Channel and address of each refusal for good. */
  readonly refusedAddresses = new Set<string>()

  constructor(world: World, time: VirtualTime, journal: Journal, onHanded: OnHanded) {
    this.#world = world
    this.#time = time
    this.#journal = journal
    this.#dice = new Dice(world.seed, 'receivers')
    this.#onHanded = onHanded
  }

  /** Of one message, oldest first. */
  handings(messageId: string): readonly Handing[] {
    return this.#byMessage.get(messageId) ?? []
  }

  all(): readonly (readonly Handing[])[] {
    return [...this.#byMessage.values()]
  }

  /** The kinds of channel as one process holds them. */
  types(sender: Sender): readonly ChannelType[] {
    return channelKinds.map((kind) => this.#type(kind, sender))
  }

  #type(kind: ChannelKind, sender: Sender): ChannelType {
    const { limits, address, shape, can } = traits[kind]
    return {
      type: kind,
      settings: z.strictObject({ token: z.string().meta({ label: 'Token', secret: true }) }),
      address,
      shape,
      can,
      limits,
      create: (_settings, name) => this.#channel(this.#worldChannel(name), kind, sender),
    }
  }

  #worldChannel(name: string): WorldChannel {
    const channel = this.#world.config.channels.find((one) => one.name === name)
    if (channel === undefined) throw new Error(`expected channel ${name} in the world`)
    return channel
  }

  #channel(channel: WorldChannel, kind: ChannelKind, sender: Sender): Channel {
    const send: Channel['send'] = (message, tools) => this.#send(channel, message, tools, sender)
    return kind === 'sim-asked' ? { send, find: (message) => this.#find(channel, message, sender) } : { send }
  }

  #weather(channel: string): Weather {
    const now = this.#time.elapsedMs
    return this.#world.weather.find((spell) => spell.channel === channel && spell.fromMs <= now && now < spell.untilMs)?.weather ?? 'fine'
  }

  #find({ name }: WorldChannel, message: Message, sender: Sender): Promise<'arrived' | 'absent' | 'unknown'> {
    const isUnsure = this.#weather(name) !== 'fine' && this.#dice.hits(0.5)
    return new Promise((resolve) => {
      this.#time.after(this.#dice.between(5, 100), () => {
        const has = this.handings(message.id).some((one) => one.receivedMs !== undefined || one.underway)
        const found = isUnsure ? 'unknown' : has ? 'arrived' : 'absent'
        this.#journal.note(`${name} asked by ${sender.label} for ${message.id}: ${found}`)
        sender.onwards(() => resolve(found))
      })
    })
  }

  #send(channel: WorldChannel, message: Message, tools: SendTools, sender: Sender): Promise<Outcome> {
    const weather = this.#weather(channel.name)
    const earlier = this.handings(message.id)
    const cost = costOf(channel.kind, message)
    const handing: Handing = { channel, message, delivery: deliveryOf(message.id), sender, atMs: this.#time.elapsedMs, cost, underway: false }
    this.#journal.counts.handed += 1
    this.#journal.note(`${channel.name} (${weather}) handed ${message.id} ${message.severity} to ${message.to || '-'} by ${sender.label}`)
    this.#onHanded(handing, earlier)
    this.#byMessage.set(message.id, [...earlier, handing])
    return this.#answer(handing, weather, tools)
  }

  #answer(handing: Handing, weather: Weather, tools: SendTools): Promise<Outcome> {
    const dice = this.#dice
    const isSlow = weather === 'slow'
    const wayThereMs = isSlow ? dice.between(500, this.#world.config.leaseMs) : dice.between(2, 80)
    const wayBackMs = isSlow ? dice.between(500, this.#world.config.leaseMs) : dice.between(2, 80)
    const survivesSender = dice.hits(0.6)
    const verdict = this.#verdict(handing, weather)
    const heedsDeadline = dice.hits(0.5)
    handing.underway = verdict.isReceived
    return new Promise((resolve, reject) => {
      const answer = (outcome: Outcome | 'thrown'): void => {
        handing.sender.onwards(() => {
          if (handing.answer !== undefined) return
          handing.answer = { atMs: this.#time.elapsedMs, senderMs: handing.sender.nowMs, outcome }
          this.#journal.note(`${handing.channel.name} answered ${handing.message.id} to ${handing.sender.label}: ${outcome === 'thrown' ? 'threw' : outcome.kind}`)
          if (outcome === 'thrown') reject(new Error(`socket closed; token ${handing.channel.token}`))
          else resolve(outcome)
        })
      }
      this.#time.after(wayThereMs, () => {
        if (verdict.isReceived && !handing.sender.isUp && !survivesSender) handing.underway = false
        if (handing.underway) this.#receive(handing)
        if (verdict.outcome === undefined) return
        const { outcome } = verdict
        this.#time.after(wayBackMs, () => answer(outcome))
      })
      if (heedsDeadline) tools.signal.addEventListener('abort', () => answer({ kind: 'in-doubt', code: 'timeout', detail: 'no answer in time' }), { once: true })
    })
  }

  #receive(handing: Handing): void {
    handing.underway = false
    handing.receivedMs = this.#time.elapsedMs
    this.#journal.counts.received += 1
  }

  #verdict({ message }: Handing, weather: Weather): { readonly isReceived: boolean; readonly outcome?: Outcome | 'thrown' } {
    const dice = this.#dice
    if (this.#world.badAddresses.has(message.to)) return refused({ kind: 'bad-address', code: '550', detail: 'no such address' })
    switch (weather) {
      case 'fine':
      case 'slow':
        return { isReceived: true, outcome: { kind: 'sent' } }
      case 'failing':
        return dice.hits(0.8) ? refused({ kind: 'retry', code: '503', detail: 'try again later' }) : { isReceived: true, outcome: { kind: 'sent' } }
      case 'limited':
        return refused({ kind: 'retry', code: '429', detail: 'too many requests', afterMs: dice.between(500, 60_000) })
      case 'hanging':
        return { isReceived: dice.hits(0.3) }
      case 'losing':
        return dice.hits(0.5) ? { isReceived: true } : { isReceived: true, outcome: { kind: 'in-doubt', code: 'reset', detail: 'the connection broke after the message' } }
      case 'misconfigured':
        return refused({ kind: 'bad-config', code: '401', detail: 'wrong credentials' })
      case 'throwing':
        return refused('thrown')
      case 'picky':
        return dice.hits(0.2) ? refused({ kind: 'bad-content', code: '422', detail: 'not acceptable' }) : { isReceived: true, outcome: { kind: 'sent' } }
    }
  }
}

function refused(outcome: Outcome | 'thrown'): { readonly isReceived: false; readonly outcome: Outcome | 'thrown' } {
  return { isReceived: false, outcome }
}

function costOf(kind: ChannelKind, message: Message): number {
  return Math.max(1, Math.ceil(traits[kind].limits.cost?.(message) ?? 1))
}

/** The number of the delivery stands in the message's id. */
function deliveryOf(messageId: string): number {
  return Number(/-(\d+)-[0-9a-z]+$/.exec(messageId)?.[1] ?? Number.NaN)
}

const byText = (message: Message): number => Math.ceil(message.text.length / segmentChars)
const perAddress = { count: 3, perMs: 3_000 }

const traits: Readonly<Record<ChannelKind, Pick<ChannelType, 'limits' | 'address' | 'shape' | 'can'>>> = {
  'sim-mail': { address: 'email', shape: 'mail', can: { deduplicates: false, resolves: true }, limits: { bodyCharsMax: 20_000, concurrency: 5 } },
  'sim-text': { address: 'phone', shape: 'short', can: { deduplicates: false, resolves: false }, limits: { bodyCharsMax: 640, concurrency: 5, ratePerAddress: perAddress, cost: byText } },
  'sim-asked': { address: 'phone', shape: 'short', can: { deduplicates: false, resolves: false }, limits: { bodyCharsMax: 160, concurrency: 5 } },
  'sim-hook': { address: 'none', shape: 'full', can: { deduplicates: true, resolves: true, interrupts: false }, limits: { bodyCharsMax: 4_000, concurrency: 5 } },
}
