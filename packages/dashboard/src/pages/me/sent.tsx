import { Stack, Text } from '@mantine/core'
import type { ReactElement } from 'react'
import { useAsk } from '../../api/ask'
import { PageLink } from '../../app/page-link'
import { Card } from '../../parts/card'
import { Given } from '../../parts/given'
import { Ago } from '../../parts/moment'
import { Asked } from '../../parts/states'
import { useSay } from '../../words/say'

const shown = 6

/** What I was sent lately, and what was kept from me, each with its reason. */
export function Sent(): ReactElement {
  const say = useSay()
  const decisions = useAsk('/api/v1/decisions', { query: { person: 'me', limit: shown } })
  return (
    <Card
      title={say('me.sent')}
      beside={
        <PageLink to="/messages" search={{ person: 'me' }} size="xs">
          {say('message.all')}
        </PageLink>
      }
    >
      <Asked of={decisions} what={say('me.sent')} rows={3}>
        {({ items }) =>
          items.length === 0 ? (
            <Text size="sm" c="dimmed">
              {say('me.sent-nothing')}
            </Text>
          ) : (
            <Stack gap="xs" component="ul" m={0} p={0} style={{ listStyle: 'none' }}>
              {items.map(({ alert, sentence, atMs, reason, channel }) => (
                <li key={`${alert} ${reason} ${channel} ${atMs}`}>
                  <Text size="sm">
                    <PageLink to={`/alerts/${alert}`} underline="always">{alert}</PageLink> <Given>{sentence}</Given>{' '}
                    <Text span size="xs" c="dimmed">
                      <Ago atMs={atMs} />
                    </Text>
                  </Text>
                </li>
              ))}
            </Stack>
          )
        }
      </Asked>
    </Card>
  )
}
