import { createHash } from 'node:crypto'
import type { EventInput } from '../model/event.ts'
import type { Notification } from '../model/notification.ts'
import { shownAddress } from '../model/shown-address.ts'

/** The product's own event that an address does not work; the same again for the same address. */
export function addressBad({ channel, recipient }: Pick<Notification, 'channel' | 'recipient'>, code: string, nowMs: number): EventInput {
  return {
    type: 'tocsin.address-bad',
    source: 'engine',
    atMs: nowMs,
    id: `address-bad:${channel}:${createHash('sha256').update(recipient.address).digest('hex').slice(0, 16)}`,
    // Where the channel is the address it is nobody's own, whoever reads it.
    detail: { channel, ...(recipient.address === '' ? {} : { person: recipient.person, address: shownAddress(recipient.address) }), code },
  }
}

/** So long an address that a receiver refused is left alone, then it is tried again, milliseconds. */
export const badAddressMs = 86_400_000
