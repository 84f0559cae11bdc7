import { keptOf, type Alert, type AlertChange, type Finding } from '../model/alert.ts'
import { messages } from '../model/message.ts'
import { priorityOf } from '../model/severity.ts'
import type { RuleKey } from '../model/rule-state.ts'
import type { AlertUpdate, NewAlert, Timer, Transaction } from '../model/store.ts'
import type { ProjectFinding, RuleNews } from './rule.ts'
import { withPatterns } from './similar/pattern.ts'

/** The same trouble again within so long is the same alert again; later it is a new one. Milliseconds. */
const reopenMs = 600_000

/** Kind of the timers that end alerts; their key is the alert's id. */
export const quietTimer = 'alert-quiet'

/**
 * Findings become alerts. One is open for each (project, rule, key):
 *
 * none, or one that ended more than 10 min ago   opened
 * one that ended at most 10 min ago              reopened, counted in
 * one is open, and this is more severe           raised, counted in, firing again even if acknowledged
 * one fires, and its rule tells it once more      the same
 * one is open                                    counted in, told no second time
 *
 * News (`at-once`) opens resolved, each finding an alert of its own. Others of one batch with the same key are one.
 */
export async function applyFindings(tx: Transaction, findings: readonly ProjectFinding[], nowMs: number): Promise<readonly AlertChange[]> {
  if (findings.length === 0) return []
  const merged = mergeByKey(findings)
  const known = await findKnown(tx, merged, nowMs)
  const inserts: NewAlert[] = []
  const insertedAt: number[] = []
  const updates: AlertUpdate[] = []
  const changes: (AlertChange | undefined)[] = []
  for (const [index, group] of merged.entries()) {
    const alert = known.get(group)
    if (alert === undefined) {
      inserts.push({ ...group.finding, params: countedParams(group.finding, group.count), count: group.count, openedAtMs: nowMs })
      insertedAt.push(index)
      changes.push(undefined)
    } else {
      const change = countIn(alert, group, nowMs)
      updates.push(change.update)
      changes.push({ alert: change.alert, change: change.change, ...(change.isWorse === true && { isWorse: true }) })
    }
  }
  if (inserts.length > 0) {
    const patterned = await withPatterns(tx, inserts, nowMs)
    const ids = await tx.insertAlerts(patterned)
    for (const [i, insert] of patterned.entries()) {
      const id = ids[i]
      const index = insertedAt[i]
      if (id !== undefined && index !== undefined) changes[index] = { alert: openedAlert(insert, id), change: 'opened' }
    }
  }
  if (updates.length > 0) await tx.updateAlerts(updates)
  const done = changes.filter((change) => change !== undefined)
  const timers = done.filter(({ alert, change }) => hasQuietTimer(alert) && (change === 'opened' || change === 'reopened')).map(({ alert }) => timerOf(alert))
  if (timers.length > 0) await tx.putTimers(timers)
  return done
}

/**
 * Ends an alert whose quiet time is over. Nothing where it has ended already, and where something was counted in since
 * the timer was set: then the timer is set anew, so that counting in costs no row.
 */
export async function resolveQuiet(tx: Transaction, alertId: number, nowMs: number): Promise<AlertChange | undefined> {
  const alert = await tx.alert(alertId)
  if (alert === undefined || alert.state === 'resolved') return undefined
  const timer = timerOf(alert)
  if (timer.dueMs > nowMs) {
    await tx.putTimers([timer])
    return undefined
  }
  await tx.updateAlerts([{ id: alert.id, addCount: 0, updatedAtMs: alert.updatedAtMs, state: 'resolved', resolvedAtMs: nowMs }])
  return { alert: { ...alert, state: 'resolved', resolvedAtMs: nowMs }, change: 'resolved' }
}

/** What rules say becomes changes of alerts; ends first, so that what begins anew is heard last. */
export async function applyNews(tx: Transaction, { findings, over }: RuleNews, nowMs: number): Promise<readonly AlertChange[]> {
  const ended: AlertChange[] = []
  for (const { params, ...of } of over) {
    const change = await resolveKnown(tx, of, nowMs, params)
    if (change !== undefined) ended.push(change)
  }
  return [...ended, ...(await applyFindings(tx, findings, nowMs))]
}

/**
 * Ends the alert of this key because it is known that its trouble is over. Where its silence would prove nothing, so that the end is not told (`told`),
 * this one is. Nothing where none is open.
 *
 * @param said what is said of its end. Absent: what was said while it lasted
 */
export async function resolveKnown(tx: Transaction, of: RuleKey, nowMs: number, said?: Alert['params']): Promise<AlertChange | undefined> {
  const [alert] = await tx.findAlerts([of], nowMs)
  if (alert === undefined || alert.state === 'resolved') return undefined
  await tx.updateAlerts([{ id: alert.id, addCount: 0, updatedAtMs: alert.updatedAtMs, state: 'resolved', resolvedAtMs: nowMs, ...(said !== undefined && { params: said }) }])
  return { alert: { ...alert, ends: 'quiet', state: 'resolved', resolvedAtMs: nowMs, params: said ?? alert.params }, change: 'resolved' }
}

interface Group {
  /** The most severe of them, the first among equals. */
  finding: ProjectFinding
  count: number
}

/** One group for each alert: news stands alone. */
function mergeByKey(findings: readonly ProjectFinding[]): readonly Group[] {
  const groups: Group[] = []
  const lasting = new Map<string, Group>()
  for (const finding of findings) {
    const key = finding.ends === 'at-once' ? undefined : `${finding.project}\u0000${finding.rule}\u0000${finding.key}`
    const group = key === undefined ? undefined : lasting.get(key)
    if (group !== undefined) {
      if (isMoreSevere(finding, group.finding)) group.finding = finding
      group.count += 1
      continue
    }
    const first: Group = { finding, count: 1 }
    groups.push(first)
    if (key !== undefined) lasting.set(key, first)
  }
  return groups
}

async function findKnown(tx: Transaction, groups: readonly Group[], nowMs: number): Promise<ReadonlyMap<Group, Alert>> {
  const lasting = groups.filter(({ finding }) => finding.ends !== 'at-once')
  const known = new Map<Group, Alert>()
  if (lasting.length === 0) return known
  const found = await tx.findAlerts(lasting.map(({ finding: { project, rule, key } }) => ({ project, rule, key })), nowMs - reopenMs)
  lasting.forEach((group, i) => {
    const alert = found[i]
    if (alert !== undefined) known.set(group, alert)
  })
  return known
}

function countIn(alert: Alert, { finding, count }: Group, nowMs: number): AlertChange & { readonly update: AlertUpdate } {
  const change = alert.state === 'resolved' ? 'reopened' : isMoreSevere(finding, alert) || (finding.isAgain === true && alert.state === 'firing') ? 'raised' : 'counted'
  const total = alert.count + count
  // What was told stays as it was told; only news brings the words of the newer finding, and an account that goes on.
  const told = change === 'counted' && finding.renews !== true ? alert : finding
  const params = countedParams(told, total)
  const severity = change === 'counted' ? alert.severity : finding.severity
  const cycles = change === 'reopened' ? (alert.cycles ?? 0) + 1 : alert.cycles
  const update: AlertUpdate = {
    id: alert.id,
    addCount: count,
    updatedAtMs: nowMs,
    params,
    ...(told === finding && { evidence: finding.evidence }),
    ...(change === 'reopened' && cycles !== undefined && { cycles }),
    // Whoever had it had what it was before.
    ...(change !== 'counted' && { severity, state: 'firing', ...(alert.taken !== undefined && { taken: null }) }),
  }
  const state = change === 'counted' ? alert.state : 'firing'
  const { resolvedAtMs: _over, taken, ...rest } = alert
  const isWorse = change !== 'counted' && isMoreSevere(finding, alert)
  // What is told anew fails of the newer call.
  const cause = change === 'counted' ? alert.cause : finding.cause
  return { change, ...(isWorse && { isWorse }), update, alert: { ...rest, ...(change === 'counted' && taken !== undefined && { taken }), ...(cause !== undefined && { cause }), severity, params, ...(cycles !== undefined && { cycles }), evidence: told.evidence, state, count: total, updatedAtMs: nowMs } }
}

/** How often it was found, where the message says so and no rule says otherwise. */
function countedParams({ message, params }: Pick<Finding, 'message' | 'params'>, count: number): Finding['params'] {
  const names: readonly string[] = messages[message]
  return names.includes('count') && !message.startsWith('system.') ? { ...params, count } : params
}

function openedAlert(insert: NewAlert, id: number): Alert {
  const isNews = insert.ends === 'at-once'
  return { ...keptOf(insert), id, state: isNews ? 'resolved' : 'firing', updatedAtMs: insert.openedAtMs, ...(isNews && { resolvedAtMs: insert.openedAtMs }) }
}

function hasQuietTimer({ ends }: Alert): boolean {
  return ends === 'quiet' || ends === 'told'
}

function timerOf(alert: Alert): Timer {
  return { project: alert.project, kind: quietTimer, key: String(alert.id), dueMs: alert.updatedAtMs + alert.quietMs }
}

function isMoreSevere(a: Pick<Finding, 'severity'>, b: Pick<Finding, 'severity'>): boolean {
  return priorityOf(a.severity) < priorityOf(b.severity)
}
