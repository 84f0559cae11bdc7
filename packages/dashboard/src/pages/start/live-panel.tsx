import { Alert, Anchor, Group, Loader, Stack, Text } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useEffect, useRef, useState, type ReactElement } from 'react'
import { useAsk, useChanged, type Answer } from '../../api/ask'
import { useNews } from '../../api/live'
import { useMay, useRole } from '../../api/me'
import { useProject } from '../../app/project'
import { ActButton } from '../../parts/act-button'
import { useAmounts } from '../../parts/amounts'
import { Card } from '../../parts/card'
import { Given } from '../../parts/given'
import { useNow } from '../../parts/moment'
import { said } from '../../parts/said'
import { Asked } from '../../parts/states'
import { useTell } from '../../parts/toasts'
import { useSay } from '../../words/say'
import { sendTestEvent } from './test-events'

type Start = Answer<'/api/v1/start'>
type FirstEvent = NonNullable<Start['firstEvent']>

/** What the stream does not tell, such as a key that was turned away, is asked for so often, milliseconds. */
const askMs = 2_000
const nothingMs = 30_000
const hintMs = 120_000

/** What has reached the server, as it arrives: never a form that hides it, never “waiting” after it came. */
export function LivePanel(): ReactElement {
  const say = useSay()
  const start = useAsk('/api/v1/start', {}, { everyMs: askMs })
  const [sinceMs] = useState(() => Date.now())
  const [arrived, setArrived] = useState<FirstEvent>()
  const changed = useChanged()
  // Said once: the time beside it goes on every second, and would be read out as often.
  const teller = useTell()
  const hasArrived = arrived !== undefined || start.data?.firstEvent !== undefined
  const wasWaiting = useRef(false)
  useEffect(() => {
    if (start.data === undefined) return
    if (hasArrived && wasWaiting.current) teller.announce(say('start.arrived'))
    wasWaiting.current = !hasArrived
  }, [hasArrived, start.data, teller, say])
  useNews('first-event', ({ type = 'custom', atMs = Date.now(), sessionId, agent }) => {
    setArrived({ type, atMs, ...(sessionId !== undefined && { sessionId }), ...(agent !== undefined && { agent }) })
    void changed('/api/v1/start')
  })
  return (
    <Card title={say('start.live')} minHeight={220}>
      <Asked of={start} what={say('start.live')} rows={3}>
        {(known) => {
          const first = known.firstEvent ?? arrived
          return (
            <Stack gap="sm">
              {first === undefined ? <Waiting sinceMs={sinceMs} /> : <Arrived first={first} last={known.lastEvent} />}
              <Refused keys={known.refusedKeys ?? []} sinceMs={sinceMs} hasArrived={first !== undefined} />
            </Stack>
          )
        }}
      </Asked>
    </Card>
  )
}

function Waiting({ sinceMs }: { readonly sinceMs: number }): ReactElement {
  const say = useSay()
  const may = useMay()
  const role = useRole()
  const teller = useTell()
  const changed = useChanged()
  const waitedMs = useNow() - sinceMs
  const test = useMutation({
    mutationFn: sendTestEvent,
    onSuccess: async () => changed('/api/v1/start'),
    onError: (error) => teller.tell({ text: said(error), isBad: true }),
  })
  return (
    <>
      <Group gap="xs" wrap="nowrap" align="flex-start">
        <Loader size={16} type="dots" aria-hidden="true" mt={3} />
        <Text size="sm" data-state="listening">
          {say(waitedMs < nothingMs ? 'start.listening' : 'start.nothing')}
        </Text>
      </Group>
      {waitedMs >= hintMs && (
        <Text size="sm" c="dimmed" data-state="hint">
          {say('start.script')}
        </Text>
      )}
      {waitedMs >= nothingMs && (
        <div>
          <ActButton size="xs" variant="default" loading={test.isPending} reason={may('events:write') ? undefined : say('start.may-not-send', { role: say(`role.${role ?? 'viewer'}`) })} onClick={() => test.mutate()}>
            {say('start.send-test')}
          </ActButton>
        </div>
      )}
    </>
  )
}

function Arrived({ first, last }: { readonly first: FirstEvent; readonly last: FirstEvent | undefined }): ReactElement {
  const say = useSay()
  const project = useProject()
  const now = useNow()
  const amounts = useAmounts()
  const { sessionId } = first
  const shown = last ?? first
  const facts = [
    [say('start.what-type'), shown.type],
    [say('start.what-agent'), shown.agent],
    [say('start.what-model'), shown.model],
    [say('start.what-cost'), costOf(shown)],
  ] as const
  return (
    <>
      <Alert color="green" variant="light" data-state="arrived" p="sm">
        <Group justify="space-between" gap="xs">
          <Text size="sm" fw={600}>
            {say('start.first', { ago: amounts.ago(Math.min(first.atMs, now), now) })}
          </Text>
          {sessionId !== undefined && (
            <Anchor component={Link} to={`/p/${project}/sessions/${encodeURIComponent(sessionId)}`} size="sm">
              {say('start.open-session')}
            </Anchor>
          )}
        </Group>
      </Alert>
      {last !== undefined && last.atMs !== first.atMs && <Text size="sm">{say('start.last', { ago: amounts.ago(Math.min(last.atMs, now), now) })}</Text>}
      <dl style={{ display: 'grid', gridTemplateColumns: 'auto 1fr', gap: '0.25rem 1rem', margin: 0 }}>
        {facts.map(([name, value]) =>
          value === undefined ? null : (
            <div key={name} style={{ display: 'contents' }}>
              <Text component="dt" size="sm" c="dimmed">
                {name}
              </Text>
              <Text component="dd" size="sm" m={0}>
                <Given>{value}</Given>
              </Text>
            </div>
          ),
        )}
      </dl>
    </>
  )

  function costOf({ costNanoUsd, costSource }: FirstEvent): string | undefined {
    if (costNanoUsd !== undefined) return amounts.money(costNanoUsd)
    return costSource === 'unknown' ? say('start.unknown-price') : undefined
  }
}

const refusedShown = 3

function Refused({ keys, sinceMs, hasArrived }: { readonly keys: NonNullable<Start['refusedKeys']>; readonly sinceMs: number; readonly hasArrived: boolean }): ReactElement | null {
  const say = useSay()
  const amounts = useAmounts()
  // Once something arrived, what was turned away before is of no more use.
  const shown = keys.filter(({ atMs }) => !hasArrived || atMs >= sinceMs).slice(0, refusedShown)
  if (shown.length === 0) return null
  return (
    <>
      {shown.map(({ atMs, state, last4 }) => (
        <Alert key={`${atMs} ${last4 ?? ''}`} color="orange" variant="light" p="sm" data-state="refused">
          <Text size="sm">{last4 === undefined ? say('start.refused-short', { time: amounts.time(atMs), state: say(`start.key-${state}`) }) : say('start.refused', { time: amounts.time(atMs), last4, state: say(`start.key-${state}`) })}</Text>
        </Alert>
      ))}
    </>
  )
}
