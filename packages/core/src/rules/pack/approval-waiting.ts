import type { Event } from '../../model/event.ts'
import type { MessageParams } from '../../model/message.ts'
import type { RuleKey } from '../../model/rule-state.ts'
import type { Session } from '../../model/session.ts'
import type { Severity } from '../../model/severity.ts'
import type { Transaction } from '../../model/store.ts'
import { aboutEvent, aboutSession, eventParams, sessionParams } from '../about.ts'
import { builtIn } from '../built-in.ts'
import { keptJson } from '../kept.ts'
import { ruleTimer, type BatchRule, type DueRuleTimer, type ProjectFinding, type RuleNews } from '../rule.ts'
import type { BookedChange } from '../session-book.ts'
import { approvalOf } from '../walk/approvals.ts'
import { readWalk } from '../walk/walk-text.ts'
import type { PendingApproval } from '../walk/walk.ts'

const rule = 'approval-waiting'
/** Keys: a session, whose walk knows what waits in it; or a request that belongs to none, by its own name. */
const inSession = 'session|'
const alone = 'alone|'
/** Requests without a session that wait at the same time in one project; further ones are told as news that nothing ends. */
const aloneMax = 1_000

interface Settings {
  readonly severity: Severity
  readonly afterMs: number
}

/** Somebody has to say yes or no before an agent goes on. */
export const approvalWaiting = builtIn({
  name: rule,
  kind: 'session',
  severity: 'high',
  says: {
    en: 'An agent waits for an approval (`approval.request`), at once or when it has waited for `after`. Over when it is answered (the same `detail.id` with `detail.answer`), its session goes on, or ends.',
    'zh-CN': '智能体在等待审批（`approval.request`）：立即告知，或等待超过 `after` 后告知。得到答复（相同的 `detail.id` 带 `detail.answer`）、会话继续或结束后，告警解除。',
  },
  settings: { after: { byDefault: 0, says: { en: 'how long it must have waited', 'zh-CN': '须已等待多久' } } },
  create({ severity = 'high', after: afterMs }): BatchRule {
    const settings: Settings = { severity, afterMs }
    return {
      name: rule,
      looksAt: 'batches',
      on: ['approval.request', 'llm.call', 'tool.call', 'agent.step', 'session.start', 'session.end'],
      book(nowMs) {
        const requests: Event[] = []
        return {
          add(event) {
            if (event.type === 'approval.request') requests.push(event)
          },
          async apply(tx, sessions) {
            const here = await applySessions(tx, sessions, requests, settings)
            const others = await applyAlone(tx, requests.filter(({ sessionId }) => sessionId === undefined), settings, nowMs)
            return { findings: [...here.findings, ...others.findings], over: [...here.over, ...others.over] }
          },
        }
      },
      due: (tx, timers) => tellDue(tx, timers, settings),
    }
  },
})

async function applySessions(tx: Transaction, sessions: readonly BookedChange[], requests: readonly Event[], settings: Settings): Promise<RuleNews> {
  const findings: ProjectFinding[] = []
  const over: RuleKey[] = []
  for (const { change: { before, after }, tags, walk } of sessions) {
    if (walk === undefined || (walk.after.approvals.length === 0 && before?.walk?.includes('"approvals"') !== true)) continue
    const of = { project: after.project, rule, key: `${inSession}${after.sessionId}` }
    const waited = walk.before().approvals
    const [oldest] = walk.after.approvals
    const asked = walk.after.approvals.find(({ id }) => !waited.some((one) => one.id === id))
    if (oldest === undefined) {
      if (waited.length > 0) over.push(of)
    } else if (asked !== undefined && settings.afterMs > 0) {
      await tx.putTimers([ruleTimer(of, oldest.atMs + settings.afterMs)])
    } else if (asked !== undefined) {
      const event = requests.find((one) => one.sessionId === after.sessionId && approvalOf(one).id === asked.id)
      findings.push({ ...sessionFinding(after, asked, settings, tags), ...(event?.excerpt !== undefined && { params: { ...sessionRequest(after, asked), excerpt: event.excerpt } }) })
    }
  }
  return { findings, over }
}

/** Requests that name no session: a row each, until they are answered. One without a name of its own cannot be answered. */
async function applyAlone(tx: Transaction, requests: readonly Event[], settings: Settings, nowMs: number): Promise<RuleNews> {
  const findings: ProjectFinding[] = []
  const over: RuleKey[] = []
  for (const event of requests) {
    const { id, isNamed, answer } = approvalOf(event)
    const of = { project: event.project, rule, key: `${alone}${id}` }
    const finding = aloneFinding(event, of, settings)
    if (!isNamed) {
      if (answer === undefined) findings.push({ ...finding, ends: 'at-once' })
      continue
    }
    const [known] = await tx.ruleStates([of])
    if (answer !== undefined) {
      if (known === undefined) continue
      over.push(of)
      await tx.removeRuleStates([of])
      const told = findings.findIndex(({ key }) => key === of.key)
      if (told >= 0) findings.splice(told, 1)
    } else if (known === undefined) {
      const isTooMany = (await tx.countRuleKeys({ project: of.project, rule, most: aloneMax })) >= aloneMax
      if (!isTooMany) await tx.putRuleStates([{ ...of, value: JSON.stringify(finding), atMs: nowMs }])
      if (settings.afterMs > 0 && !isTooMany) await tx.putTimers([ruleTimer(of, event.atMs + settings.afterMs)])
      else findings.push(isTooMany ? { ...finding, ends: 'at-once' } : finding)
    }
  }
  return { findings, over }
}

async function tellDue(tx: Transaction, timers: readonly DueRuleTimer[], settings: Settings): Promise<RuleNews> {
  const findings: ProjectFinding[] = []
  for (const { project, key } of timers) {
    if (key.startsWith(inSession)) {
      const [session] = await tx.sessions([{ project, sessionId: key.slice(inSession.length) }])
      const [oldest] = session === undefined ? [] : readWalk(session.walk).approvals
      if (session !== undefined && oldest !== undefined) findings.push(sessionFinding(session, oldest, settings, undefined))
    } else {
      const [kept] = await tx.ruleStates([{ project, rule, key }])
      const finding = keptJson(kept)
      // Reason for the cast: this rule alone writes rows of this form.
      if (typeof finding === 'object' && finding !== null && 'message' in finding) findings.push(finding as ProjectFinding)
    }
  }
  return { findings, over: [] }
}

function sessionFinding(session: Session, asked: PendingApproval, { severity }: Settings, tags: Event['tags'] | undefined): ProjectFinding {
  return {
    project: session.project,
    rule,
    key: `${inSession}${session.sessionId}`,
    kind: 'session',
    severity,
    message: 'approval.waiting',
    params: sessionRequest(session, asked),
    ends: 'known',
    quietMs: 0,
    evidence: { session: session.sessionId, request: asked.id, sinceMs: asked.atMs },
    ...aboutSession(session, tags),
  }
}

function sessionRequest(session: Session, { what, atMs }: PendingApproval): MessageParams {
  return { ...sessionParams(session), at: atMs, ...(what !== '' && { what }) }
}

function aloneFinding(event: Event, of: RuleKey, { severity }: Settings): ProjectFinding {
  const { what } = approvalOf(event)
  return {
    ...of,
    kind: 'session',
    severity,
    message: 'approval.waiting',
    params: { ...eventParams(event), ...(what !== '' && { what }), ...(event.environment !== undefined && { environment: event.environment }), ...(event.excerpt !== undefined && { excerpt: event.excerpt }) },
    ends: 'known',
    quietMs: 0,
    evidence: { event: event.id, sinceMs: event.atMs },
    ...aboutEvent(event),
  }
}
