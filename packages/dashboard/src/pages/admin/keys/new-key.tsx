import { Button, Checkbox, Group, Select, Stack, Text, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState, type FormEvent, type ReactElement } from 'react'
import { useChanged } from '../../../api/ask'
import { api } from '../../../api/client'
import { useMe } from '../../../api/me'
import { said } from '../../../parts/said'
import { Snippet } from '../../../parts/snippet'
import { useSay } from '../../../words/say'

const scopes = ['ingest', 'read', 'manage'] as const
const days = [30, 90, 365] as const
const dayMs = 86_400_000

/** Makes a key, and shows it once. */
export function NewKey({ close }: { readonly close: () => void }): ReactElement {
  const say = useSay()
  const changed = useChanged()
  const { data: me } = useMe()
  const [name, setName] = useState('')
  const [scope, setScope] = useState<(typeof scopes)[number]>('ingest')
  const [lasts, setLasts] = useState('')
  const [isForAll, setIsForAll] = useState(false)
  const make = useMutation({
    mutationFn: async () => (await api.POST('/api/v1/keys', { body: { name: name.trim(), scope, ...(lasts !== '' && { expiresMs: Date.now() + Number(lasts) * dayMs }), ...(isForAll && { allProjects: true }) } })).data,
    onSuccess: async () => changed('/api/v1/keys'),
  })
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    make.mutate()
  }
  const made = make.data
  if (made !== undefined) {
    return (
      <Stack>
        <Text size="sm">{say('admin.key-shown-once')}</Text>
        <Snippet code={made.key} label={made.name} />
        <Group>
          <Button onClick={close}>{say('act.close')}</Button>
        </Group>
      </Stack>
    )
  }
  return (
    <form onSubmit={submit}>
      <Stack>
        <TextInput label={say('admin.name')} required data-autofocus maxLength={100} value={name} onChange={(event) => setName(event.currentTarget.value)} error={make.error === null ? undefined : said(make.error)} />
        <Select label={say('admin.key-scope')} allowDeselect={false} data={scopes.map((one) => ({ value: one, label: say(`admin.scope-${one}`) }))} value={scope} onChange={(value) => setScope(scopes.find((one) => one === value) ?? scope)} />
        <Select label={say('admin.key-days')} allowDeselect={false} data={[{ value: '', label: say('admin.key-forever') }, ...days.map((count) => ({ value: String(count), label: say('admin.key-days-count', { count }) }))]} value={lasts} onChange={(value) => setLasts(value ?? '')} />
        {me?.isOwner === true && <Checkbox label={say('admin.key-all')} checked={isForAll} onChange={(event) => setIsForAll(event.currentTarget.checked)} />}
        <Group>
          <Button type="submit" loading={make.isPending}>
            {say('admin.new-key')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
