import { hash } from 'node:crypto'
import { isUnpriced, type Event } from '../../model/event.ts'
import type { RuleKey } from '../../model/rule-state.ts'
import { aboutEvent, eventParams } from '../about.ts'
import { builtIn } from '../built-in.ts'
import { groupKey } from '../group-key.ts'
import { keptJson } from '../kept.ts'
import type { BatchRule, ProjectFinding } from '../rule.ts'

const name = 'price-unknown'
const dayMs = 86_400_000
/** Models told a day in one project: senders can make up names. The last alert stands for all further ones. */
const modelsMax = 20
const otherModels = 'other'

/** What cost something that nobody knows is in no sum. Told once a day for each provider and model; its end is no news. */
export const priceUnknown = builtIn({
  name,
  kind: 'cost',
  severity: 'warning',
  says: {
    en: 'A model was called whose price is not known, or that did not say its tokens: sessions and budgets do not count it. Once a day (UTC) for each provider and model, for 20 of them a day; further ones are told together.',
    'zh-CN': '所调用的模型价格未知，或未给出令牌数：会话和预算不计入其费用。每个提供商和模型每天（UTC）一次，每天最多 20 个，其余合并告知。',
  },
  create({ severity = 'warning' }): BatchRule {
    return {
      name,
      looksAt: 'batches',
      on: ['llm.call', 'llm.usage'],
      book(nowMs) {
        const calls = new Map<string, Event>()
        return {
          add(event) {
            if (!isUnpriced(event) || event.llm === undefined) return
            const key = `${event.project}\u0000${modelKey(event)}`
            if (!calls.has(key)) calls.set(key, event)
          },
          async apply(tx) {
            if (calls.size === 0) return { findings: [], over: [] }
            const first = [...calls.values()]
            const keys = [...new Set(first.map(({ project }) => project))].sort().map((project): RuleKey => ({ project, rule: name, key: '' }))
            const values = await tx.ruleStates(keys)
            const findings: ProjectFinding[] = []
            const states = keys.flatMap((key, index) => {
              const known = toldOf(values[index], nowMs)
              const told = new Set(known)
              for (const event of first) {
                if (event.project !== key.project || told.has(printOf(event)) || told.has(otherModels)) continue
                const isRoom = told.size < modelsMax
                told.add(isRoom ? printOf(event) : otherModels)
                findings.push({ ...finding(event, isRoom ? modelKey(event) : otherModels, dayOf(nowMs)), severity, project: key.project })
              }
              return told.size === known.length ? [] : [{ ...key, value: JSON.stringify([dayOf(nowMs), [...told]]), atMs: nowMs }]
            })
            if (states.length > 0) await tx.putRuleStates(states)
            return { findings, over: [] }
          },
        }
      },
    }
  },
})

function dayOf(atMs: number): number {
  return Math.floor(atMs / dayMs)
}

function modelKey({ llm }: Event): string {
  return groupKey([llm?.provider ?? '', llm?.model ?? ''])
}

/** What is kept of a model: names may be long. */
function printOf(event: Event): string {
  return hash('sha256', modelKey(event), 'hex').slice(0, 16)
}

/** Prints of the models that were told today. */
function toldOf(value: string | undefined, nowMs: number): readonly string[] {
  const kept = keptJson(value)
  if (!Array.isArray(kept)) return []
  // Reason for the cast: `apply` alone writes rows of this form.
  const [day, models] = kept as [number, readonly string[]]
  // A clock that is behind does not begin the day anew.
  return day >= dayOf(nowMs) ? models : []
}

function finding(event: Event, key: string, day: number): Omit<ProjectFinding, 'project' | 'severity'> {
  const isOther = key === otherModels
  const hasTokens = event.llm?.inputTokens !== undefined && event.llm.outputTokens !== undefined
  return {
    rule: name,
    key: groupKey([key, String(day)]),
    kind: 'cost',
    message: 'model.price-unknown',
    params: {
      ...eventParams(event),
      ...(isOther ? { modelsMax } : { provider: event.llm?.provider ?? '', model: event.llm?.model ?? '', [hasTokens ? 'noPrice' : 'noTokens']: 'yes' }),
    },
    ends: 'at-once',
    quietMs: 0,
    evidence: { event: event.id, provider: event.llm?.provider ?? '', model: event.llm?.model ?? '', inputTokens: event.llm?.inputTokens ?? -1, outputTokens: event.llm?.outputTokens ?? -1 },
    ...aboutEvent(event),
  }
}
