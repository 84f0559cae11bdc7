import type { AlertKind } from '../../model/alert.ts'
import type { ThresholdRuleConfig } from '../../model/rule-config.ts'
import type { MessageParams } from '../../model/message.ts'
import { aboutGroup, groupParams } from '../groups.ts'
import type { ProjectFinding } from '../rule.ts'
import type { GroupState } from './group-state.ts'
import { flapCalmMs, flapsLeast, type Threshold } from './judge.ts'
import type { Measure } from './measure.ts'
import type { Measured } from './slices.ts'

/** Where a finding belongs, and what it is about. */
export interface Subject {
  readonly project: string
  readonly rule: string
  readonly key: string
  readonly settings: ThresholdRuleConfig
  readonly threshold: Threshold
}

/** A group that passed its threshold: what was measured, the threshold, the window, since when. */
export function thresholdFinding(subject: Subject, state: GroupState, { samples, value }: Measured, isAgain: boolean, nowMs: number): ProjectFinding {
  const { settings, threshold } = subject
  const { measure, isBelow, limit, windowMs } = threshold
  const flaps = state.opensMs.length >= flapsLeast
  return {
    ...common(subject, state),
    severity: settings.severity,
    message: 'rule.threshold',
    params: {
      ...commonParams(subject, state),
      ...amount(measure, 'value', value),
      ...amount(measure, 'limit', limit),
      samples,
      sinceAt: state.sinceMs,
      at: nowMs,
      ...(isBelow && { below: 'yes' }),
      ...(isAgain && { again: 'yes' }),
      ...(flaps && { flaps: state.opensMs.length, calmMs: flapCalmMs }),
    },
    evidence: { value, limit, scale: measure.scale, samples, windowMs, sinceMs: state.sinceMs, group: subject.key },
    ...(isAgain && { isAgain }),
  }
}

/** A group of which too little comes to be judged, where that was asked for. */
export function noDataFinding(subject: Subject, state: GroupState, { samples }: Measured, nowMs: number): ProjectFinding {
  const { threshold: { least, windowMs }, settings } = subject
  return {
    ...common(subject, state),
    key: noDataKey(subject.key),
    severity: settings.severity,
    message: 'rule.no-data',
    params: { ...commonParams(subject, state), samples, least, at: nowMs },
    evidence: { samples, least, windowMs, group: subject.key },
  }
}

/** Key of the alert that a group has no data: no group has it, for it has one part more than groups have. */
export function noDataKey(key: string): string {
  return `${key}|no-data`
}

function common({ project, rule, key, settings, threshold }: Subject, { values }: GroupState): Pick<ProjectFinding, 'project' | 'rule' | 'key' | 'kind' | 'ends' | 'quietMs'> & ReturnType<typeof aboutGroup> {
  return { project, rule, key, kind: settings.kind ?? kindOf(settings.on, threshold.measure), ends: 'known', quietMs: 0, ...aboutGroup(settings.groupBy, values) }
}

function commonParams({ rule, key, settings, threshold }: Subject, { values }: GroupState): MessageParams {
  return { rule, ...groupParams(settings.groupBy, key, values), type: settings.on, measure: settings.measure, windowMs: threshold.windowMs }
}

function kindOf(on: string, { unit }: Measure): AlertKind {
  if (unit === 'usd') return 'cost'
  if (on === 'llm.call') return 'model'
  if (on === 'tool.call') return 'tool'
  return on.startsWith('tocsin.') ? 'system' : 'session'
}

/** A value as messages know it: money apart, because not everybody may see it. */
function amount({ unit, scale }: Measure, name: 'value' | 'limit', value: number): MessageParams {
  if (unit === 'usd') return name === 'value' ? { valueUsd: value / scale } : { limitUsd: value / scale }
  if (unit === 'percent') return { unit, [name]: value * 100 }
  if (unit === 'ms') return { unit, [name]: value / scale }
  return { ...(unit !== 'plain' && { unit }), [name]: unit === 'tokens' ? Math.round(value) : Math.round(value * 100) / 100 }
}
