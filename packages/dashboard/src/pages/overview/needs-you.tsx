import { Group, Stack, Text } from '@mantine/core'
import type { ReactElement } from 'react'
import { useAsk } from '../../api/ask'
import { useNews } from '../../api/live'
import { PageLink } from '../../app/page-link'
import { Card } from '../../parts/card'
import { Given } from '../../parts/given'
import { Ago } from '../../parts/moment'
import { useQuietSentence } from '../../parts/quiet-sentence'
import { Severity } from '../../parts/severity'
import { useSoon } from '../../parts/soon'
import { Asked } from '../../parts/states'
import { useSay } from '../../words/say'

const shownMax = 5
/** Of many that come at once they are asked for once, milliseconds. */
const soonMs = 300
/** So that what is wrong stands where it stood, whether there is one or five. */
const rowHeight = 34

/** The alerts that nobody has yet, the gravest first, and of these the newest; a few. */
export function NeedsYou({ open }: { readonly open: number }): ReactElement {
  const say = useSay()
  const alerts = useGravest()
  const { refetch } = alerts
  useNews('alert', useSoon(refetch, soonMs))
  return (
    <Card title={say('overview.open')} minHeight={2 * rowHeight}>
      <Asked of={alerts} what={say('page.alerts')} rows={2}>
        {(items) =>
          items.length === 0 || open === 0 ? (
            <Quiet />
          ) : (
            <Stack gap={4} component="ul" m={0} p={0} style={{ listStyle: 'none' }}>
              {items.map(({ id, severity, title, updatedAtMs, parts = 0 }) => (
                <Group key={id} component="li" gap="sm" wrap="nowrap" mih={rowHeight} align="center">
                  <Severity of={severity} />
                  <PageLink to={`/alerts/${id}`} style={{ minWidth: 0, flex: 1 }}>
                    <Given lines={1}>{title}</Given>
                  </PageLink>
                  {parts > 0 && (
                    <Text size="xs" c="dimmed">
                      +{parts}
                    </Text>
                  )}
                  <Text size="xs" c="dimmed" visibleFrom="xs">
                    <Ago atMs={updatedAtMs} />
                  </Text>
                </Group>
              ))}
            </Stack>
          )
        }
      </Asked>
    </Card>
  )
}

/** Of each severity some: what is new and slight does not hide what is grave. */
function useGravest() {
  const of = (...severity: ('critical' | 'high' | 'warning' | 'info')[]) => ({ query: { state: ['firing'], parent: 'none' as const, severity, limit: shownMax } })
  const asked = [useAsk('/api/v1/alerts', of('critical')), useAsk('/api/v1/alerts', of('high')), useAsk('/api/v1/alerts', of('warning', 'info'))] as const
  const isThere = asked.every(({ data }) => data !== undefined)
  return {
    data: isThere ? asked.flatMap(({ data }) => data?.items ?? []).slice(0, shownMax) : undefined,
    error: asked.find(({ error }) => error !== null)?.error,
    refetch: () => {
      for (const one of asked) void one.refetch()
    },
  }
}

/** Proves that it lives: what it heard last. */
function Quiet(): ReactElement {
  const { sentence } = useQuietSentence()
  return <Text c="dimmed">{sentence}</Text>
}
