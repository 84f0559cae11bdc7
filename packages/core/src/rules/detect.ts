import type { AlertChange } from '../model/alert.ts'
import type { Config } from '../model/config.ts'
import type { Decision } from '../model/decision.ts'
import { eventBounds } from '../model/event.ts'
import type { Event } from '../model/event.ts'
import type { Transaction } from '../model/store.ts'
import type { ProjectFinding } from './alerts.ts'
import { createBudgets } from './budgets.ts'
import { rulesOf } from './built-in.ts'
import type { EventRule, Rule, SessionRule } from './rule.ts'
import { ruleFailed } from './rule-failed.ts'
import { SessionBook } from './session-book.ts'
import { listenToSessions } from './silent-sessions.ts'
import { viewOfEvent } from './view.ts'

export interface Detection {
  readonly findings: readonly ProjectFinding[]
  /** For an alert about a budget: which lower thresholds were crossed in the same commit and are not told by themselves. */
  readonly supersededBudgets: (change: AlertChange) => readonly Decision[]
}

export interface Detector {
  /**
   * What the rules find in a batch of new events, in the caller's transaction: sessions and sums are brought up to date
   * in it, so that a threshold is crossed once whoever crosses it. A rule that cannot be evaluated is itself a finding.
   *
   * @param events new, priced, and not the same call as an earlier one
   * @param attributed calls that counted before, but not in their session: they count in it now
   */
  detect(tx: Transaction, events: readonly Event[], nowMs: number, attributed?: readonly Event[]): Promise<Detection>
}

/** @throws TocsinError `config-invalid` where a rule or budget has a condition that cannot be compiled */
export function createDetector(config: Config): Detector {
  const rules = rulesOf(config)
  const eventRules = byType(rules)
  const sessionRules = rules.filter((rule): rule is SessionRule => rule.looksAt === 'sessions')
  const budgets = createBudgets(config)

  return {
    async detect(tx, events, nowMs, attributed = []) {
      const findings: ProjectFinding[] = []
      const sessions = new SessionBook()
      const spend = budgets.book(nowMs, findings)
      for (const event of events.map((one) => asOfNow(one, nowMs))) {
        const context = { nowMs, view: viewOfEvent(event) }
        for (const rule of eventRules(event.type)) {
          try {
            const finding = rule.find(event, context)
            if (finding !== undefined) findings.push({ ...finding, project: event.project })
          } catch (failure) {
            findings.push(ruleFailed(event.project, rule.name, failure, event.atMs))
          }
        }
        sessions.add(event)
        spend.add(event, context.view)
      }
      for (const call of attributed) sessions.add(asOfNow(call, nowMs))
      const booked = await sessions.apply(tx)
      await listenToSessions(tx, booked.map(({ change }) => change), config.sessions.idle, nowMs)
      for (const { change, startEvent, tags } of booked) {
        for (const rule of sessionRules) {
          const finding = rule.find(change, { nowMs, startEvent, tags })
          if (finding !== undefined) findings.push({ ...finding, project: change.after.project })
        }
      }
      // Sums of the whole project last: they are what several writers meet at.
      const { crossed, superseded } = await spend.apply(tx)
      findings.push(...crossed)
      return { findings, supersededBudgets: superseded }
    },
  }
}

/** An event whose clock runs ahead counts as of now: sessions, periods and quiet times are ours. On record it keeps its time, which is its identity. */
function asOfNow(event: Event, nowMs: number): Event {
  return event.atMs > nowMs + eventBounds.futureMs ? { ...event, atMs: nowMs } : event
}

/** The rules that look at a type of event, looked up once for each type. */
function byType(rules: readonly Rule[]): (type: string) => readonly EventRule[] {
  const all = rules.filter((rule): rule is EventRule => rule.looksAt === 'events')
  const known = new Map<string, readonly EventRule[]>()
  const select = (type: string): readonly EventRule[] => all.filter((rule) => rule.on.some((on) => on === type || (on.endsWith('.*') && type.startsWith(on.slice(0, -1)))))
  return (type) => {
    const kept = known.get(type)
    if (kept !== undefined) return kept
    const selected = select(type)
    if (known.size < typesMax) known.set(type, selected)
    return selected
  }
}

/** Types beyond these are looked up each time: senders can make up names after `tocsin.`. */
const typesMax = 64
