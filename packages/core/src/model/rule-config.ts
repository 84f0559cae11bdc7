import { z } from 'zod'
import { alertKinds } from './alert.ts'
import { durationBetween, expression } from './config-words.ts'
import { severities } from './severity.ts'

/** What a reader of the rule's alerts is led to. */
export const ruleLinks = {
  /** What to do about it: a live link in every message. */
  runbook: z.url({ protocol: /^https$/, error: 'expected an address such as https://wiki.example.com/runbook' }).max(2_000).optional(),
  /** Who answers for it: a line in every message. */
  owner: z.string().min(1).max(80).optional(),
}

/** What the rules of one's own that look at more than one event have in common. */
const ownRule = {
  /** Type of event; one ending in `.*` stands for all that begin so. */
  on: z.string().min(1).max(100),
  /** `false` switches it off: it hears nothing, forgets what it has counted, and an alert that it had open is over. */
  enabled: z.boolean().default(true),
  when: expression.optional(),
  kind: z.enum(alertKinds).optional(),
  severity: z.enum(severities).default('warning'),
  /** Names of the event view: each combination of their values is watched by itself. */
  groupBy: z.array(z.string().max(200)).max(8).default([]),
  /** Groups that are kept apart; further ones are counted together as `other`, and the admins hear of it. */
  groupsMax: z.int().min(1).max(10_000).default(1_000),
  /** While it fires it is told again after so long. Absent: it is told once. */
  again: durationBetween('1m', '7d').optional(),
  ...ruleLinks,
}

/** Something measured over a window, by group, against a threshold. */
export const thresholdRule = z.strictObject({
  ...ownRule,
  /** `count`, `rate` (a minute), `share(CONDITION)`, or `sum`, `avg`, `min`, `max`, `p50` to `p99` of a number of the event. */
  measure: z.string().min(1).max(4_100),
  /** Fires above it, or below it: exactly one of the two. Milliseconds, dollars and tokens as the number is; a share from 0 to 1. */
  above: z.number().min(0).optional(),
  below: z.number().positive().optional(),
  /** It is over when the measure is back at it. Absent: a tenth back from the threshold. */
  until: z.number().min(0).optional(),
  /** It fires when it was beyond the threshold for so long without a break. Absent: at once. */
  for: durationBetween('1s', '1d').optional(),
  window: durationBetween('10s', '7d').default(300_000),
  /** Fewer samples in a window are no data. Absent: 10 for shares, means and percentiles, else 1. */
  least: z.int().min(1).max(1_000_000).optional(),
  /** Without data: the measure is 0, or stands as it last was (for a day), or that is told by itself. Absent: `zero` for counts, rates and sums, else `last`. */
  noData: z.enum(['zero', 'last', 'notify']).optional(),
}).superRefine(({ above, below, until }, context) => {
  const say = (key: string, message: string): void => context.addIssue({ code: 'custom', path: [key], message })
  if (above === undefined && below === undefined) return say('above', 'expected a threshold in above: or below:, found neither')
  if (above !== undefined && below !== undefined) return say('below', 'expected a threshold in above: or below:, found both')
  if (until === undefined) return
  if (above !== undefined && until > above) say('until', `expected at most the threshold (above: ${above}), found ${until}`)
  if (below !== undefined && until < below) say('until', `expected at least the threshold (below: ${below}), found ${until}`)
})

/** That nothing came for a time. */
export const absenceRule = z.strictObject({
  ...ownRule,
  /** It fires when nothing matched for so long. */
  absent: durationBetween('10s', '30d'),
  /** Type of event that begins the wait, such as `session.start`. Absent: the last one that matched does, and the start of the product. */
  since: z.string().min(1).max(100).optional(),
})

/** What is usual of a measure is learned, and what is not is told. */
export const anomalyRule = z.strictObject({
  ...ownRule,
  /** What is watched: `sum(costUsd)`, `count`, `p95(durationMs)` and so on, as `measure` of a threshold has it. */
  anomaly: z.string().min(1).max(4_100),
  /** Length of the intervals that are judged. Money is best watched in tens of minutes. */
  every: durationBetween('1m', '1d').default(600_000),
  /** A departure of less is told to nobody: in the unit of the measure … */
  impact: z.number().min(0).default(0),
  /** … and as a share of what was expected. It is detected all the same. */
  impactShare: z.number().min(0).max(100).default(0.2),
})

export type AnomalyRuleConfig = z.output<typeof anomalyRule>
export type ThresholdRuleConfig = z.output<typeof thresholdRule>
export type AbsenceRuleConfig = z.output<typeof absenceRule>
