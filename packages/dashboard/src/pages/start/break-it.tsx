import { Alert, Anchor, Group, Stack, Text } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState, type ReactElement } from 'react'
import { useAsk, useChanged } from '../../api/ask'
import { useNews } from '../../api/live'
import { useMay, useRole } from '../../api/me'
import { useProject } from '../../app/project'
import { ActButton } from '../../parts/act-button'
import { Given } from '../../parts/given'
import { useNow } from '../../parts/moment'
import { said } from '../../parts/said'
import { Severity } from '../../parts/severity'
import { useAnnounced, useTell } from '../../parts/toasts'
import { useSay } from '../../words/say'
import { breakSomething } from './test-events'

/** An alert that has not come by then may not come. */
const lateMs = 15_000

/** A failing session, so that the first alert is one that nobody has to fear. */
export function BreakIt(): ReactElement {
  const say = useSay()
  const may = useMay()
  const role = useRole()
  const teller = useTell()
  const changed = useChanged()
  const [broken, setBroken] = useState<{ readonly sessionId: string; readonly atMs: number }>()
  const send = useMutation({
    mutationFn: breakSomething,
    onSuccess: (sessionId) => {
      setBroken({ sessionId, atMs: Date.now() })
      void changed('/api/v1/start')
    },
    onError: (error) => teller.tell({ text: said(error), isBad: true }),
  })
  return (
    <Stack gap="sm">
      <div>
        <ActButton size="xs" variant={broken === undefined ? 'filled' : 'default'} loading={send.isPending} reason={may('events:write') ? undefined : say('start.may-not-send', { role: say(`role.${role ?? 'viewer'}`) })} onClick={() => send.mutate()}>
          {say(broken === undefined ? 'start.break-now' : 'start.break-again')}
        </ActButton>
      </div>
      {broken !== undefined && <Result key={broken.sessionId} {...broken} />}
    </Stack>
  )
}

function Result({ sessionId, atMs }: { readonly sessionId: string; readonly atMs: number }): ReactElement {
  const say = useSay()
  const project = useProject()
  const now = useNow()
  const [isThere, setIsThere] = useState(false)
  const changed = useChanged()
  // The news may have come before this was drawn, or the stream may be away: it is asked for too, until it is there.
  const { data } = useAsk('/api/v1/alerts', { query: { session: sessionId, limit: 5 } }, isThere ? {} : { everyMs: 1_000 })
  useNews('alert', (alert) => {
    if (alert.sessionId === sessionId) void changed('/api/v1/alerts')
  })
  const alert = data?.items.find(({ rule }) => rule === 'session-failed') ?? data?.items[0]
  if (alert !== undefined && !isThere) setIsThere(true)
  const told = say(alert !== undefined ? 'start.break-arrived' : now - atMs > lateMs ? 'start.break-late' : 'start.break-sent')
  useAnnounced(alert === undefined ? told : `${told} ${alert.title}`)
  if (alert === undefined) return <Text size="sm">{told}</Text>
  return (
    <Alert color="green" variant="light" p="sm" role="note" data-state="broken">
      <Text size="sm" mb={4}>
        {told}
      </Text>
      <Group gap="xs" mb={6}>
        <Severity of={alert.severity} />
        <Text size="sm" fw={600}>
          <Given>{alert.title}</Given>
        </Text>
      </Group>
      <Group gap="md">
        <Anchor component={Link} to={`/p/${project}/alerts/${alert.id}`} size="sm">
          {say('start.open-alert')}
        </Anchor>
        <Anchor component={Link} to={`/p/${project}/messages`} size="sm">
          {say('start.see-messages')}
        </Anchor>
      </Group>
    </Alert>
  )
}
