import type { OpenChannel } from '../model/channel.ts'
import type { DueDelivery } from '../model/store.ts'

/**
 * The law for a message whose answer was lost. It goes again where the receiver deduplicates (same id) or can be
 * asked first; e-mail goes once more (same Message-ID); elsewhere only what is critical goes once more, marked as possibly
 * repeated. An attempt whose process died does not use up that one time (docs/adr/0010-died-with-a-mail-in-hand.md).
 */
export function mayResend(due: Pick<DueDelivery, 'attemptsBefore' | 'doubtfulAttempts' | 'priority'>, open: OpenChannel): boolean {
  if (open.type.can.deduplicates || open.channel.find !== undefined) return true
  if (open.type.shape === 'mail') return due.doubtfulAttempts <= 1
  return due.priority === 0 && due.doubtfulAttempts <= 1
}
