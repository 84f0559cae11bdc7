import { Group, Text } from '@mantine/core'
import type { ReactElement } from 'react'
import { PageLink } from '../../app/page-link'
import { Card } from '../../parts/card'
import { Given } from '../../parts/given'
import { Moment } from '../../parts/moment'
import { useSay } from '../../words/say'
import type { Overview } from './overview'

type Channel = NonNullable<Overview['channels']>[number]

const signs: Readonly<Record<Channel['state'], string>> = { working: '✓', failing: '▲', paused: '⏸', failed: '✕' }
const order: readonly Channel['state'][] = ['failed', 'paused', 'failing', 'working']

/** Whether messages get out; what is broken first. */
export function Channels({ channels }: { readonly channels: readonly Channel[] }): ReactElement {
  const say = useSay()
  const sorted = channels.toSorted((left, right) => order.indexOf(left.state) - order.indexOf(right.state) || right.waiting - left.waiting)
  return (
    <Card title={say('overview.channels')} minHeight={180}>
      {sorted.length === 0 && (
        <Text c="dimmed" size="sm">
          {say('overview.channels-none')}
        </Text>
      )}
      {sorted.map(({ name, state, sinceMs, waiting }) => (
        <Group key={name} justify="space-between" wrap="nowrap" py={2}>
          <PageLink to={`/channels/${encodeURIComponent(name)}`} size="sm" style={{ minWidth: 0 }}>
            <Given lines={1}>{name}</Given>
          </PageLink>
          <Text size="xs" ta="right" {...(state === 'working' ? { c: 'dimmed' } : { fw: 600 })}>
            <span aria-hidden="true">{signs[state]}</span> {say(`overview.channel-${state}`)}
            {sinceMs !== undefined && state !== 'working' && (
              <>
                {' '}
                <Moment atMs={sinceMs} />
              </>
            )}
            {waiting > 0 && ` · ${say('overview.channel-waiting', { count: waiting })}`}
          </Text>
        </Group>
      ))}
    </Card>
  )
}
