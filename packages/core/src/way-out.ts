import type { ConfigInput } from './model/config.ts'
import { TocsinError } from './model/error.ts'
import type { RemoteStart } from './remote-input.ts'
import type { RemoteChannelType, ToEngine, ToRemote, WorkerData } from './thread-protocol.ts'

/** Where what is recorded goes. The agent's thread knows no more of it than this. */
export interface WayOut {
  /** What runs in the worker thread. */
  readonly kind: WorkerData['way']
  /** In notices: what it is that runs there, and its thread. */
  readonly what: string
  readonly thread: string
  startMessage(data: string, channelTypes: readonly RemoteChannelType[]): ToEngine | ToRemote
  /** @throws TocsinError where channels are not this process's own */
  checkChannels(): void
  /** What to tell when so much is left at the exit. */
  leftText(waiting: string, data: string): string
}

/** An engine in this process, over a database file. */
export function intoEngine(config: ConfigInput | string | undefined): WayOut {
  return {
    kind: 'engine',
    what: 'the engine',
    thread: "the engine's thread",
    startMessage: (data, channelTypes) => ({ kind: 'start', ...(config !== undefined && { config }), data, channelTypes }),
    checkChannels() {},
    leftText: (waiting, data) => `${waiting} notifications wait in ${data}; they go out with the next process that uses it, or by: npx tocsin drain --data ${data}`,
  }
}

/** A server, over a file in which events wait while it is away. */
export function toServer(remote: RemoteStart): WayOut {
  return {
    kind: 'remote',
    what: 'what sends to the server',
    thread: 'the thread that sends to the server',
    startMessage: (data) => ({ kind: 'start', remote, data }),
    checkChannels() {
      throw new TocsinError('wrong-usage', 'this client sends to a server, which has the channels: configure them there, and name people or nobody here: send({ to: \'dana\', title })')
    },
    leftText: (waiting, data) => `${waiting} events wait in ${data} for the server; they are sent by the next process that uses it`,
  }
}
