import { Group, Menu, Stack, Text } from '@mantine/core'
import { useState, type ReactElement } from 'react'
import { useRole, useWhomToAsk } from '../../api/me'
import { useKeys } from '../../keys/keys'
import { ActButton } from '../../parts/act-button'
import { useAmounts } from '../../parts/amounts'
import { Card } from '../../parts/card'
import { Given } from '../../parts/given'
import { Moment } from '../../parts/moment'
import { useSay } from '../../words/say'
import { useAlertActs, type AlertAct, type Optimistic } from './acts'
import type { WholeAlert } from './detail'

const hourMs = 3_600_000
const snoozesMs = [hourMs / 2, hourMs, 4 * hourMs, 24 * hourMs, 7 * 24 * hourMs]

/** What can be done about it, and who has it. What cannot be done now says why. */
export function Acts({ of, optimistic }: { readonly of: WholeAlert; readonly optimistic: Optimistic }): ReactElement {
  const say = useSay()
  const role = useRole()
  const who = useWhomToAsk()
  const { duration } = useAmounts()
  const act = useAlertActs(optimistic)
  const [isSnoozing, setIsSnoozing] = useState(false)
  const { id, state, ends, taken } = of
  const isNews = ends === 'at-once'
  const wasNotUseful = of.actions.findLast(({ action }) => action === 'not-useful' || action === 'useful')?.action === 'not-useful'
  const forbidden = (action: AlertAct): string | undefined => (of.may.includes(action) ? undefined : say('alerts.may-not', { role: say(`role.${role ?? 'viewer'}`), kind: say(`kind.${of.kind}`), who }))
  const over = state === 'resolved' && !isNews ? say('alerts.is-over') : undefined
  const reasons = {
    acknowledge: forbidden('acknowledge') ?? (taken !== undefined ? say('alerts.taken', { by: taken.by }) : over),
    unacknowledge: forbidden('unacknowledge'),
    verdict: forbidden('not-useful'),
    snooze: forbidden('snooze') ?? (state === 'resolved' ? say(isNews ? 'alerts.is-news' : 'alerts.is-over') : undefined),
    expected: forbidden('expected') ?? (isNews ? say('alerts.is-news') : undefined),
    resolve: forbidden('resolve') ?? (state === 'resolved' ? say(isNews ? 'alerts.is-news' : 'alerts.is-over') : undefined),
  } as const
  const run = (action: AlertAct, forMs?: number) => (): void => act(action, [id], forMs)
  useKeys([
    { keys: 'a', word: 'keys.acknowledge', group: 'alert', run: run('acknowledge'), reason: reasons.acknowledge },
    { keys: 'z', word: 'keys.snooze', group: 'alert', run: () => setIsSnoozing(true), reason: reasons.snooze },
    { keys: 'e', word: 'keys.expected', group: 'alert', run: run('expected'), reason: reasons.expected },
  ])
  return (
    <Card title={say('alerts.acts')}>
      <Stack gap="sm">
        <Text size="sm" data-taken={taken?.by}>
          {taken === undefined ? (
            say(isNews ? 'alerts.nobody-news' : 'alerts.nobody')
          ) : (
            <>
              <Given>{say('alerts.taken', { by: taken.by })}</Given> · <Moment atMs={taken.atMs} />
            </>
          )}
        </Text>
        <Group gap="xs">
          {taken === undefined ? (
            <ActButton size="xs" keys="a" reason={reasons.acknowledge} onClick={run('acknowledge')}>
              {say('alerts.acknowledge')}
            </ActButton>
          ) : (
            <ActButton size="xs" variant="default" reason={reasons.unacknowledge} onClick={run('unacknowledge')}>
              {say('alerts.unacknowledge')}
            </ActButton>
          )}
          <Menu opened={isSnoozing} onChange={(isOpen) => setIsSnoozing(isOpen && reasons.snooze === undefined)} position="bottom-start" returnFocus>
            <Menu.Target>
              <ActButton size="xs" variant="default" keys="z" reason={reasons.snooze}>
                {say('alerts.snooze')}
              </ActButton>
            </Menu.Target>
            <Menu.Dropdown>
              {snoozesMs.map((ms) => (
                <Menu.Item key={ms} onClick={run('snooze', ms)}>
                  {duration(ms)}
                </Menu.Item>
              ))}
            </Menu.Dropdown>
          </Menu>
          <ActButton size="xs" variant="default" keys="e" reason={reasons.expected} onClick={run('expected')}>
            {say('alerts.expected')}
          </ActButton>
          <ActButton size="xs" variant="default" reason={reasons.resolve} onClick={run('resolve')}>
            {say('alerts.resolve')}
          </ActButton>
          {of.learns && (
            <ActButton size="xs" variant="default" reason={reasons.verdict} onClick={run(wasNotUseful ? 'useful' : 'not-useful')}>
              {say(wasNotUseful ? 'alerts.useful' : 'alerts.not-useful')}
            </ActButton>
          )}
        </Group>
      </Stack>
    </Card>
  )
}
