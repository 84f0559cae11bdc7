import type { Transaction } from '../model/store.ts'
import { ruleTimer } from './rule.ts'

/** The rule that the signs are for; its states are kept under its name. */
export const lostRule = 'session-lost'

/** Longest time between two signs, milliseconds. */
const everyMaxMs = 20_000
/** Signs in each time after which a process counts as gone: one may be late and one may fail. */
export const signsEach = 3

/** How often a process signs that counts as gone after so long. */
export function signEveryMs(afterMs: number): number {
  return Math.min(everyMaxMs, afterMs / signsEach)
}

/** How often a process of this project signs; nothing where the rule that asks for it is off. */
export function signEveryOf(settings: unknown, byDefaultMs: number): number | undefined {
  if (settings === false) return undefined
  const own = typeof settings === 'object' && settings !== null && 'after' in settings && typeof settings.after === 'number' ? settings.after : undefined
  return signEveryMs(own ?? byDefaultMs)
}

/** As `HOST:PID`: what an agent says of itself when a session starts, and what its engine signs with. */
export function processName(host: string, pid: string): string {
  return `${host}:${pid}`
}

/** Sessions of one process that are looked at; further ones end in silence, as if this rule did not exist. */
const sessionsMax = 1_000

/** Behind the name of an earlier process of the same host and number. */
const earlier = '~'

/**
 * A process says that it lives: the first time, what is still open under its name belongs to one that had the same number and is gone
 * (in a container every process is number 1).
 */
export async function signLife(tx: Transaction, project: string, name: string, nowMs: number, isFirst: boolean): Promise<void> {
  const beat = { project, rule: lostRule, key: beatKey(name) }
  if (isFirst) {
    const [known] = await tx.ruleStates([beat])
    const left = known === undefined ? [] : await sessionsOf(tx, project, name)
    if (left.length > 0) {
      const gone = `${name}${earlier}`
      await tx.removeRuleStates(left.map((sessionId) => ({ project, rule: lostRule, key: runsKey(name, sessionId) })))
      await tx.putRuleStates([
        { project, rule: lostRule, key: beatKey(gone), value: '0', atMs: nowMs },
        ...left.map((sessionId) => ({ project, rule: lostRule, key: runsKey(gone, sessionId), value: '', atMs: nowMs })),
      ])
      await tx.putTimers([ruleTimer({ project, rule: lostRule, key: gone }, nowMs)])
    }
  }
  await tx.putRuleStates([{ ...beat, value: String(nowMs), atMs: nowMs }])
}

export function beatKey(name: string): string {
  return `beat|${name}`
}

export function runsKey(name: string, sessionId: string): string {
  return `runs|${name}|${sessionId}`
}

/** Sessions that this process started and did not end, at most 1,000. */
export async function sessionsOf(tx: Transaction, project: string, name: string): Promise<readonly string[]> {
  const start = runsKey(name, '')
  const rows = await tx.ruleKeys({ project, rule: lostRule, after: start, limit: sessionsMax })
  return rows.flatMap(({ key }) => (key.startsWith(start) ? [key.slice(start.length)] : []))
}
