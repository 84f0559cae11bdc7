import { Alert, Button, Group, Stack, Text, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState, type ReactElement } from 'react'
import { useChanged } from '../../api/ask'
import { api } from '../../api/client'
import { useMay, useRole } from '../../api/me'
import { useProject } from '../../app/project'
import { ActButton } from '../../parts/act-button'
import { Card } from '../../parts/card'
import { Failed } from '../../parts/states'
import { useAnnounced } from '../../parts/toasts'
import { useSay } from '../../words/say'

/** All that is kept about somebody: handed out, and ended for good, which is asked for by typing the name. */
export function KeptAbout({ name, isConfigured }: { readonly name: string; readonly isConfigured: boolean }): ReactElement {
  const say = useSay()
  const may = useMay()
  const role = useRole()
  const project = useProject()
  const changed = useChanged()
  const [typed, setTyped] = useState('')
  const erase = useMutation({
    mutationFn: async () => (await api.POST('/api/v1/people/{name}/erase', { params: { path: { name }, query: { project } } })).data,
    onSuccess: async () => {
      setTyped('')
      await changed('/api/v1/reach', '/api/v1/deliveries', '/api/v1/decisions')
    },
  })
  const erased = erase.data === undefined ? undefined : say('people.erased', { rows: erase.data.rows, as: erase.data.as })
  useAnnounced(erased)
  const canErase = may('data:erase')
  const whyNot = !canErase ? say('people.may-not-erase') : isConfigured ? say('people.erase-first') : typed === name ? undefined : say('people.erase-mismatch')
  return (
    <Card title={say('people.kept', { name })}>
      <Stack gap="sm">
        <Text size="sm" c="dimmed">
          {say('people.export-line')}
        </Text>
        <div>
          {may('data:export') ? (
            <Button variant="default" size="xs" component="a" href={`/api/v1/people/${encodeURIComponent(name)}/export?project=${encodeURIComponent(project)}`} download={`${name}.jsonl`}>
              {say('people.export')}
            </Button>
          ) : (
            <ActButton variant="default" size="xs" reason={say('people.may-not-export', { role: say(`role.${role ?? 'viewer'}`) })}>
              {say('people.export')}
            </ActButton>
          )}
        </div>
        <Text size="sm" c="dimmed">
          {say('people.erase-line')}
        </Text>
        <Group align="flex-end" gap="sm">
          {canErase && !isConfigured && <TextInput size="xs" label={say('people.erase-type')} value={typed} autoComplete="off" onChange={(event) => setTyped(event.currentTarget.value)} />}
          <ActButton size="xs" color="red" variant="light" reason={whyNot} loading={erase.isPending} onClick={() => erase.mutate()}>
            {say('people.erase')}
          </ActButton>
        </Group>
        {erase.error !== null && <Failed error={erase.error} what={say('people.erase')} />}
        {erased !== undefined && (
          <Alert color="green" variant="light" role="note">
            {erased}
          </Alert>
        )}
      </Stack>
    </Card>
  )
}
