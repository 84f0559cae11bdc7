import type { Announcement } from './model/event.ts'
import type { Content, Dispatcher, Sender } from './sender.ts'

/** Hands messages to a Client. */
export function createDispatchSender<Result>(dispatcher: Dispatcher<Result>): Sender<Result> {
  const announce = (content: Content, whom: Pick<Announcement, 'to' | 'direct'>): Promise<Result> => {
    const body = content.body.trim() === content.title ? '' : content.body
    return dispatcher.dispatch({ title: content.title, severity: content.severity, ...(body === '' ? {} : { body }), ...whom })
  }
  return {
    channels: () => dispatcher.channels(),
    sendTo: (channel, address, content) => announce(content, { direct: { channel, address } }),
    sendToPeople: (to, content) => announce(content, to === undefined ? {} : { to: [to] }),
    received: () => [],
    close: async () => undefined,
  }
}
