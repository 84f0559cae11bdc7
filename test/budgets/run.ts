import { applyNews } from '../../packages/core/src/rules/alerts.ts'
import { createDetector, type Detector } from '../../packages/core/src/rules/detect.ts'
import { builtInRuleNames } from '../../packages/core/src/rules/rules-of.ts'
import type { AlertChange } from '../../packages/core/src/model/alert.ts'
import { configSchema } from '../../packages/core/src/model/config.ts'
import type { Decision } from '../../packages/core/src/model/decision.ts'
import type { Store, Transaction } from '../../packages/core/src/model/store.ts'
import type { Fault } from './faults.ts'
import { Oracle } from './oracle.ts'
import { drawPlan, type BudgetInput, type Plan, type Step } from './plan.ts'

export interface Result {
  readonly seed: number
  /** Where what was told is not what had to be told; nothing where all held. */
  readonly violation?: string
  readonly commits: number
  readonly deaths: number
  readonly resent: number
  readonly crossings: number
  readonly forecasts: number
}

/** Thrown where a process dies inside its transaction. */
class Died extends Error {}

/** Lets one seeded run happen on stores that share a file, one for each process, and compares all that is told with what has to be. */
export async function runBudgets(seed: number, stores: readonly Store[], fault?: Fault): Promise<Result> {
  const plan = drawPlan(seed)
  const oracle = new Oracle(plan.budgets)
  let { budgets } = plan
  let detectors = startAll(plan, budgets, stores.length)
  const sum = { commits: 0, deaths: 0, resent: 0, crossings: 0, forecasts: 0 }
  const sent = new Set<string>()
  for (const [index, step] of plan.steps.entries()) {
    if (step.edited !== undefined) {
      budgets = step.edited
      detectors = startAll(plan, budgets, stores.length)
      oracle.edit(budgets)
    }
    for (const { id } of step.events) {
      if (sent.has(id)) sum.resent += 1
      sent.add(id)
    }
    const store = stores[step.process]
    const detector = detectors[step.process]
    if (store === undefined || detector === undefined) throw new Error('expected a store for each process')
    const told = await attempt(step, store, detector, fault)
    if (step.fate !== 'well') {
      sum.deaths += 1
      const restarted = createDetector(configOf(plan, budgets))
      detectors = detectors.map((one, process) => (process === step.process ? restarted : one))
    }
    // A transaction that was rolled back told nobody.
    if (told === undefined) continue
    sum.commits += 1
    const due = oracle.commit(step.events, step.nowMs)
    sum.crossings += due.filter((news) => !news.endsWith('forecast')).length
    sum.forecasts += due.filter((news) => news.endsWith('forecast')).length
    if (told.join('\n') !== due.join('\n')) return { seed, ...sum, violation: `step ${index + 1} of ${plan.steps.length}: told [${told.join('; ')}], had to tell [${due.join('; ')}]` }
  }
  return { seed, ...sum }
}

function startAll(plan: Plan, budgets: Readonly<Record<string, BudgetInput>>, count: number): readonly Detector[] {
  return Array.from({ length: count }, () => createDetector(configOf(plan, budgets)))
}

/** Only what is about budgets, so that many runs are fast. */
function configOf({ project }: Plan, budgets: Readonly<Record<string, BudgetInput>>): ReturnType<typeof configSchema.parse> {
  return configSchema.parse({ project, budgets, rules: otherRules })
}

const otherRules = Object.fromEntries(builtInRuleNames.filter((name) => name !== 'budget-forecast').map((name) => [name, false as const]))

/** What the commit of one attempt told, sorted; nothing where it was rolled back. */
async function attempt({ events, nowMs, fate, diesAt, process }: Step, store: Store, detector: Detector, fault: Fault | undefined): Promise<readonly string[] | undefined> {
  const changes: AlertChange[] = []
  const decisions: Decision[] = []
  try {
    await store.transaction(async (real) => {
      const mortal = fate === 'dies-inside' ? dyingAt(real, diesAt) : real
      const tx = fault === undefined ? mortal : fault.plant({ ...mortal }, process)
      const isNew = await tx.insertEvents(events)
      const detection = await detector.detect(tx, events.filter((_, index) => isNew[index]), nowMs)
      changes.push(...(await applyNews(tx, detection, nowMs)))
      for (const change of changes) decisions.push(...detection.supersededBudgets(change))
      if (fate === 'dies-inside') throw new Died()
    })
  } catch (failure) {
    if (failure instanceof Died) return undefined
    throw failure
  }
  const lower = new Map(decisions.map(({ alert, params }) => [alert, String(params?.['thresholds']).split(', ').map((text) => Number.parseFloat(text) / 100)]))
  return changes.filter(({ change }) => change === 'opened').flatMap((change) => newsOf(change, lower)).sort()
}

function newsOf({ alert }: AlertChange, lower: ReadonlyMap<number, readonly number[]>): readonly string[] {
  const { budget, scope, scopeUser, percent, late } = alert.params
  const key = `${String(budget)} ${String(scope ?? scopeUser ?? '')} ${String(alert.evidence['periodStartMs'])}`
  const lateMark = late === undefined ? '' : ' late'
  if (alert.rule === 'budget-forecast') return [`${key} forecast`]
  if (alert.rule !== 'budget') return []
  return [`${key} ${Number(percent) / 100}${lateMark}`, ...(lower.get(alert.id) ?? []).map((share) => `${key} ${share}${lateMark} superseded`)]
}

/** The process dies at the `at`-th call of the store, if there are so many. */
function dyingAt(tx: Transaction, at: number): Transaction {
  let calls = 0
  return new Proxy(tx, {
    get(target, name, receiver) {
      const method: unknown = Reflect.get(target, name, receiver)
      if (typeof method !== 'function') return method
      return (...args: readonly unknown[]): unknown => {
        calls += 1
        if (calls === at) throw new Died()
        return Reflect.apply(method, target, args)
      }
    },
  })
}
