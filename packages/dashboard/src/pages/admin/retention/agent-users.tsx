import { Button, Group, Stack, Text, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState, type ReactElement } from 'react'
import { api } from '../../../api/client'
import { useMay, useRole } from '../../../api/me'
import { useProject } from '../../../app/project'
import { ActButton } from '../../../parts/act-button'
import { Card } from '../../../parts/card'
import { said } from '../../../parts/said'
import { useTell } from '../../../parts/toasts'
import { useSay } from '../../../words/say'

/** What is kept about a user of an agent: to be given to them, or forgotten. */
export function AgentUsers(): ReactElement {
  const say = useSay()
  const may = useMay()
  const role = useRole()
  const project = useProject()
  const { tell } = useTell()
  const [user, setUser] = useState('')
  const [isAsked, setIsAsked] = useState(false)
  const given = user.trim()
  const whyNoExport = may('data:export') ? (given === '' ? say('admin.erase-user') : undefined) : say('admin.role-export', { role: say(`role.${role ?? 'viewer'}`) })
  const params = { path: { user: given } }
  const fail = (error: unknown): void => tell({ text: said(error), isBad: true })
  const erase = useMutation({
    mutationFn: async () => api.POST('/api/v1/agent-users/{user}/erase', { params }),
    onSuccess: () => {
      setIsAsked(false)
      tell({ text: say('admin.erased') })
    },
    onError: fail,
  })
  return (
    <Card title={say('admin.erase')}>
      <Stack gap="sm">
        <Text size="sm" c="dimmed">
          {say('admin.erase-line')}
        </Text>
        <TextInput label={say('admin.erase-user')} value={user} onChange={(event) => { setUser(event.currentTarget.value); setIsAsked(false) }} autoComplete="off" />
        <Group>
          {whyNoExport === undefined ? (
            // One thing a line, as long as it is: the browser keeps it as it comes.
            <Button variant="default" component="a" href={`/api/v1/agent-users/${encodeURIComponent(given)}/export?project=${encodeURIComponent(project)}`} download={`${given}.jsonl`}>
              {say('admin.export')}
            </Button>
          ) : (
            <ActButton variant="default" reason={whyNoExport}>
              {say('admin.export')}
            </ActButton>
          )}
          {isAsked ? (
            <Button color="red" autoFocus loading={erase.isPending} onClick={() => erase.mutate()}>
              {say('admin.erase-again')}
            </Button>
          ) : (
            <ActButton variant="default" color="red" reason={may('data:erase') ? (given === '' ? say('admin.erase-user') : undefined) : say('admin.role-erase')} onClick={() => setIsAsked(true)}>
              {say('admin.erase-now')}
            </ActButton>
          )}
        </Group>
      </Stack>
    </Card>
  )
}
