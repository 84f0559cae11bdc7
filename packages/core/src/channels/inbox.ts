import { z } from 'zod'
import type { ChannelType } from '../model/channel.ts'
import { cutText } from './cut-text.ts'
import { oneLine } from './one-line.ts'

const bodyCharsMax = 20_000

/** Keeps messages on this machine, to be read there: works without any account, for development and as a last resort. */
export const inbox: ChannelType<Record<string, never>> = {
  type: 'inbox',
  settings: z.strictObject({}).meta({
    about: {
      title: { en: 'Inbox', 'zh-CN': '站内收件箱' },
      description: {
        en: 'Messages are kept in the store of this machine, to be read there. Works without any account. On by default where no channels are configured.',
        'zh-CN': '消息保存在本机的存储中，在本机查看。无需任何账户。未配置任何渠道时默认启用。',
      },
    },
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
