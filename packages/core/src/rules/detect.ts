import type { AlertChange } from '../model/alert.ts'
import type { Config } from '../model/config.ts'
import type { Decision } from '../model/decision.ts'
import { eventBounds } from '../model/event.ts'
import type { Event } from '../model/event.ts'
import type { Timer, Transaction } from '../model/store.ts'
import { createBudgets } from './budgets.ts'
import { resting } from './resting.ts'
import { rulesOnAndOff } from './rules-of.ts'
import { ofRuleTimer, ruleTimer } from './rule.ts'
import type { BatchRule, BudgetRule, DueRuleTimer, EventRule, Over, ProjectFinding, RuleBook, RuleNews, SessionRule } from './rule.ts'
import { ruleFailed } from './rule-failed.ts'
import { SessionBook } from './session-book.ts'
import { listenToSessions } from './silent-sessions.ts'
import { viewOfEvent } from './view.ts'

export interface Detection extends RuleNews {
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
  /** Once in the life of a process: what is watched although nothing has come yet. */
  begin(tx: Transaction, nowMs: number): Promise<void>
  /** What the rules find when timers that they put are due. Timers of a rule that is not in this configuration are left to other processes. */
  due(tx: Transaction, timers: readonly Timer[], nowMs: number): Promise<RuleNews>
}

/** @throws TocsinError `config-invalid` where a rule or budget has a condition that cannot be compiled */
export function createDetector(config: Config): Detector {
  const { on, off } = rulesOnAndOff(config)
  const rules = [...on, ...off.map(resting)]
  const eventRules = byType(rules.filter((rule): rule is EventRule => rule.looksAt === 'events'))
  const sessionRules = rules.filter((rule): rule is SessionRule => rule.looksAt === 'sessions')
  const batchRules = rules.filter((rule): rule is BatchRule => rule.looksAt === 'batches')
  const batchRulesOn = byType(batchRules)
  const batchRuleNamed = new Map(batchRules.map((rule) => [rule.name, rule]))
  const budgets = createBudgets(config, rules.filter((rule): rule is BudgetRule => rule.looksAt === 'budgets'))

  return {
    async detect(tx, events, nowMs, attributed = []) {
      const findings: ProjectFinding[] = []
      const over: Over[] = []
      const sessions = new SessionBook()
      const spend = budgets.book(nowMs, findings)
      const books = new Map<BatchRule, RuleBook>()
      for (const one of events) {
        const event = asOfNow(one, nowMs)
        const context = { nowMs, view: viewOfEvent(event) }
        for (const rule of eventRules(event.type)) {
          try {
            const finding = rule.find(event, context)
            if (finding !== undefined) findings.push({ ...finding, project: event.project })
          } catch (failure) {
            findings.push(ruleFailed(event.project, rule.name, failure, event.atMs))
          }
        }
        for (const rule of batchRulesOn(event.type)) {
          try {
            let book = books.get(rule)
            if (book === undefined) books.set(rule, (book = rule.book(nowMs)))
            book.add(event, context.view)
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
      for (const { change, startEvent, tags, walk } of booked) {
        for (const rule of sessionRules) {
          const finding = rule.find(change, { nowMs, startEvent, tags, walk })
          if (finding !== undefined) findings.push({ ...finding, project: change.after.project })
        }
      }
      for (const rule of batchRules) {
        const news = await books.get(rule)?.apply(tx, booked)
        if (news === undefined) continue
        findings.push(...news.findings)
        over.push(...news.over)
      }
      // Sums of the whole project last: they are what several writers meet at.
      const { crossed, superseded } = await spend.apply(tx)
      findings.push(...crossed)
      return { findings, over, supersededBudgets: superseded }
    },

    async begin(tx, nowMs) {
      for (const rule of batchRules) await rule.begin?.(tx, config.project, nowMs)
    },

    async due(tx, timers, nowMs) {
      const byRule = new Map<string, DueRuleTimer[]>()
      for (const timer of timers) {
        const { project, rule, key } = ofRuleTimer(timer)
        const list = byRule.get(rule) ?? []
        list.push({ project, key })
        byRule.set(rule, list)
      }
      const findings: ProjectFinding[] = []
      const over: Over[] = []
      for (const [name, due] of byRule) {
        const rule = batchRuleNamed.get(name)
        const news = rule === undefined ? await leaveToOthers(tx, name, due, nowMs) : await rule.due?.(tx, due, nowMs)
        if (news === undefined) continue
        findings.push(...news.findings)
        over.push(...news.over)
      }
      return { findings, over }
    },
  }
}

/**
 * Timers of a rule that is not in this configuration: another process that shares the store may have it, so they wait a
 * little. Of one that nobody has, what it kept is forgotten in time (`retention.decisions`); then its alerts are over.
 */
async function leaveToOthers(tx: Transaction, rule: string, due: readonly DueRuleTimer[], nowMs: number): Promise<RuleNews> {
  const keys = due.map(({ project, key }) => ({ project, rule, key })).sort((a, b) => (a.key < b.key ? -1 : 1))
  const kept = await tx.ruleStates(keys)
  const waiting = keys.filter((_, index) => kept[index] !== undefined)
  if (waiting.length > 0) await tx.putTimers(waiting.map((of) => ruleTimer(of, nowMs + leftMs)))
  return { findings: [], over: keys.filter((_, index) => kept[index] === undefined) }
}

/** How long a timer is left to other processes, milliseconds. */
const leftMs = 60_000

/** An event whose clock runs ahead counts as of now: sessions, periods and quiet times are ours. On record it keeps its time, which is its identity. */
function asOfNow(event: Event, nowMs: number): Event {
  return event.atMs > nowMs + eventBounds.futureMs ? { ...event, atMs: nowMs } : event
}

/** The rules that look at a type of event, looked up once for each type. */
function byType<Some extends { readonly on: readonly string[] }>(rules: readonly Some[]): (type: string) => readonly Some[] {
  const known = new Map<string, readonly Some[]>()
  const select = (type: string): readonly Some[] => rules.filter((rule) => rule.on.some((on) => on === type || (on.endsWith('.*') && type.startsWith(on.slice(0, -1)))))
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
