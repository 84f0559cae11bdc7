import { Group, Paper, Title } from '@mantine/core'
import { useId, type ReactElement, type ReactNode } from 'react'

/** One thing that a page shows, with its name. */
export function Card({ title, beside, children, minHeight }: { readonly title: string; readonly beside?: ReactNode; readonly children: ReactNode; readonly minHeight?: number }): ReactElement {
  const id = useId()
  return (
    <Paper withBorder p="md" component="section" aria-labelledby={id} h="100%" {...(minHeight !== undefined && { mih: minHeight })} style={{ minWidth: 0 }}>
      <Group justify="space-between" mb="xs" gap="xs">
        <Title order={2} size="h6" id={id}>
          {title}
        </Title>
        {beside}
      </Group>
      {children}
    </Paper>
  )
}
