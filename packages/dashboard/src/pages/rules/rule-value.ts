import type { SeverityName } from '../../parts/severity'
import type { Item } from '../../api/ask'

export type KindName = Item<'/api/v1/alerts'>['kind']

/** A rule of one's own as it is written: which of these there are, its form says. Durations as `15m`. */
export interface OwnRule {
  readonly on: string
  /** `false`: it is off. */
  readonly enabled?: boolean
  readonly when?: string
  readonly kind?: KindName
  readonly severity?: SeverityName
  readonly groupBy?: readonly string[]
  readonly groupsMax?: number
  readonly again?: string
  readonly runbook?: string
  readonly owner?: string
  readonly quiet?: string
  readonly measure?: string
  readonly above?: number
  readonly below?: number
  readonly until?: number
  readonly for?: string
  readonly window?: string
  readonly least?: number
  readonly noData?: 'zero' | 'last' | 'notify'
  readonly absent?: string
  readonly since?: string
  readonly anomaly?: string
  readonly every?: string
  readonly impact?: number
  readonly impactShare?: number
}

/** Settings of a built-in rule; `false`: it is off. */
export type BuiltInValue =
  | false
  | {
      readonly on?: true
      readonly severity?: SeverityName
      readonly after?: string
      readonly window?: string
      readonly count?: number
      readonly share?: number
      readonly aboveUsd?: number
      readonly runbook?: string
      readonly owner?: string
    }

export const severities = ['critical', 'high', 'warning', 'info'] as const satisfies readonly SeverityName[]
export const kinds = ['session', 'model', 'tool', 'cost', 'system'] as const satisfies readonly KindName[]

export const ruleForms = ['match', 'threshold', 'absence', 'anomaly'] as const
export type RuleForm = (typeof ruleForms)[number]

/** By what it has, as the server tells them apart. */
export function formOf(rule: OwnRule): RuleForm {
  return 'measure' in rule ? 'threshold' : 'absent' in rule ? 'absence' : 'anomaly' in rule ? 'anomaly' : 'match'
}

/** The same rule as another form: what both have stays. */
export function withForm(rule: OwnRule, form: RuleForm): OwnRule {
  const { on, enabled, when, kind, severity, groupBy, groupsMax, runbook, owner, again } = rule
  const shared: OwnRule = { on, ...(enabled !== undefined && { enabled }), ...(when !== undefined && { when }), ...(kind !== undefined && { kind }), ...(severity !== undefined && { severity }), ...(groupBy !== undefined && { groupBy }), ...(groupsMax !== undefined && { groupsMax }), ...(runbook !== undefined && { runbook }), ...(owner !== undefined && { owner }) }
  const repeats = again === undefined ? {} : { again }
  const measure = rule.measure ?? rule.anomaly ?? 'count'
  switch (form) {
    case 'match':
      return shared
    case 'threshold':
      return { ...shared, ...repeats, measure, above: 10, window: '15m' }
    case 'absence':
      return { ...shared, ...repeats, absent: '1h' }
    case 'anomaly':
      return { ...shared, ...repeats, anomaly: measure }
  }
}

/** What a new rule begins with. */
export const firstRule: OwnRule = { on: 'llm.call', when: 'event.status == "error"', measure: 'count', above: 10, window: '15m', severity: 'warning' }
