import { Text } from '@mantine/core'
import type { ReactElement } from 'react'
import type { Item } from '../../api/ask'
import { useAmounts } from '../../parts/amounts'
import { Given } from '../../parts/given'
import { useSay } from '../../words/say'
import { listed } from '../../words/sentences'

export type PersonReach = Item<'/api/v1/reach'>
export type Reach = PersonReach['by'][number]

/** A person at a kind of channel: whether it gets there, and why not. A shape and a word, never colour alone. */
export function ReachCell({ reach, isWhole = false }: { readonly reach: Reach | undefined; readonly isWhole?: boolean }): ReactElement {
  const say = useSay()
  const amounts = useAmounts()
  if (reach === undefined) return <span aria-hidden="true">–</span>
  const off = reach.off.length === 0 ? undefined : say('people.not-told', { kinds: listed(reach.off.map((kind) => say(`kind.${kind}`))) })
  if (reach.address === 'none')
    return (
      <Text span size="sm" c="dimmed" data-reach="shared">
        <span aria-hidden="true">◇</span> {say('people.shared')}
        {off !== undefined && ` · ${off}`}
      </Text>
    )
  if (reach.addresses.length === 0)
    return (
      <Text span size="sm" c="dimmed" data-reach="none">
        <span aria-hidden="true">✕</span> {say('people.no-address')}
      </Text>
    )
  return (
    <>
      {reach.addresses.map(({ address, verified, stoppedMs, bad }) => {
        const fault = stoppedMs !== undefined ? say('people.stopped', { date: amounts.date(stoppedMs) }) : bad !== undefined ? say('people.bad', { code: bad.code }) : undefined
        return (
          <div key={address} data-reach={fault === undefined ? 'works' : 'fault'}>
            <Text size="sm" title={address} style={{ display: 'flex', gap: '0.3em' }}>
              <span aria-hidden="true">{fault === undefined ? '✓' : '▲'}</span>
              <Given {...(!isWhole && { lines: 1 })}>{address}</Given>
            </Text>
            <Text span size="xs" display="block" {...(fault === undefined ? { c: 'dimmed' } : { c: 'red', fw: 600 })}>
              {fault ?? (verified === undefined ? '' : say(verified ? 'people.verified' : 'people.unverified'))}
              {off !== undefined && ` · ${off}`}
            </Text>
          </div>
        )
      })}
    </>
  )
}
