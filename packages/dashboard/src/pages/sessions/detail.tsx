import { Button, Grid, Group, Stack, Text } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { useEffect, useMemo, useRef, useState, type ReactElement } from 'react'
import { useAsk } from '../../api/ask'
import { useSees } from '../../api/me'
import { useAddress } from '../../app/address'
import { PageLink } from '../../app/page-link'
import { useProject } from '../../app/project'
import { useKeys } from '../../keys/keys'
import { ActButton } from '../../parts/act-button'
import { useAmounts } from '../../parts/amounts'
import { Card } from '../../parts/card'
import { Given } from '../../parts/given'
import { useNow } from '../../parts/moment'
import { Severity } from '../../parts/severity'
import { Asked, Empty, Failed, PageHead } from '../../parts/states'
import { useSay } from '../../words/say'
import { Inspector } from './inspector'
import { Outcome } from './outcome'
import { classText, costText, lengthMs } from './session-facts'
import classes from './sessions.module.css'
import { useSteps, type WholeSession } from './steps'
import { Waterfall } from './waterfall'

/** The stream tells that a session begins, fails and ends; its steps in between are asked for. */
const againMs = 2_000

/** `/sessions/ID`: where did it break first. */
export function SessionDetail({ id }: { readonly id: string }): ReactElement {
  const say = useSay()
  const project = useProject()
  const navigate = useNavigate()
  const [isRunning, setIsRunning] = useState(false)
  const session = useAsk('/api/v1/sessions/{id}', { path: { id } }, isRunning ? { everyMs: againMs } : {})
  const state = session.data?.state
  useEffect(() => setIsRunning(state === 'running'), [state])
  useKeys([{ keys: 'Esc', word: 'keys.back', group: 'list', run: () => void navigate({ to: `/p/${project}/sessions` }) }])
  return (
    <Asked of={session} what={say('sessions.one')} rows={12}>
      {(data) => <Steps of={data} />}
    </Asked>
  )
}

function Steps({ of }: { readonly of: WholeSession }): ReactElement {
  const say = useSay()
  const amounts = useAmounts()
  const seesCost = useSees()('costDetail')
  const [{ step: chosen }, setAddress] = useAddress({ step: '' })
  const { steps, isLoading, hasMore, error, again } = useSteps(of)
  const causeId = of.cause?.eventId ?? of.firstFailure?.eventId
  const inspected = useMemo(() => steps.find(({ id }) => id === chosen), [steps, chosen])
  const choose = (id: string): void => setAddress({ step: id }, { replace: true })
  const isOpened = useRef(chosen !== '')
  const isThere = causeId !== undefined && steps.some(({ id }) => id === causeId)
  useEffect(() => {
    // Opened at the first cause, once: then its reader leads.
    if (isOpened.current || !isThere || causeId === undefined) return
    isOpened.current = true
    setAddress({ step: causeId }, { replace: true })
  }, [isThere, causeId, setAddress])
  const now = useNow()
  const first = steps[0]
  const fromMs = Math.min(of.startedAtMs ?? of.firstAtMs, first === undefined ? Infinity : first.atMs - first.durationMs)
  const lastMs = Math.max(of.endedAtMs ?? of.lastAtMs, of.lastAtMs)
  const { id, name, agent, calls, errors, state, user, environment, unpriced = 0, alerts, cause } = of
  const facts = [
    agent, environment, user, say('sessions.calls-of', { calls, errors }), amounts.duration(state === 'running' ? Math.max(0, now - fromMs) : lengthMs(of)), costText(of, say, amounts),
    ...(unpriced > 0 && seesCost ? [say('sessions.unpriced', { count: unpriced })] : []),
  ]
  return (
    <>
      <Text size="sm" mb={4}>
        <PageLink to="/sessions" underline="always">{say('page.sessions')}</PageLink> / <Given>{id}</Given>
      </Text>
      <PageHead
        title={<Given>{name ?? agent ?? id}</Given>}
        line={
          <>
            <Outcome of={state} /> · <Given>{facts.filter((fact) => fact !== undefined && fact !== '').join(' · ')}</Given>
          </>
        }
        actions={
          causeId !== undefined && (
            <ActButton size="xs" reason={isThere ? undefined : say(isLoading || hasMore ? 'sessions.cause-not-read' : 'sessions.cause-gone')} onClick={() => choose(causeId)}>
              {say('sessions.open-cause')}
            </ActButton>
          )
        }
      />
      <Grid>
        <Grid.Col span={{ base: 12, md: 8 }}>
          <Stack gap="md">
            {cause !== undefined && (cause.sentence !== '' || cause.class !== '') && (
              <Card title={say('sessions.cause')}>
                <Text size="sm">
                  <Given>{cause.sentence === '' ? classText(cause.class, say) : cause.sentence}</Given>
                </Text>
                {cause.recovered > 0 && (
                  <Text size="xs" c="dimmed">
                    {say('sessions.recovered', { count: cause.recovered })}
                  </Text>
                )}
              </Card>
            )}
            {alerts.length > 0 && (
              <Card title={say('sessions.alerts')}>
                <Stack gap={4} component="ul" m={0} p={0} style={{ listStyle: 'none' }}>
                  {alerts.map((alert) => (
                    <Group key={alert.id} component="li" gap="sm" wrap="nowrap" align="baseline">
                      <Severity of={alert.severity} />
                      <PageLink to={`/alerts/${alert.id}`} size="sm" style={{ minWidth: 0 }}>
                        <Given lines={1}>{alert.title}</Given>
                      </PageLink>
                    </Group>
                  ))}
                </Stack>
              </Card>
            )}
            <section aria-label={say('sessions.timeline')}>
              {error !== undefined && <Failed error={error} what={say('sessions.steps')} again={again} />}
              {steps.length === 0 ? <Empty>{say('sessions.no-steps')}</Empty> : <Waterfall steps={steps} fromMs={fromMs} untilMs={lastMs} chosen={chosen} choose={choose} seesCost={seesCost} causeId={causeId} />}
              {isLoading && (
                <Text size="xs" c="dimmed" mt="xs">
                  {say('sessions.reading-steps', { count: steps.length })}
                </Text>
              )}
              {hasMore && !isLoading && (
                <Button size="xs" variant="default" mt="xs" onClick={again}>
                  {say('act.more')}
                </Button>
              )}
            </section>
          </Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 4 }}>
          <div className={classes['inspector']}>
            <Inspector step={inspected} fromMs={fromMs} />
          </div>
        </Grid.Col>
      </Grid>
    </>
  )
}
