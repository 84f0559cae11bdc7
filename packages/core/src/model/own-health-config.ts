import { z } from 'zod'
import { clockTime, durationBetween, name } from './config-words.ts'

/**
 * An address outside that the server calls while all is well, so that its silence means trouble: `heartbeat`. What may be called is checked
 * beside the addresses of channels, see `config-references.ts`.
 */
export const heartbeat = z.strictObject({
  /** A secret, mostly: whoever knows it can say that all is well. */
  url: z.string().min(1).max(2_000),
  method: z.enum(['GET', 'POST']).default('GET'),
  every: durationBetween('10s', '1d').default(60_000),
  /** What is due and has waited for longer than this is stuck, and the address is not called. */
  late: durationBetween('10s', '1d').default(600_000),
  allowInsecure: z.boolean().default(false),
  /** Private networks in which the address may be. */
  allowNetworks: z.array(z.string().min(1).max(100)).max(100).default([]),
})

/** A marked message to the admins by each channel, once a day: `selfTest`. */
export const selfTest = z.strictObject({
  /** In the time zone of `defaults`. */
  at: clockTime.default('09:00'),
  /** @default all */
  channels: z.array(name).min(1).max(100).optional(),
})
