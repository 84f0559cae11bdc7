import { usdFromNano } from '../../model/money.ts'
import type { Session } from '../../model/session.ts'
import type { Walk } from '../walk/walk.ts'

/** What a session has done and cost since it began, or began anew. */
export function spentParams(session: Session, { base }: Walk): { readonly calls: number; readonly costUsd: number; readonly unpriced: number } {
  return { calls: session.calls - (base?.calls ?? 0), costUsd: usdFromNano(Math.max(0, session.costNanoUsd - (base?.costNanoUsd ?? 0))), unpriced: session.unpriced }
}
