import type { ConfigInput } from './model/config.ts'

/** A Tocsin server that does everything beyond recording: people, channels, rules and budgets are configured there. */
export interface RemoteServer {
  /** Where it listens, such as `https://tocsin.example.com`; a path before `/api/v1/events` stays. `${NAME}` reads the environment. */
  readonly endpoint: string
  /** A key that may ingest, `tok_…`; it says which project the events belong to. `${NAME}` reads the environment. */
  readonly apiKey: string
  /**
   * Whether e-mail addresses, telephone numbers and the like are replaced before events leave this process. `full` leaves that to
   * the server's own `store.content`. Secrets are destroyed in both cases.
   * @default 'redacted'
   */
  readonly content?: 'redacted' | 'full'
}

/** A server instead of a configuration: nothing of one can stand beside it. */
export type RemoteInput = RemoteServer & { readonly [Name in keyof ConfigInput]?: never }

/** How the connection to a server behaves, beside what `init` takes for every client. */
export interface RemoteOptions {
  /**
   * Largest size of the file in which events wait while the server is away, bytes, 1,000,000 to 10,000,000,000; its journal (about 1 MB) comes
   * on top. When it is full, the oldest events that tell of nothing wrong are dropped, then the oldest of the others; what was dropped is counted and told.
   * @default 64_000_000
   */
  readonly spoolBytesMax?: number
  /** Plain http to an endpoint on this machine (`127.0.0.0/8`, `::1`, `localhost`). @default false */
  readonly allowInsecure?: boolean
  /** Own certificate authority of the endpoint, PEM text or a file; trusted instead of the known ones. */
  readonly ca?: string
}

/** What the worker thread needs to begin, as it was given: it is checked there. */
export interface RemoteStart {
  readonly server: RemoteInput
  readonly spoolBytesMax: number
  readonly allowInsecure: boolean
  readonly ca: string | undefined
  /** This process at its host: its number, and when it began, so that one that gets the same number later is another. */
  readonly process: string
}

/** Whether a server is meant and no configuration. */
export function isRemote(given: unknown): given is RemoteInput {
  return typeof given === 'object' && given !== null && 'endpoint' in given
}
