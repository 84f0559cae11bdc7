import type { Message } from '../../model/channel.ts'
import type { ChannelWorld, SuiteWorld } from '../channel-suite.ts'

async function start(): Promise<ChannelWorld> {
  const kept = new Map<string, Message>()
  return {
    settings: {},
    secrets: [],
    address: '',
    faults: [],
    inbox: { put: async (message) => void kept.set(message.id, message) },
    received: () => [...kept.values()].map(({ id, to, subject, text, locale }) => ({ to, subject, text, locale, repeatId: id })),
    close: async () => undefined,
  }
}

export const inbox: SuiteWorld = { faults: [], start }
