import { Text } from '@mantine/core'
import { useMemo, type ReactElement } from 'react'
import { useAsk } from '../../api/ask'
import { useMay, useRole } from '../../api/me'
import { useAddress } from '../../app/address'
import { useProject } from '../../app/project'
import { ActButton } from '../../parts/act-button'
import { Given } from '../../parts/given'
import { Rows, type Column } from '../../parts/rows'
import { Asked, PageHead } from '../../parts/states'
import { useSay } from '../../words/say'
import { channelRows, type ChannelRow } from './health'
import { HealthMark } from './health-mark'

/** Every channel with how it does, what is broken first. */
export function ChannelList(): ReactElement {
  const say = useSay()
  const may = useMay()
  const role = useRole()
  const project = useProject()
  const [, setAddress] = useAddress({ new: '' })
  const channels = useAsk('/api/v1/channels')
  const types = useAsk('/api/v1/channel-types')
  const overview = useAsk('/api/v1/overview')
  const titles = useMemo(() => new Map(types.data?.items.map(({ type, title }) => [type, title])), [types.data])
  const rows = useMemo(() => channelRows(channels.data?.items ?? [], overview.data?.channels), [channels.data, overview.data])
  const columns: readonly Column<ChannelRow>[] = [
    { id: 'name', head: say('channels.name'), width: 'minmax(8rem, 1fr)', card: 'title', cell: ({ name }) => <Given lines={1}>{name}</Given> },
    { id: 'type', head: say('channels.type'), width: 'minmax(8rem, 1fr)', card: 'labelled', cell: ({ value: { type } }) => titles.get(type) ?? type },
    { id: 'health', head: say('channels.health'), width: 'minmax(10rem, 1fr)', card: 'labelled', cell: (row) => <HealthMark {...row} /> },
    { id: 'waiting', head: say('channels.waiting'), width: '8rem', card: 'labelled', cell: ({ waiting }) => (waiting === 0 ? say('channels.no-waiting') : say('channels.messages', { count: waiting })) },
    { id: 'origin', head: say('channels.origin'), width: '7rem', card: 'labelled', cell: ({ origin }) => say(`channels.origin-${origin}`) },
  ]
  return (
    <>
      <PageHead
        title={say('page.channels')}
        line={say('channels.line')}
        actions={
          <ActButton reason={may('channels:write') ? undefined : say('channels.may-not', { role: say(`role.${role ?? 'viewer'}`) })} onClick={() => setAddress({ new: '1' })}>
            {say('channels.new')}
          </ActButton>
        }
      />
      <Asked of={channels} what={say('page.channels')}>
        {({ items }) => (
          <>
            {items.every(({ origin }) => origin === 'default') && (
              <Text size="sm" c="dimmed" mb="md" data-state="empty">
                {say('channels.defaults')}
              </Text>
            )}
            <Rows label={say('page.channels')} rows={rows} idOf={({ name }) => name} columns={columns} linkIn="name" linkOf={({ name }) => `/p/${project}/channels/${encodeURIComponent(name)}`} />
          </>
        )}
      </Asked>
    </>
  )
}
