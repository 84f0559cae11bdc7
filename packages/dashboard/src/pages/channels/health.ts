import type { Answer, Item } from '../../api/ask'

type Channel = Item<'/api/v1/channels'>
type Known = NonNullable<Answer<'/api/v1/overview'>['channels']>[number]

/** One channel as the list shows it. */
export interface ChannelRow extends Channel {
  readonly state: Known['state'] | 'unused'
  readonly sinceMs?: number | undefined
  readonly waiting: number
}

const order: readonly ChannelRow['state'][] = ['failed', 'paused', 'failing', 'working', 'unused']

/** What is broken first, then what waits, then by name. */
export function channelRows(items: readonly Channel[], health: Answer<'/api/v1/overview'>['channels']): readonly ChannelRow[] {
  const known = new Map((health ?? []).map((one) => [one.name, one]))
  return items
    .map((item): ChannelRow => {
      const own = known.get(item.name)
      return { ...item, state: own?.state ?? 'unused', sinceMs: own?.sinceMs, waiting: own?.waiting ?? 0 }
    })
    .toSorted((one, other) => order.indexOf(one.state) - order.indexOf(other.state) || other.waiting - one.waiting || one.name.localeCompare(other.name))
}
