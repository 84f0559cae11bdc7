import { Group, SimpleGrid, Text } from '@mantine/core'
import type { ReactElement } from 'react'
import { PageLink } from '../../app/page-link'
import { useAmounts } from '../../parts/amounts'
import { Card } from '../../parts/card'
import { Given } from '../../parts/given'
import { useSay } from '../../words/say'
import { classText } from '../sessions/session-facts'
import type { Overview } from './overview'
import classes from './outcomes.module.css'

const states = ['success', 'fail', 'indeterminate', 'running'] as const
const signs = { success: '✓', fail: '✕', indeterminate: '?', running: '…' } as const

interface OutcomesProps {
  readonly sessions: NonNullable<Overview['sessions']>
  readonly failures: NonNullable<Overview['failures']>
  readonly sinceMs: number
}

/** How today's sessions ended, and of what their calls failed. */
export function Outcomes({ sessions, failures, sinceMs }: OutcomesProps): ReactElement {
  const say = useSay()
  const { count } = useAmounts()
  const all = states.reduce((sum, state) => sum + sessions[state], 0)
  const most = Math.max(1, ...failures.map(({ count: times }) => times))
  return (
    <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="md">
      <Card title={say('overview.sessions')} minHeight={180}>
        {all === 0 ? (
          <Text c="dimmed" size="sm">
            {say('overview.sessions-none')}
          </Text>
        ) : (
          <>
            <div className={classes['bar']} aria-hidden="true">
              {states.map((state) => sessions[state] > 0 && <span key={state} data-state={state} style={{ flexGrow: sessions[state] }} />)}
            </div>
            {states.map((state) => (
              <Group key={state} justify="space-between" py={2}>
                <PageLink to="/sessions" search={{ state, since: String(sinceMs) }} size="sm">
                  <span aria-hidden="true">{signs[state]}</span> {say(`overview.session-${state}`)}
                </PageLink>
                <Text ff="monospace">{count(sessions[state])}</Text>
              </Group>
            ))}
          </>
        )}
      </Card>
      <Card title={say('overview.failures')} minHeight={180}>
        {failures.length === 0 ? (
          <Text c="dimmed" size="sm">
            {say('overview.failures-none')}
          </Text>
        ) : (
          failures.map((failure) => (
            <div key={`${failure.class} ${failure.name} ${failure.provider}`} className={classes['failure']}>
              <span className={classes['share']} style={{ width: `${(failure.count / most) * 100}%` }} aria-hidden="true" />
              <Text size="sm" style={{ minWidth: 0 }}>
                <Given lines={1}>{[classText(failure.class, say), failure.name || failure.provider].filter((part) => part !== '').join(' · ')}</Given>
              </Text>
              <Text ff="monospace" size="sm">
                {count(failure.count)}
              </Text>
            </div>
          ))
        )}
      </Card>
    </SimpleGrid>
  )
}
