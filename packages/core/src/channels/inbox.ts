import { z } from 'zod'
import type { ChannelType } from '../model/channel.ts'

/** Keeps messages on this machine, to be read there: works without any account, for development and as a last resort. */
export const inbox: ChannelType<Record<string, never>> = {
  type: 'inbox',
  settings: z.strictObject({}),
  address: 'none',
  shape: 'full',
  limits: { bodyCharsMax: 20_000, concurrency: 4 },
  can: { deduplicates: true, tellsResolved: true },
  create: (_settings, name) => ({
    async send(message, tools) {
      await tools.inbox.put(message, name)
      return { kind: 'sent' }
    },
  }),
}
