import type { MatchRuleConfig } from '../model/config.ts'
import type { Event } from '../model/event.ts'
import { usdFromNano } from '../model/money.ts'
import type { MessageParams } from '../model/message.ts'
import { aboutEvent, eventParams } from './about.ts'
import { groupKey } from './group-key.ts'
import { checkGroupNames, ownCondition } from './own-rule.ts'
import type { EventRule } from './rule.ts'
import { groupValues } from './view.ts'

/**
 * A rule from the configuration: a type of event, a condition, and what to group by. Grouped by `id` each match is news
 * of its own; otherwise one alert is open for each group until nothing matched for its `quiet` time.
 *
 * @throws TocsinError `config-invalid` where the condition or a name in `groupBy` is wrong
 */
export function matchRule(name: string, settings: MatchRuleConfig): EventRule {
  const test = ownCondition(name, settings.when)
  checkGroupNames(name, settings.groupBy)
  const isEach = settings.groupBy.includes('id') || settings.groupBy.includes('event.id')
  return {
    name,
    looksAt: 'events',
    on: [settings.on],
    find(event, { view }) {
      if (test !== undefined && !test(view)) return undefined
      return {
        rule: name,
        key: groupKey(groupValues(event, settings.groupBy)),
        kind: settings.kind ?? kindOf(event),
        severity: settings.severity,
        message: 'rule.matched',
        params: { rule: name, ...eventParams(event), ...whatParams(event) },
        ends: isEach ? 'at-once' : 'quiet',
        quietMs: isEach ? 0 : settings.quiet,
        evidence: { event: event.id, type: event.type },
        ...aboutEvent(event),
      }
    },
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
