import { cut } from './shortened.ts'
import type { Step } from './step.ts'
import { walkBounds, type Walk } from './walk.ts'

/** What an `approval.request` says: that something waits, or, with `detail.answer`, that it was answered. */
export interface Approval {
  readonly id: string
  readonly isNamed: boolean
  readonly what: string
  readonly answer?: string
}

export function approvalOf({ id, name, tool, detail }: Pick<Step, 'id' | 'name' | 'tool' | 'detail'>): Approval {
  const named = detail?.['id']
  const answer = detail?.['answer']
  return {
    id: cut(named ?? id, walkBounds.idCharsMax),
    isNamed: named !== undefined,
    what: cut(tool?.name ?? name ?? detail?.['tool'] ?? '', walkBounds.nameCharsMax),
    ...(answer !== undefined && answer !== '' && { answer }),
  }
}

export function noteApproval(walk: Walk, step: Step): void {
  const { answer, ...asked } = approvalOf(step)
  if (answer === undefined) {
    if (walk.approvals.length < walkBounds.approvalsMax && !walk.approvals.some(({ id }) => id === asked.id)) walk.approvals.push({ ...asked, atMs: step.atMs })
    return
  }
  const isAnswered = (one: Walk['approvals'][number]): boolean => one.atMs <= step.atMs && (asked.isNamed ? one.id === asked.id : !one.isNamed && (asked.what === '' || one.what === asked.what))
  walk.approvals = walk.approvals.filter((one) => !isAnswered(one))
}

/** A call that began after a request shows that the session no longer waits for it, unless the request has a name by which it is answered. */
export function sessionWentOn(walk: Walk, { atMs, durationMs }: Step): void {
  if (walk.approvals.length === 0) return
  walk.approvals = walk.approvals.filter((one) => one.isNamed || atMs - durationMs <= one.atMs)
}
