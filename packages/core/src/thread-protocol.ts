import type { ChannelType, Message } from './model/channel.ts'
import type { ConfigInput } from './model/config.ts'
import type { TocsinErrorCode } from './model/error.ts'
import type { Outcome } from './model/outcome.ts'
import type { PackedEvents } from './packed-events.ts'
import type { RemoteStart } from './remote-input.ts'
import type { NamedChannel } from './sender.ts'

/** A channel type that lives on the main thread, as far as it can be told to another thread. */
export type RemoteChannelType = Pick<ChannelType, 'type' | 'address' | 'shape' | 'can'> & { readonly limits: Omit<ChannelType['limits'], 'cost'> }

/** What the agent's thread tells the engine's. */
export type ToEngine =
  | { readonly kind: 'start'; readonly config?: ConfigInput | string; readonly data: string; readonly channelTypes: readonly RemoteChannelType[] }
  | { readonly kind: 'outcome'; readonly call: number; readonly outcome: Outcome }
  | Handed

/** What it tells the thread that sends to a server. */
export type ToRemote = { readonly kind: 'start'; readonly remote: RemoteStart; readonly data: string } | Handed

type Handed =
  | { readonly kind: 'events'; readonly batch: number; readonly events: PackedEvents }
  /** Commit, deliver what is due for at most `forMs`, then stop. */
  | { readonly kind: 'close'; readonly forMs: number }
  /** The same, of what is critical, and without the agent's thread, which is blocked since `atMs`. */
  | { readonly kind: 'exit'; readonly forMs: number; readonly atMs: number }

/** What either thread tells the agent's. */
export type FromEngine =
  | { readonly kind: 'ready'; readonly channels: readonly NamedChannel[] }
  | { readonly kind: 'committed'; readonly batch: number; readonly refused: readonly string[] }
  | { readonly kind: 'failed'; readonly batch: number; readonly why: string }
  | { readonly kind: 'fatal'; readonly code: TocsinErrorCode; readonly message: string }
  /** This engine cannot go on; another one may. */
  | { readonly kind: 'broken'; readonly why: string }
  | { readonly kind: 'send'; readonly call: number; readonly channel: string; readonly type: string; readonly settings: unknown; readonly message: Message; readonly deadlineMs: number }
  | { readonly kind: 'notice'; readonly text: string }
  | { readonly kind: 'closed' }

/** Shared words, for the one moment when no message can be read any more: the exit of the process. */
export const control = {
  /** 0 while running, 1 when the engine's thread is done. */
  done: 0,
  /** Every batch up to this one is committed. */
  committed: 1,
  /** Deliveries, or events for a server, that wait for the next process; while the engine ends, those that waited when it began to. */
  waiting: 2,
  size: 3,
} as const

export interface WorkerData {
  /** Tells our thread from threads of the agent. */
  readonly tocsin: 'engine'
  /** What runs in it: an engine, or what sends to a server. */
  readonly way: 'engine' | 'remote'
  readonly shared: Int32Array
}
