import type { OptOut } from '../../model/attention.ts'
import type { BadAddress, Transaction } from '../../model/store.ts'

/** What somebody answered to a message. */
export interface Reply {
  readonly project: string
  /** Kind of channel, such as that of text messages: who stops one number stops all of them. */
  readonly channelType: string
  /** Whose: as the configuration writes it, such as `+13125550123`. */
  readonly address: string
  readonly text: string
}

/** What Twilio takes for an end and a beginning by default, in any case and alone in the message; and an end in Chinese. */
const stops: ReadonlySet<string> = new Set(['STOP', 'STOPALL', 'UNSUBSCRIBE', 'CANCEL', 'END', 'QUIT', 'REVOKE', 'OPTOUT', '退订'])
const starts: ReadonlySet<string> = new Set(['START', 'YES', 'UNSTOP'])

/** What a reply asks for; `nothing` where it is no word for either. */
export function replyMeans(text: string): 'stop' | 'start' | 'nothing' {
  const word = text.normalize('NFKC').replace(/[\s.!。！"'“”]+/g, ' ').trim().toUpperCase()
  return stops.has(word) ? 'stop' : starts.has(word) ? 'start' : 'nothing'
}

/**
 * Somebody stopped or started what is sent to an address of theirs. What waits for it is looked at when it is due, and goes to their next channel.
 *
 * @param channels names of all channels of the kind: what a provider said of the address there is forgotten when it starts again
 */
export async function recordReply(tx: Transaction, { project, channelType, address, text }: Reply, channels: readonly string[], nowMs: number): Promise<ReturnType<typeof replyMeans>> {
  const means = replyMeans(text)
  const one: Omit<OptOut, 'sinceMs'> = { project, channelType, address: address.trim() }
  if (means === 'stop') await tx.optOut({ ...one, sinceMs: nowMs })
  if (means === 'start') {
    await tx.optIn(one)
    await tx.clearBadAddresses(channels.map((channel): Pick<BadAddress, 'project' | 'channel' | 'address'> => ({ project, channel, address: one.address })))
  }
  return means
}
