import { z } from 'zod'
import type { ChannelType } from '../model/channel.ts'
import { cutText } from './cut-text.ts'
import { oneLine } from './one-line.ts'

const bodyCharsMax = 20_000

/** Keeps messages on this machine, to be read there: works without any account, for development and as a last resort. */
export const inbox: ChannelType<Record<string, never>> = {
  type: 'inbox',
  settings: z.strictObject({}).meta({
    title: 'Inbox',
    description: 'Messages are kept in the store of this machine, to be read there. Works without any account. On by default where no channels are configured.',
    example: `inbox: { type: inbox }`,
  }),
  address: 'none',
  shape: 'full',
  limits: { bodyCharsMax, concurrency: 4 },
  can: { deduplicates: true, resolves: true, interrupts: false },
  create: (_settings, name) => ({
    async send(message, tools) {
      await tools.inbox.put({ ...message, subject: oneLine(message.subject), text: cutText(message.text, bodyCharsMax, '… (cut)') }, name)
      return { kind: 'sent' }
    },
  }),
}
