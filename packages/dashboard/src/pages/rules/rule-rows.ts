import type { Answer, Item } from '../../api/ask'
import type { SeverityName } from '../../parts/severity'
import { kinds, severities, type KindName, type OwnRule } from './rule-value'

export type RuleEntry = Item<'/api/v1/rules'>
export type PackRule = Item<'/api/v1/built-in-rules'>

/** One rule as a row: one that comes with the product, or one's own. */
export interface RuleRow {
  readonly name: string
  readonly severity: SeverityName
  /** Absent: its events say. */
  readonly kind: KindName | undefined
  readonly isOn: boolean
  readonly opened: number
  readonly told: number
  /** Of what is configured under its name; absent: it is as by default. */
  readonly entry: RuleEntry | undefined
  readonly pack: PackRule | undefined
}

/** All rules, what told most lately first; of those that told nothing one's own, then in the order of the product. */
export function ruleRows(entries: readonly RuleEntry[], pack: readonly PackRule[], counts: Answer<'/api/v1/rule-counts'> | undefined): readonly RuleRow[] {
  const kept = new Map(entries.map((entry) => [entry.name, entry]))
  const noise = new Map(counts?.items.map((one) => [one.rule, one]))
  const noiseOf = (name: string): Pick<RuleRow, 'opened' | 'told'> => ({ opened: noise.get(name)?.opened ?? 0, told: noise.get(name)?.told ?? 0 })
  const builtIn = pack.filter(({ replaced }) => !replaced).map((one): RuleRow => ({ name: one.name, severity: severityOf(one.severity), kind: kinds.find((kind) => kind === one.kind), isOn: one.on, entry: kept.get(one.name), pack: one, ...noiseOf(one.name) }))
  const known = new Set(builtIn.map(({ name }) => name))
  const own = entries.flatMap((entry): RuleRow[] => {
    const rule = ownRule(entry.value)
    return known.has(entry.name) || rule === undefined ? [] : [{ name: entry.name, severity: rule.severity ?? 'warning', kind: rule.kind, isOn: rule.enabled !== false, entry, pack: undefined, ...noiseOf(entry.name) }]
  })
  return [...own, ...builtIn].toSorted((one, other) => other.told - one.told || other.opened - one.opened)
}

/** `undefined`: it is a switch, or settings of a built-in rule. */
export function ownRule(value: unknown): OwnRule | undefined {
  // Reason for the cast: what has a type of events in `on` is one; the server has looked at the rest.
  return typeof value === 'object' && value !== null && 'on' in value && typeof value.on === 'string' ? (value as OwnRule) : undefined
}

function severityOf(text: string): SeverityName {
  return severities.find((one) => one === text) ?? 'warning'
}
