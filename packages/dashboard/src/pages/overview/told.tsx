import { Group, Text } from '@mantine/core'
import type { ReactElement } from 'react'
import { PageLink } from '../../app/page-link'
import { useAmounts } from '../../parts/amounts'
import { Card } from '../../parts/card'
import { useSay } from '../../words/say'
import type { Overview } from './overview'

const verdicts = ['sent', 'merged', 'held', 'limited', 'silenced', 'refused', 'failed'] as const

/** What was told to people today, and what was not, by its verdict. */
export function Told({ told }: { readonly told: Overview['told'] }): ReactElement {
  const say = useSay()
  const { count } = useAmounts()
  const shown = verdicts.filter((verdict) => verdict === 'sent' || verdict === 'merged' || verdict === 'held' || told[verdict] > 0)
  const isNothing = verdicts.every((verdict) => told[verdict] === 0)
  return (
    <Card
      title={say('overview.told')}
      minHeight={280}
      beside={
        <PageLink to="/messages" size="xs">
          {say('page.messages')}
        </PageLink>
      }
    >
      {isNothing && (
        <Text c="dimmed" size="sm" mb="sm">
          {say('overview.told-nothing')}
        </Text>
      )}
      <dl style={{ margin: 0 }}>
        {shown.map((verdict) => (
          <Group key={verdict} justify="space-between" py={4}>
            <Text component="dt" size="sm">
              {say(`overview.told-${verdict}`)}
            </Text>
            <Text component="dd" m={0} fw={verdict === 'sent' ? 700 : 400} ff="monospace" {...(verdict === 'failed' && { c: 'red' })}>
              {count(told[verdict])}
            </Text>
          </Group>
        ))}
      </dl>
    </Card>
  )
}
