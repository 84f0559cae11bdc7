/**
 * Why somebody was or was not told: a closed set. The sentences are in `locales/`, one catalogue key a code.
 */
export const decisionReasons = [
  'sent.now', 'sent.digest', 'sent.fallback', 'sent.reduced', 'sent.passed_quiet', 'sent.resolved', 'sent.direct', 'sent.repeated_in_doubt', 'sent.repeated', 'sent.escalated', 'sent.required', 'sent.after_silence', 'sent.flapping', 'sent.resent',
  'held.quiet_hours', 'held.cause', 'held.digest', 'held.retry', 'held.channel_paused', 'held.rate', 'held.group_wait', 'held.paused',
  'merged.group', 'merged.cause', 'merged.similar', 'merged.storm', 'merged.flap', 'merged.already_told', 'merged.superseded', 'merged.higher_threshold',
  'limited.person',
  'silenced.silence', 'silenced.maintenance', 'silenced.acknowledged', 'silenced.snoozed', 'silenced.expected',
  'refused.role', 'refused.role_changed', 'refused.no_route', 'refused.no_address', 'refused.bad_address', 'refused.about_channel', 'refused.unknown_person',
  'refused.resolved_before_told', 'refused.too_old', 'refused.preference', 'refused.stopped', 'refused.project', 'refused.nobody', 'refused.dry_run',
  'failed.exhausted', 'failed.content', 'failed.channel_gone', 'failed.route_gone',
  'doubt.no_answer', 'doubt.fallback',
] as const
export type DecisionReason = (typeof decisionReasons)[number]

export type DecisionParams = Readonly<Record<string, string | number>>

/** One decision about one alert and one person on one channel; repeated, it is counted. */
export interface Decision {
  readonly alert: number
  /** Person, or `*` where nobody in particular is meant. */
  readonly person: string
  /** Channel, or `*`. */
  readonly channel: string
  readonly reason: DecisionReason
  readonly params: DecisionParams
  readonly atMs: number
  readonly count: number
}
