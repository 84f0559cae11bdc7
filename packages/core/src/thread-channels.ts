import type { Channel, ChannelType } from './model/channel.ts'
import type { Clock } from './model/clock.ts'
import { errorText, TocsinError } from './model/error.ts'
import { outcomeFrom } from './model/outcome-from.ts'
import type { Outcome } from './model/outcome.ts'
import type { FromEngine, RemoteChannelType } from './thread-protocol.ts'

/** How long after the deadline a channel that heeds the signal may still give its own, more exact outcome, milliseconds. */
const graceMs = 100

/** The channels that a program registered: they live on its own thread, and the engine asks for each message. */
export class ThreadChannels {
  readonly #clock: Clock
  readonly #types = new Map<string, ChannelType>()
  readonly #channels = new Map<string, Channel>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  register(type: ChannelType): void {
    this.#types.set(type.type, type)
  }

  /** What the engine has to know of them. */
  remoteTypes(): readonly RemoteChannelType[] {
    return [...this.#types.values()].map(({ type, address, shape, can, limits: { cost: _, ...limits } }) => ({ type, address, shape, can, limits }))
  }

  /** Never throws, and answers soon after the deadline, whatever the channel does. */
  async outcomeOf(request: Extract<FromEngine, { kind: 'send' }>): Promise<Outcome> {
    const { channel: name, deadlineMs } = request
    const deadline = new AbortController()
    const stops = [this.#clock.after(deadlineMs, () => deadline.abort())]
    const overdue = new Promise<Outcome>((resolve) => {
      stops.push(this.#clock.after(deadlineMs + graceMs, () => resolve({ kind: 'in-doubt', code: 'deadline', detail: `channel ${name} gave no answer in ${deadlineMs} ms` })))
    })
    try {
      const channel = this.#open(request)
      if ('kind' in channel) return channel
      return outcomeFrom(await Promise.race([channel.send(request.message, { signal: deadline.signal, clock: this.#clock, inbox: noInbox }), overdue]), name, asItIs)
    } catch (thrown) {
      return { kind: 'retry', code: 'channel-fault', detail: `channel ${name} threw: ${errorText(thrown)}` }
    } finally {
      for (const stop of stops) stop()
    }
  }

  async close(): Promise<void> {
    await Promise.allSettled([...this.#channels.values()].map(async (channel) => channel.close?.()))
  }

  #open({ channel: name, type: typeName, settings }: Extract<FromEngine, { kind: 'send' }>): Channel | Outcome {
    const opened = this.#channels.get(name)
    if (opened !== undefined) return opened
    const type = this.#types.get(typeName)
    if (type === undefined) return { kind: 'bad-config', detail: `channel type "${typeName}" is not registered in this process` }
    const parsed = type.settings.safeParse(settings)
    if (!parsed.success) return { kind: 'bad-config', detail: `settings of channel ${name}: ${errorText(parsed.error)}` }
    const channel = type.create(parsed.data, name)
    this.#channels.set(name, channel)
    return channel
  }
}

/** The engine takes the secrets out, as it does for every channel. */
const asItIs = (text: string): string => text

const noInbox = {
  put: (): Promise<never> => Promise.reject(new TocsinError('wrong-usage', 'a registered channel keeps its messages itself; the inbox belongs to channels of type inbox')),
}
