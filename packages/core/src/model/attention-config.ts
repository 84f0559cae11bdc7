import { z } from 'zod'
import { alertKinds } from './alert.ts'
import { clockTime, duration, durationBetween, expression, name, timezone } from './config-words.ts'
import { severities } from './severity.ts'

/** Monday first, as in ISO 8601. */
export const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
export type Weekday = (typeof weekdays)[number]

const weekday = z.enum(weekdays)
const hours = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$/, 'expected hours such as 22:00-07:00')

/** An instant, in milliseconds since 1970. Its zone is written with it, because a file is read in many places. */
const instant = z.iso.datetime({ offset: true, error: 'expected a time with its zone, such as 2026-11-22T14:00:00+01:00 or 2026-11-22T13:00:00Z' }).transform((text) => Date.parse(text))

/** When a digest is told: every so long, counted from the first in it, or at a time of day where its reader is. */
export type Schedule =
  | { readonly kind: 'every'; readonly everyMs: number }
  | { readonly kind: 'hourly' }
  | { readonly kind: 'daily'; readonly at: string }
  | { readonly kind: 'weekly'; readonly on: Weekday; readonly at: string }

const schedule = z.union(
  [
    z.literal('hourly').transform((): Schedule => ({ kind: 'hourly' })),
    duration.transform((everyMs): Schedule => ({ kind: 'every', everyMs })),
    z.strictObject({ daily: clockTime }).transform(({ daily }): Schedule => ({ kind: 'daily', at: daily })),
    z.strictObject({ weekly: weekday, at: clockTime.default('09:00') }).transform(({ weekly, at }): Schedule => ({ kind: 'weekly', on: weekly, at })),
  ],
  { error: 'expected a duration such as 15m, hourly, { daily: "09:00" } or { weekly: mon, at: "09:00" }' },
)

const via = z.union([
  z.array(name).min(1).max(10),
  z.strictObject({ first: z.array(name).min(1).max(10), after: duration.default(300_000) }),
])

const receivers = z.array(z.string().min(1).max(100)).min(1).max(100)

/** One wish of a person about how they are told; of several that fit, the first that says something about a matter holds in it. */
export const preference = z.strictObject({
  /** Which alerts: a CEL condition over `alert`. @default all */
  when: expression.optional(),
  kinds: z.array(z.enum(alertKinds)).min(1).optional(),
  severities: z.array(z.enum(severities)).min(1).optional(),
  /** By which channels they would be told. @default all */
  channels: z.array(name).min(1).max(20).optional(),
  /** Not told of these. What a route marks as required is told all the same. */
  mute: z.literal(true).optional(),
  /** By these channels instead, in place of the route's. */
  via: via.optional(),
  /** Collected. What is critical is not. */
  digest: schedule.optional(),
}).refine(({ mute, via: by, digest }) => mute !== undefined || by !== undefined || digest !== undefined, 'expected what is wished: mute, via or digest, found none')

/** People under one name: in `to` as `team:NAME`. */
export const team = z.array(name).min(1, 'expected at least one person').max(100)

/** Who of several is on duty; in `to` as `rotation:NAME`. */
export const rotation = z.strictObject({
  members: z.array(name).min(1, 'expected at least one person').max(100),
  every: z.enum(['day', 'week']).default('week'),
  /** Time of day of the hand-over. */
  at: clockTime.default('09:00'),
  /** Day of the hand-over, of a weekly one. */
  on: weekday.default('mon'),
  timezone: timezone.optional(),
  /** A local date on which, or in whose turn, the first of the members is on duty. */
  start: z.iso.date('expected a date such as 2026-11-02').default('2026-01-05'),
  /** Who takes whose place; the last one that covers an instant holds. */
  overrides: z.array(z.strictObject({ person: name, from: instant, until: instant })).max(1_000).default([]),
}).superRefine(({ overrides }, context) => {
  for (const [index, { from, until }] of overrides.entries()) if (until <= from) context.addIssue({ code: 'custom', path: ['overrides', index, 'until'], message: 'expected an end after its beginning' })
})

/** Whom else, where nobody acknowledges. */
const escalationStep = z.strictObject({
  /** After the step before was sent and nobody acknowledged. */
  after: durationBetween('10s', '7d'),
  to: receivers,
  /** @default the route's */
  via: via.optional(),
})

export const route = z.strictObject({
  name: name.optional(),
  match: expression.default('true'),
  /** A person, `role:NAME`, `team:NAME` or `rotation:NAME`. */
  to: receivers,
  via,
  /** Collects and sends one message. Critical alerts do not wait. */
  digest: schedule.optional(),
  /** Names of the alert view: alerts with the same values there are told together. Absent: each by itself. */
  groupBy: z.array(z.string().max(200)).min(1).max(8).optional(),
  /** How long the first of a group waits for others. @default 30s where it groups */
  groupWait: durationBetween('0s', '1h').optional(),
  /** How long at least from one message about a group to the next. @default 5m where it groups */
  groupInterval: durationBetween('1s', '7d').optional(),
  /** What still fires and nobody acknowledged is told again after so long. @default never */
  repeatInterval: durationBetween('1m', '30d').optional(),
  /** What nobody acknowledges goes on to others, step by step. */
  escalate: z.array(escalationStep).min(1).max(10).optional(),
  /** Nobody can mute what it tells, by a preference. */
  required: z.boolean().default(false),
  /** Later routes are not asked. */
  stop: z.boolean().default(false),
}).superRefine(({ digest, groupBy, groupWait, groupInterval }, context) => {
  for (const [key, given] of Object.entries({ groupWait, groupInterval })) {
    if (given === undefined || (groupBy !== undefined && digest === undefined)) continue
    const message = groupBy === undefined ? `expected groupBy beside it, such as groupBy: [agent]: without it each alert is told by itself` : 'expected no digest beside it: a digest has its own time, at which each group is one message'
    context.addIssue({ code: 'custom', path: [key], message })
  }
})

/** What is not told from one instant to another. */
export const silence = z.strictObject({
  name,
  match: expression,
  from: instant.optional(),
  until: instant,
  author: z.string().min(1).max(200),
  comment: z.string().min(1).max(500),
}).refine(({ from, until }) => from === undefined || until > from, { path: ['until'], error: 'expected an end after its beginning' })

/** A time that comes again and again in which something is not told. */
export const maintenance = z.strictObject({
  name,
  match: expression.default('true'),
  /** Days on which it begins. */
  days: z.array(weekday).min(1).default([...weekdays]),
  /** Local times; one that ends before it begins ends on the next day. */
  hours,
  timezone: timezone.optional(),
  comment: z.string().max(500).optional(),
})

const perTime = { perHour: z.int().min(1).max(100_000), perDay: z.int().min(1).max(1_000_000) }

/** How many messages a person is sent by one channel; what is more goes into a digest. `false`: no limit. */
export const limits = z.union([
  z.literal(false),
  z.strictObject({
    perHour: perTime.perHour.default(30),
    perDay: perTime.perDay.default(150),
    /** What is critical has this in addition, for itself alone. */
    critical: z.strictObject({ perHour: perTime.perHour.default(20), perDay: perTime.perDay.default(60) }).prefault({}),
    /** Other numbers for a channel. */
    channels: z.record(name, z.strictObject({ perHour: perTime.perHour.optional(), perDay: perTime.perDay.optional() })).default({}),
  }),
])

/** When one message after the other becomes a running summary. `false`: never. */
export const storm = z.union([
  z.literal(false),
  z.strictObject({
    /** More messages than so many to one person on one channel … */
    count: z.int().min(1).max(1_000).default(8),
    /** … within so long are a storm. */
    within: durationBetween('10s', '1h').default(60_000),
    /** The first summary comes so long after the storm was noticed; each further one waits twice as long as the one before … */
    every: durationBetween('10s', '1h').default(60_000),
    /** … up to so long. */
    everyMost: durationBetween('10s', '24h').default(1_800_000),
  }),
])

/** An alert that ends and fires again so often in so long is unsteady: told once as such, and its end when it has held. `false`: never. */
export const flapping = z.union([
  z.literal(false),
  z.strictObject({ count: z.int().min(2).max(100).default(3), within: durationBetween('1m', '24h').default(1_800_000) }),
])

/** What was spent, what failed, what was told and held. */
export const report = z.strictObject({
  name,
  every: z.enum(['day', 'week']).default('week'),
  at: clockTime.default('09:00'),
  /** Of a weekly one. */
  on: weekday.default('mon'),
  to: receivers,
  via,
})

export type PreferenceConfig = z.output<typeof preference>
export type RotationConfig = z.output<typeof rotation>
export type RouteConfig = z.output<typeof route>
export type MaintenanceConfig = z.output<typeof maintenance>
export type ReportConfig = z.output<typeof report>
export type LimitsConfig = Exclude<z.output<typeof limits>, false>
export type StormConfig = Exclude<z.output<typeof storm>, false>
export type FlappingConfig = Exclude<z.output<typeof flapping>, false>
