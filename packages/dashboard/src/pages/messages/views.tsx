import { SegmentedControl } from '@mantine/core'
import type { ReactElement } from 'react'
import { useAddress } from '../../app/address'
import { useSay } from '../../words/say'

/** All messages, or those that stayed on this machine. */
export function Views(): ReactElement {
  const say = useSay()
  const [{ view }, setAddress] = useAddress({ view: '' })
  const data = [
    { value: '', label: say('message.all') },
    { value: 'inbox', label: say('message.inbox') },
  ]
  return <SegmentedControl size="xs" aria-label={say('message.view')} data={data} value={view === 'inbox' ? 'inbox' : ''} onChange={(value) => setAddress({ view: value })} />
}
