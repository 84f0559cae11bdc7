import type { RuleKey, RuleState } from '../../model/rule-state.ts'
import type { Transaction } from '../../model/store.ts'
import type { ProjectFinding } from '../rule.ts'
import type { Budget } from './budget.ts'
import { admit, memoryKey, memoryOf, type Memory } from './memory.ts'
import { mergeSum, otherScope, type ScopeSums, type Sum } from './sums.ts'

/** A scope of a batch and what is remembered of it. */
export interface Remembered {
  readonly scope: ScopeSums
  readonly key: RuleKey
  readonly memory: Memory
}

export interface Admitted {
  readonly scopes: readonly Remembered[]
  /** How many groups there are now, to be kept. */
  readonly states: readonly RuleState[]
  /** Budgets that have more groups than they may. */
  readonly findings: readonly ProjectFinding[]
}

const groupsRule = 'budget-groups'
/** Periods of which the number of groups is known, latest last; what is older has no room for new ones. */
const periodsMax = 48
const dayMs = 86_400_000

/** Of one budget: how many groups have a sum of their own, by period. */
interface Counted {
  readonly key: RuleKey
  readonly counting: string
  readonly periods: Map<number, { groups: number; isTold: boolean }>
}

/**
 * Looks up what is remembered of each scope. A budget has at most `groupsMax` groups with a sum of their own in one
 * period; what comes from further ones is counted in the group `other`, which is said once.
 */
export async function rememberScopes(tx: Transaction, scopes: readonly ScopeSums[], nowMs: number): Promise<Admitted> {
  const remembered = await recall(tx, scopes)
  const grouped = remembered.filter(({ scope }) => scope.budget.isGrouped && scope.scope !== otherScope)
  const news = grouped.filter(({ scope, memory }) => [...scope.sums.keys()].some((startMs) => !isAdmitted(scope.budget, memory, startMs, nowMs)))
  if (news.length === 0) return { scopes: remembered, states: [], findings: [] }
  const counted = await countedOf(tx, news)
  const left = new Map<string, ScopeSums>()
  const findings: ProjectFinding[] = []
  for (const { scope, memory } of news) {
    const { budget, project, sums } = scope
    const count = counted.get(countKey(scope))
    if (count === undefined) continue
    for (const [startMs, sum] of sums) {
      if (isAdmitted(budget, memory, startMs, nowMs)) continue
      const period = count.periods.get(periodOf(budget, startMs, nowMs)) ?? openPeriod(count, periodOf(budget, startMs, nowMs), budget)
      if (period.groups < budget.settings.groupsMax) {
        period.groups += 1
        admit(memory, periodOf(budget, startMs, nowMs))
        continue
      }
      sums.delete(startMs)
      leave(left, scope, sum)
      if (!period.isTold) findings.push(tooMany(project, budget, sum))
      period.isTold = true
    }
  }
  const states = [...counted.values()].map((count) => stateOf(count, nowMs))
  return { scopes: await withOthers(tx, remembered, left), states, findings }
}

async function recall(tx: Transaction, scopes: readonly ScopeSums[]): Promise<readonly Remembered[]> {
  const keys = scopes.map(({ project, budget, scope }) => memoryKey(project, budget.name, scope))
  const values = await tx.ruleStates(keys)
  return scopes.map((scope, index) => {
    const key = keys[index]
    if (key === undefined) throw new Error('expected a key for each scope')
    return { scope, key, memory: memoryOf(values[index], scope.budget) }
  })
}

/** What was taken from groups without room goes to the group of all such. */
async function withOthers(tx: Transaction, remembered: readonly Remembered[], left: ReadonlyMap<string, ScopeSums>): Promise<readonly Remembered[]> {
  const rest = remembered.filter(({ scope }) => scope.sums.size > 0)
  const unknown: ScopeSums[] = []
  for (const other of left.values()) {
    const known = rest.find(({ scope }) => scope.scope === otherScope && countKey(scope) === countKey(other))
    if (known === undefined) unknown.push(other)
    else for (const sum of other.sums.values()) mergeSum(known.scope.sums, sum)
  }
  return [...rest, ...(await recall(tx, unknown))]
}

function leave(left: Map<string, ScopeSums>, { project, budget }: ScopeSums, sum: Sum): void {
  const other = left.get(countKey({ project, budget })) ?? { project, budget, scope: otherScope, sums: new Map<number, Sum>() }
  mergeSum(other.sums, sum)
  left.set(countKey(other), other)
}

/** A rolling window has no periods: a group that still has something in it stays, and new ones are counted for a window's length. */
function isAdmitted(budget: Budget, memory: Memory, startMs: number, nowMs: number): boolean {
  if (budget.rollingMs !== undefined && memory.parts.size > 0) return true
  return memory.admitted.includes(periodOf(budget, startMs, nowMs))
}

function periodOf({ rollingMs }: Budget, startMs: number, nowMs: number): number {
  return rollingMs === undefined ? startMs : Math.floor(nowMs / rollingMs) * rollingMs
}

function countKey({ project, budget }: Pick<ScopeSums, 'project' | 'budget'>): string {
  return `${project}\u0000${budget.name}`
}

type KeptCount = readonly [counting: string, periods: readonly (readonly [startMs: number, groups: number, isTold: number])[]]

async function countedOf(tx: Transaction, news: readonly Remembered[]): Promise<ReadonlyMap<string, Counted>> {
  const budgets = new Map(news.map(({ scope }) => [countKey(scope), scope]))
  const keys = [...budgets.values()].map(({ project, budget }) => ({ project, rule: groupsRule, key: budget.name }))
  const values = await tx.ruleStates(keys)
  return new Map([...budgets].map(([name, { project, budget }], index) => {
    const value = values[index]
    // Reason for the cast: written by `stateOf`.
    const [counting, periods] = value === undefined ? [budget.counting, []] : (JSON.parse(value) as KeptCount)
    const known = counting === budget.counting ? periods : []
    return [name, { key: { project, rule: groupsRule, key: budget.name }, counting: budget.counting, periods: new Map(known.map(([startMs, groups, isTold]) => [startMs, { groups, isTold: isTold === 1 }])) }]
  }))
}

/** A period from before those that are known may have been full: new groups have no room in it. */
function openPeriod(count: Counted, startMs: number, budget: Budget): { groups: number; isTold: boolean } {
  const isForgotten = count.periods.size >= periodsMax && startMs < Math.min(...count.periods.keys())
  if (isForgotten) return { groups: budget.settings.groupsMax, isTold: true }
  const opened = { groups: 0, isTold: false }
  count.periods.set(startMs, opened)
  if (count.periods.size > periodsMax) count.periods.delete(Math.min(...count.periods.keys()))
  return opened
}

function stateOf({ key, counting, periods }: Counted, nowMs: number): RuleState {
  const kept: KeptCount = [counting, [...periods].map(([startMs, { groups, isTold }]) => [startMs, groups, isTold ? 1 : 0])]
  return { ...key, value: JSON.stringify(kept), atMs: nowMs + 31 * dayMs }
}

function tooMany(project: string, { name, settings }: Budget, { last }: Sum): ProjectFinding {
  return {
    project,
    rule: groupsRule,
    key: name,
    kind: 'system',
    severity: 'warning',
    message: 'system.groups-limited',
    params: { rule: `budget ${name}`, count: settings.groupsMax, at: last.atMs },
    ends: 'told',
    quietMs: dayMs,
    evidence: { groupsMax: settings.groupsMax, lastEvent: last.id },
  }
}
