import { z } from 'zod'
import type { Channel, ChannelType } from '../packages/core/src/model/channel.ts'

/**
 * A channel that takes every message at once: what is left is the product's own work.
 *
 * @param shape `short` is a text message, `mail` a whole letter in text and HTML
 */
export function nullChannel(shape: ChannelType['shape'], send: Channel['send'] = async () => ({ kind: 'sent' })): ChannelType {
  return {
    type: 'null',
    settings: z.unknown(),
    address: 'none',
    shape,
    limits: { bodyCharsMax: 100_000, concurrency: 1_000 },
    can: { deduplicates: true, resolves: true },
    create: () => ({ send }),
  }
}
