import type { OutcomeKind } from '../../packages/core/src/model/outcome.ts'

/** One entry for each kind of outcome: the compiler sees to it that none is missing. */
const kinds: Readonly<Record<OutcomeKind, true>> = { sent: true, retry: true, 'bad-address': true, 'bad-content': true, 'bad-config': true, 'in-doubt': true }

export const outcomeKinds = Object.keys(kinds)
