import { Stack, Text } from '@mantine/core'
import type { ReactElement } from 'react'
import { PageLink } from '../../app/page-link'
import { useAmounts } from '../../parts/amounts'
import { Card } from '../../parts/card'
import { Given } from '../../parts/given'
import { Ago } from '../../parts/moment'
import { useSay } from '../../words/say'
import type { WholeAlert } from './detail'

/** What was like it before, and how that ended. */
export function Similar({ of: { similar } }: { readonly of: WholeAlert }): ReactElement {
  const say = useSay()
  const { duration } = useAmounts()
  const endOf = ({ ended, openedAtMs, taken }: WholeAlert['similar'][number]): string => {
    const had = taken === undefined ? '' : ` ${say('alerts.had', { by: taken.by })}`
    if (ended === undefined) return say('alerts.ended-not') + had
    return say('alerts.ended', { how: ended.how.replace('by-', ''), by: ended.by ?? '', after: duration(ended.atMs - openedAtMs) }) + had
  }
  return (
    <Card title={say('alerts.similar')}>
      {similar.length === 0 ? (
        <Text size="sm" c="dimmed">
          {say('alerts.similar-none')}
        </Text>
      ) : (
        <Stack gap={8} component="ul" m={0} p={0} style={{ listStyle: 'none' }}>
          {similar.map((one) => (
            <li key={one.id}>
              <PageLink to={`/alerts/${one.id}`} size="sm">
                <Given lines={2}>{one.title}</Given>
              </PageLink>
              <Text size="xs" c="dimmed">
                <Ago atMs={one.openedAtMs} /> · {say(one.sameKey ? 'alerts.same-thing' : 'alerts.same-rule')} · <Given>{endOf(one)}</Given>
              </Text>
            </li>
          ))}
        </Stack>
      )}
    </Card>
  )
}
