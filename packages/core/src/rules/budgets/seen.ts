import type { Finding } from '../../model/alert.ts'
import type { Event } from '../../model/event.ts'
import type { MessageParams } from '../../model/message.ts'
import { usdFromNano } from '../../model/money.ts'
import type { Budget } from './budget.ts'
import type { Pace } from './pace.ts'

/** How the money of one budget, or of one of its groups, goes after a batch. */
export interface SpendingSeen extends Pace {
  /** Of the whole project it has no name, and no amount that anybody set. */
  readonly budget: Budget
  /** The group; empty without groups. */
  readonly scope: string
  readonly unpriced: number
  /** Telemetry said that it is a sample: the sums are less than what was spent. */
  readonly isSampled: boolean
  /** The last event that was counted in. */
  readonly last: Event
}

/** What all messages about a budget say. */
export function budgetParams({ budget, scope, period, rollingMs, spentNanoUsd, unpriced, isSampled, last }: SpendingSeen): MessageParams {
  return {
    budget: budget.name,
    at: last.atMs,
    spentUsd: usdFromNano(spentNanoUsd),
    amountUsd: budget.settings.amountUsd,
    unpriced,
    ...(period !== undefined && { period: budget.period, periodStart: period.startMs, periodEnd: period.endMs }),
    ...(rollingMs !== undefined && { windowMs: rollingMs }),
    ...(scope !== '' && { [namesUsers(budget) ? 'scopeUser' : 'scope']: scope }),
    ...(isSampled && { sampled: 'yes' }),
  }
}

/** Users are shown only to those who may see personal data. */
export function namesUsers({ settings }: Pick<Budget, 'settings'>): boolean {
  return settings.groupBy.some((name) => name === 'user' || name === 'event.user')
}

/** Whose last event it was. */
export function aboutSpending({ last }: SpendingSeen): Pick<Finding, 'sessionId' | 'agent' | 'environment' | 'tags'> {
  return {
    tags: last.tags,
    ...(last.agent !== undefined && { agent: last.agent }),
    ...(last.environment !== undefined && { environment: last.environment }),
    ...(last.sessionId !== undefined && { sessionId: last.sessionId }),
  }
}
