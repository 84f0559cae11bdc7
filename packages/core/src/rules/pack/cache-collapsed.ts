import type { Event, LlmCall } from '../../model/event.ts'
import { usdFromNano } from '../../model/money.ts'
import type { RuleKey } from '../../model/rule-state.ts'
import { aboutEvent } from '../about.ts'
import { builtIn } from '../built-in.ts'
import { groupKey } from '../group-key.ts'
import { createPrice, type Price } from '../pricing.ts'
import type { BatchRule, ProjectFinding } from '../rule.ts'
import { CacheMemory, type CacheUse } from './cache-memory.ts'

const name = 'cache-collapsed'
/** How much must be known before anything is said: of the day before, and of the last half hour. */
const usualNeeds = { inputTokens: 200_000, calls: 20 } as const
const recentNeeds = { inputTokens: 20_000, calls: 10 } as const
/** Fallen to less than this part of what is usual. */
const fallenTo = 1 / 3
const minuteMs = 60_000
const windowMs = 30 * minuteMs
/** Agents and models that are watched in one project; further ones are not. */
const keysMax = 1_000

interface Used {
  readonly key: RuleKey
  /** By their time, to the minute: events of one batch may be hours apart. */
  readonly uses: Map<number, CacheUse>
  last: Event
  llm: LlmCall
}

/** A cache that is not hit any more makes the same work dearer, and nothing fails. It ends when it is hit again, or when a day has made this usual. */
export const cacheCollapsed = builtIn({
  name,
  kind: 'cost',
  severity: 'warning',
  says: {
    en: 'Of an agent and a model that usually read at least `share` of their input from the cache, over the last day, less than a third of that was read in the last half hour. Says what it cost more, where prices are known.',
    'zh-CN': '某个智能体和模型平时至少有 `share` 的输入来自缓存（按最近一天），而最近半小时不到其三分之一。价格已知时说明多花了多少。',
  },
  settings: { share: { byDefault: 0.4, says: { en: 'the share of the input that must usually come from the cache', 'zh-CN': '平时须有多大比例的输入来自缓存' } } },
  create({ severity = 'warning', share }, config): BatchRule {
    const price = createPrice(config.prices)
    return {
      name,
      looksAt: 'batches',
      on: ['llm.call'],
      book(nowMs) {
        const byKey = new Map<string, Used>()
        return {
          add(event) {
            const { llm } = event
            if (llm?.inputTokens === undefined || event.status === 'error') return
            const used = usedOf(byKey, event, llm)
            const minute = Math.floor(Math.min(event.atMs, nowMs) / minuteMs)
            let use = used.uses.get(minute)
            if (use === undefined) used.uses.set(minute, (use = { inputTokens: 0, readTokens: 0, calls: 0 }))
            const readTokens = llm.cacheReadTokens ?? 0
            // Some sources leave cached tokens out of the input.
            use.inputTokens += Math.max(llm.inputTokens, readTokens)
            use.readTokens += readTokens
            use.calls += 1
          },
          async apply(tx) {
            const all = [...byKey].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, used]) => used)
            const values = await tx.ruleStates(all.map(({ key }) => key))
            const states = []
            const findings: ProjectFinding[] = []
            for (const [index, used] of all.entries()) {
              const value = values[index]
              if (value === undefined) {
                // What never reads from a cache has none that could be missed, and costs no row.
                if ([...used.uses.values()].every(({ readTokens }) => readTokens === 0)) continue
                if ((await tx.countRuleKeys({ project: used.key.project, rule: name, most: keysMax })) + states.length >= keysMax) continue
              }
              const memory = new CacheMemory(value)
              for (const [minute, use] of used.uses) memory.add(use, minute * minuteMs, nowMs)
              states.push({ ...used.key, value: memory.toString(), atMs: nowMs })
              const found = findingOf(used, memory, share, price, nowMs)
              if (found !== undefined) findings.push({ ...found, severity })
            }
            if (states.length > 0) await tx.putRuleStates(states)
            return { findings, over: [] }
          },
        }
      },
    }
  },
})

function usedOf(byKey: Map<string, Used>, event: Event, llm: LlmCall): Used {
  const id = `${event.project}\u0000${event.agent ?? ''}\u0000${llm.provider}\u0000${llm.model}`
  const known = byKey.get(id)
  if (known !== undefined) {
    known.last = event
    known.llm = llm
    return known
  }
  const used = { key: { project: event.project, rule: name, key: groupKey([event.agent ?? '', llm.provider, llm.model]) }, uses: new Map<number, CacheUse>(), last: event, llm }
  byKey.set(id, used)
  return used
}

function findingOf({ key, last, llm }: Used, { recent, usual }: CacheMemory, share: number, price: Price, nowMs: number): Omit<ProjectFinding, 'severity'> | undefined {
  if (usual.inputTokens < usualNeeds.inputTokens || usual.calls < usualNeeds.calls || recent.inputTokens < recentNeeds.inputTokens || recent.calls < recentNeeds.calls) return undefined
  const usualShare = usual.readTokens / usual.inputTokens
  const recentShare = recent.readTokens / recent.inputTokens
  if (usualShare < share || recentShare >= usualShare * fallenTo) return undefined
  const extraNanoUsd = extraOf(llm, recent, usualShare, price, nowMs)
  return {
    project: key.project,
    rule: name,
    key: key.key,
    kind: 'cost',
    message: 'model.cache-collapsed',
    params: {
      at: last.atMs, provider: llm.provider, model: llm.model, percent: percentOf(recentShare), usualPercent: percentOf(usualShare), windowMs, calls: recent.calls, inputTokens: recent.inputTokens,
      ...(last.agent !== undefined && { agent: last.agent }),
      ...(extraNanoUsd !== undefined && { extraUsd: usdFromNano(extraNanoUsd) }),
    },
    ends: 'quiet',
    quietMs: windowMs,
    evidence: {
      recentInputTokens: recent.inputTokens, recentReadTokens: recent.readTokens, recentCalls: recent.calls, usualInputTokens: usual.inputTokens, usualReadTokens: usual.readTokens, usualCalls: usual.calls,
      ...(extraNanoUsd !== undefined && { extraNanoUsd }),
    },
    ...aboutEvent(last),
  }
}

/** What the input of the last half hour cost more than it would have with the usual share read from the cache. By the mean call, because long ones may have another price. */
function extraOf({ provider, model }: LlmCall, { inputTokens, readTokens, calls }: CacheUse, usualShare: number, price: Price, nowMs: number): number | undefined {
  const costWith = (read: number): number | undefined =>
    price({ provider, model, operation: 'chat', inputTokens: Math.round(inputTokens / calls), cacheReadTokens: Math.round(read / calls), outputTokens: 0 }, nowMs).costNanoUsd
  const was = costWith(readTokens)
  const usually = costWith(inputTokens * usualShare)
  return was === undefined || usually === undefined || was <= usually ? undefined : (was - usually) * calls
}

function percentOf(share: number): number {
  return Math.round(share * 100)
}
