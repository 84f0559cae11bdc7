import { Button, Group, Paper, Stack, Text } from '@mantine/core'
import type { ReactElement } from 'react'
import { useChanged, useList } from '../../api/ask'
import { useNews } from '../../api/live'
import { PageLink } from '../../app/page-link'
import { Given } from '../../parts/given'
import { SeenMessage } from '../../parts/message/seen-message'
import { Ago } from '../../parts/moment'
import { useSoon } from '../../parts/soon'
import { Asked, Empty, PageHead } from '../../parts/states'
import { useSay } from '../../words/say'
import { Views } from './views'

const atOnce = 20
/** Of many that are sent at once it is read again once, milliseconds. */
const soonMs = 500

/** What stayed on this machine, each whole: for who tries Tocsin before there is a channel. */
export function Inbox(): ReactElement {
  const say = useSay()
  const changed = useChanged()
  const inbox = useList('/api/v1/inbox', { query: { limit: atOnce } })
  const again = useSoon(() => {
    if (window.scrollY === 0) void changed('/api/v1/inbox')
  }, soonMs)
  useNews('delivery', ({ state }) => {
    if (state === 'done') again()
  })
  return (
    <>
      <PageHead title={say('message.inbox')} actions={<Views />} />
      <Asked of={inbox} what={say('message.inbox')}>
        {({ pages }) => {
          const items = pages.flatMap((page) => page.items)
          if (items.length === 0) return <Empty>{say('message.inbox-none')}</Empty>
          return (
            <Stack>
              {items.map(({ id, person, channel, title, createdAtMs, seen }) => (
                <Paper key={id} withBorder p="md" component="article">
                  <Group justify="space-between" mb="xs" wrap="nowrap">
                    <PageLink to={`/messages/${id}`} style={{ minWidth: 0 }}>
                      <Given lines={1}>{title ?? id}</Given>
                    </PageLink>
                    <Text size="xs" c="dimmed" style={{ whiteSpace: 'nowrap' }}>
                      <bdi>{person}</bdi> · <bdi>{channel}</bdi> · <Ago atMs={createdAtMs} />
                    </Text>
                  </Group>
                  <SeenMessage seen={seen} />
                </Paper>
              ))}
              {inbox.hasNextPage && (
                <Button variant="default" loading={inbox.isFetchingNextPage} onClick={() => void inbox.fetchNextPage()}>
                  {say('act.more')}
                </Button>
              )}
            </Stack>
          )
        }}
      </Asked>
    </>
  )
}
