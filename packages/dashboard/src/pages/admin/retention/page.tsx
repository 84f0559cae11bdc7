import { Stack, Text } from '@mantine/core'
import type { ReactElement } from 'react'
import { useAsk } from '../../../api/ask'
import { useMay } from '../../../api/me'
import { useAmounts } from '../../../parts/amounts'
import { Asked, PageHead } from '../../../parts/states'
import { useSay } from '../../../words/say'
import { AgentUsers } from './agent-users'
import { RetentionForm } from './retention-form'

/** `/admin/retention`: how long what is kept, and forgetting on demand. */
export function Page(): ReactElement {
  const say = useSay()
  const may = useMay()
  const { date } = useAmounts()
  const setting = useAsk('/api/v1/settings')
  const health = useAsk('/api/v1/health', {}, { enabled: may('health:read') })
  const sinceMs = health.data?.retention.contentSinceMs ?? 0
  return (
    <>
      <PageHead title={say('page.retention')} line={say('admin.line-retention')} />
      <Stack maw={640}>
        <Asked of={setting} what={say('page.retention')}>
          {({ items }) => <RetentionForm entry={items.find(({ name }) => name === 'retention')} />}
        </Asked>
        <Text size="sm" c="dimmed">
          {sinceMs === 0 ? say('admin.retention-nothing') : say('admin.retention-forgotten', { time: date(sinceMs) })}
        </Text>
        <AgentUsers />
      </Stack>
    </>
  )
}
