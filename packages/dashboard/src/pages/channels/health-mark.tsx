import { Text } from '@mantine/core'
import type { ReactElement } from 'react'
import { useAmounts } from '../../parts/amounts'
import { useSay } from '../../words/say'
import type { ChannelRow } from './health'

/** Each with a shape: colour alone says nothing to many. */
const signs: Readonly<Record<ChannelRow['state'], string>> = { working: '✓', failing: '▲', paused: '‖', failed: '✕', unused: '·' }

export function HealthMark({ state, sinceMs }: Pick<ChannelRow, 'state' | 'sinceMs'>): ReactElement {
  const say = useSay()
  const amounts = useAmounts()
  const isBad = state !== 'working' && state !== 'unused'
  return (
    <Text span size="sm" data-health={state} {...(isBad ? { fw: 600, c: state === 'failing' ? 'orange' : 'red' } : { c: 'dimmed' })}>
      <span aria-hidden="true">{signs[state]}</span> {isBad && sinceMs !== undefined ? say('channels.since', { state: say(`channels.${state}`), time: amounts.time(sinceMs) }) : say(`channels.${state}`)}
    </Text>
  )
}
