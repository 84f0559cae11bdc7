import type { ChannelFault, PlannedFault } from '../channel-suite.ts'
import type { HttpFault } from '../http-provider.ts'

export type Planned<Fault> = PlannedFault<Fault>

/** How long a channel waits in tests for what never comes, milliseconds. */
export const hangMs = 300

export function planned<Fault>(faults: readonly Planned<Fault>[], fail: (fault: Fault) => void): readonly ChannelFault[] {
  return faults.map(([name, fault, outcome, code, more]) => ({ name, plan: () => fail(fault), outcome, ...(code === undefined ? {} : { code }), ...more }))
}

/** How a network and a server fail whatever they speak: every channel over HTTP makes the same of it. */
export const httpFaults: readonly Planned<HttpFault>[] = [
  ['too many requests (429) waits as long as it says', { reply: { status: 429, headers: { 'retry-after': '7' }, body: 'slow down' } }, 'retry', undefined, { afterMs: 7_000 }],
  ['a failing server (500) is tried later', { reply: { status: 500, body: 'oops' } }, 'retry'],
  ['an error page (502) is tried later', { reply: { status: 502, body: '<html>Bad gateway' } }, 'retry'],
  ['a server under maintenance (503) waits as long as it says', { reply: { status: 503, headers: { 'retry-after': '120' } } }, 'retry', undefined, { afterMs: 120_000 }],
  ['a gateway out of time (504) is tried later', { reply: { status: 504 } }, 'retry'],
  ['a connection reset before the message is tried later', { reset: 'handshake' }, 'retry', 'ECONNRESET'],
  ['a connection that is never secured is tried later', { hang: 'handshake' }, 'retry', 'ABORT_ERR', { deadlineMs: hangMs }],
  ['a connection reset after the message is in doubt', { reset: 'answer' }, 'in-doubt', 'ECONNRESET'],
  ['a server silent after the message is in doubt', { hang: 'answer' }, 'in-doubt', 'ABORT_ERR', { deadlineMs: hangMs }],
]
