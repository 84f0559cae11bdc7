import { z } from 'zod'

const template = z.string().min(1).max(10_000)

/**
 * A program that tells us by a webhook what it noticed: `sources.NAME`. Each text is a Liquid template over `payload`, the JSON that was sent,
 * such as `{{ payload.repository.name }}`; what it writes is taken as text.
 */
export const source = z
  .strictObject({
    /** What happened, one line. */
    title: template,
    body: template.optional(),
    /** `critical`, `high`, `warning` or `info`, or a common word for one of them; anything else is `high`. */
    severity: template.default('high'),
    /** What it is about, where that lasts: one alert for each until `over` writes `true`. Absent: news. */
    about: template.optional(),
    over: template.optional(),
    /** When it happened, ISO 8601 or milliseconds since 1970: with it the same call that is sent again changes nothing. Absent: now. */
    at: template.optional(),
    /** What is looked at by routes, silences and conditions. */
    tags: z.record(z.string().min(1).max(200), template).default({}),
    /** Where `true` is not written, nothing is noticed. */
    when: template.optional(),
    /** By which the sender proves itself: `whsec_…` with `standard`, any text with `github`. Absent: it sends a key of ours. */
    secret: z.string().min(16).max(500).optional(),
    signature: z.enum(['standard', 'github']).default('standard'),
  })
  .superRefine(({ secret, signature, over, about }, context) => {
    if (over !== undefined && about === undefined) context.addIssue({ code: 'custom', path: ['over'], message: 'expected about beside over: what is over has to be named' })
    if (secret !== undefined && signature === 'standard' && !/^whsec_[A-Za-z0-9+/]{32,}={0,2}$/.test(secret)) context.addIssue({ code: 'custom', path: ['secret'], message: 'expected whsec_ and at least 24 bytes in base64 (Standard Webhooks); with signature: github any text' })
  })

export type SourceConfig = z.output<typeof source>
