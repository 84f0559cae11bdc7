import type { Alert } from '../../model/alert.ts'
import type { Transaction } from '../../model/store.ts'

/** Kind of the timers that look again at what is hushed; their key is the alert's id. */
export const hushTimer = 'hush-over'

/** What `Hush.by` says of an alert that a person snoozed. */
export const bySnooze = 'snooze'

/**
 * An alert is not told until then; what waits of it is not sent, and at the end it is told once if it still fires. One that is hushed already
 * is hushed by this from now on, and counts as not told since it first was.
 */
export async function hushUntil(tx: Transaction, { id, project }: Pick<Alert, 'id' | 'project'>, by: string, untilMs: number, nowMs: number): Promise<void> {
  const [before] = await tx.hushes([id])
  await tx.hush([{ alert: id, project, by, sinceMs: before?.sinceMs ?? nowMs, untilMs }])
  await tx.putTimers([{ project, kind: hushTimer, key: String(id), dueMs: untilMs }])
}
