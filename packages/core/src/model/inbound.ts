import type { Outcome } from './outcome.ts'

/** A call that a provider makes to us, as it came over the line. */
export interface InboundRequest {
  /** The whole address as the provider called it, with its query: what stands before us may have changed it on the way. */
  readonly url: string
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: string
  /** When it came, milliseconds since 1970: what is signed with its time is believed for minutes. */
  readonly atMs: number
}

/**
 * What it says, as the channel that it is for understands it.
 *
 * forged   not from the provider, or too large to be
 * status   what became of a message that it had taken; `arrived`, or an outcome that says why not
 * reply    somebody answered
 * act      somebody pressed a button of a message, by what its link would be used for
 * nothing  nothing that is needed here
 */
export type Inbound =
  | { readonly kind: 'forged' | 'nothing' }
  | { readonly kind: 'status'; readonly messageId: string; readonly providerId: string; readonly outcome: 'arrived' | Exclude<Outcome, { kind: 'sent' }> }
  | { readonly kind: 'reply'; readonly address: string; readonly text: string }
  | { readonly kind: 'act'; readonly token: string; readonly action: 'acknowledge' | 'snooze'; readonly address: string }
