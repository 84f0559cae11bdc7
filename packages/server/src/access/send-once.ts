import { errorText, NotificationManager, type Config, type OpenChannel } from 'tocsin/engine'
import { escaped } from '../projects/merge.ts'

/** Whether a message left, and by which channel; else why not, for whoever waits for it. */
export type SentOnce = { readonly sent: true; readonly channel: string } | { readonly sent: false; readonly why: string }

/** Somebody waits for it. */
const sendMs = 15_000

/** The channel by which a project reaches such addresses: the first in its configuration. */
export function channelFor(channels: readonly { readonly name: string; readonly address: OpenChannel['address'] }[], kind: OpenChannel['address']): string | undefined {
  return channels.find(({ address }) => address === kind)?.name
}

/**
 * Sends something that is for one reader alone, such as a link or a code, by a channel of the project, at once and once. It goes past the
 * store: what is stored is read by others.
 */
export async function sendOnce({ config, channel, to, title, body }: { readonly config: Pick<Config, 'channels'>; readonly channel: string; readonly to: string; readonly title: string; readonly body: string }): Promise<SentOnce> {
  const settings = config.channels[channel]
  if (settings === undefined) return { sent: false, why: `There is no channel "${channel}".` }
  // What is in force has no names of the environment in it any more: what looks like one is meant as it stands.
  const meant = escaped(settings)
  // Reason for the content: the link or the code is what it is about.
  const manager = new NotificationManager({ channels: { [channel]: { ...settings, ...(typeof meant === 'object' ? meant : {}) } }, content: 'full', deadlineMs: sendMs })
  try {
    const outcome = await manager.send({ channel, to, title, body })
    // In doubt it may have arrived: whoever waits looks there, and asks again where it did not.
    return outcome.kind === 'sent' || outcome.kind === 'in-doubt' ? { sent: true, channel } : { sent: false, why: `${outcome.kind}: ${outcome.detail}` }
  } catch (failure) {
    return { sent: false, why: errorText(failure) }
  } finally {
    await manager.close()
  }
}
