import type { Finding } from '../model/alert.ts'
import type { MatchRuleConfig } from '../model/config.ts'
import type { Event } from '../model/event.ts'
import { usdFromNano } from '../model/money.ts'
import type { MessageParams } from '../model/message.ts'
import { aboutEvent, eventParams } from './about.ts'
import { groupKey } from './group-key.ts'
import { checkGroupNames, ownCondition } from './own-rule.ts'
import { groupsLimited, otherGroup } from './groups.ts'
import type { BatchRule, ProjectFinding } from './rule.ts'
import { groupValues } from './view.ts'

/**
 * A rule from the configuration: a type of event, a condition, and what to group by. Grouped by `id` each match is news
 * of its own; otherwise one alert is open for each group until nothing matched for its `quiet` time. At most `groupsMax` groups
 * are told apart at a time, as far as this process has seen them; the others are one, named `other`, and the admins hear of it.
 *
 * @throws TocsinError `config-invalid` where the condition or a name in `groupBy` is wrong
 */
export function matchRule(name: string, settings: MatchRuleConfig): BatchRule {
  const test = ownCondition(name, settings.when)
  checkGroupNames(name, settings.groupBy)
  const isEach = settings.groupBy.includes('id') || settings.groupBy.includes('event.id')
  const groups = new Groups(settings.groupsMax, settings.quiet)

  return {
    name,
    looksAt: 'batches',
    on: [settings.on],
    book(nowMs) {
      const findings: ProjectFinding[] = []
      return {
        add(event, view) {
          if (test !== undefined && !test(view)) return
          const own = groupKey(groupValues(event, settings.groupBy))
          const isKept = isEach || groups.keep(`${event.project}\u0000${own}`, nowMs)
          if (!isKept && groups.isNews(nowMs)) findings.push(groupsLimited(event.project, name, settings.groupsMax, nowMs))
          findings.push({ ...findingOf(event), project: event.project, key: isKept ? own : otherGroup })
        },
        apply: async () => ({ findings, over: [] }),
      }
    },
  }

  function findingOf(event: Event): Finding {
    return {
      rule: name,
      key: '',
      kind: settings.kind ?? kindOf(event),
      severity: settings.severity,
      message: 'rule.matched',
      params: { rule: name, ...eventParams(event), ...whatParams(event) },
      ends: isEach ? 'at-once' : 'quiet',
      quietMs: isEach ? 0 : settings.quiet,
      evidence: { event: event.id, type: event.type },
      ...aboutEvent(event),
    }
  }
}

/** A group that was told of as `other` is told of to the admins once in this time. */
const limitedEveryMs = 86_400_000

/** Which groups have an alert, as far as this process knows: those that matched within their quiet time. */
class Groups {
  readonly #most: number
  readonly #quietMs: number
  /** When each matched last; the longest ago first. */
  readonly #lastMs = new Map<string, number>()
  #toldMs = -Infinity

  constructor(most: number, quietMs: number) {
    this.#most = most
    this.#quietMs = quietMs
  }

  /** Whether there is room for this group. */
  keep(group: string, nowMs: number): boolean {
    const isKnown = this.#lastMs.delete(group)
    if (!isKnown && this.#lastMs.size >= this.#most) {
      for (const [old, lastMs] of this.#lastMs) {
        if (nowMs - lastMs <= this.#quietMs) break
        this.#lastMs.delete(old)
      }
      if (this.#lastMs.size >= this.#most) return false
    }
    this.#lastMs.set(group, nowMs)
    return true
  }

  /** Whether it is time to say that there are too many. */
  isNews(nowMs: number): boolean {
    if (nowMs - this.#toldMs < limitedEveryMs) return false
    this.#toldMs = nowMs
    return true
  }
}

function kindOf(event: Event): 'session' | 'model' | 'tool' | 'system' {
  if (event.llm !== undefined) return 'model'
  if (event.tool !== undefined) return 'tool'
  return event.type.startsWith('tocsin.') ? 'system' : 'session'
}

function whatParams(event: Event): MessageParams {
  return {
    type: event.type,
    status: event.status,
    ...(event.llm !== undefined && { model: event.llm.model }),
    ...(event.tool !== undefined && { tool: event.tool.name }),
    ...(event.error !== undefined && event.error.message !== '' && { errorMessage: event.error.message }),
    ...(event.llm?.costNanoUsd !== undefined && { costUsd: usdFromNano(event.llm.costNanoUsd) }),
    ...(event.excerpt !== undefined && { excerpt: event.excerpt }),
  }
}
