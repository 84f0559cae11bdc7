import { Anchor, Badge, Group, Modal, Stack, Text, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState, type FormEvent, type ReactElement } from 'react'
import { useAsk, useChanged, type Item } from '../../../api/ask'
import { api } from '../../../api/client'
import { useMay } from '../../../api/me'
import { ActButton } from '../../../parts/act-button'
import { DataTable } from '../../../parts/data-table'
import { Given } from '../../../parts/given'
import { said } from '../../../parts/said'
import { Asked, PageHead } from '../../../parts/states'
import { useTell } from '../../../parts/toasts'
import { useSay } from '../../../words/say'

type Project = Item<'/api/v1/projects'>

/** `/admin/projects`: walls between configurations, people and what is recorded. */
export function Page(): ReactElement {
  const say = useSay()
  const may = useMay()
  const [isNew, setIsNew] = useState(false)
  const [goes, setGoes] = useState<Project>()
  const projects = useAsk('/api/v1/projects')
  const reason = may('projects:write') ? undefined : say('admin.owners-only')
  return (
    <>
      <PageHead
        title={say('page.projects')}
        line={say('admin.line-projects')}
        actions={
          <ActButton reason={reason} onClick={() => setIsNew(true)}>
            {say('admin.new-project')}
          </ActButton>
        }
      />
      <Asked of={projects} what={say('page.projects')}>
        {({ items }) => (
          <DataTable
            label={say('page.projects')}
            rows={items}
            idOf={({ name }) => name}
            columns={[
              { id: 'name', head: say('admin.name'), cell: ({ name }) => <Anchor href={`/p/${encodeURIComponent(name)}`} size="sm"><Given>{name}</Given></Anchor> },
              { id: 'title', head: say('admin.project-title'), cell: ({ title, name, trouble }) => (
                <>
                  {title !== name && <Given>{title}</Given>}
                  {trouble !== undefined && <Text size="xs" c="red"><Given>{trouble}</Given></Text>}
                </>
              ) },
              { id: 'origin', head: say('admin.from'), cell: ({ origin }) => <Badge variant="default" tt="none">{say(`admin.origin-${origin}`)}</Badge> },
              { id: 'delete', head: say('act.delete'), isQuiet: true, cell: (one) => (
                <ActButton size="compact-xs" variant="subtle" color="red" reason={reason ?? (one.readOnly ? say('admin.file-stays') : undefined)} onClick={() => setGoes(one)} aria-label={`${say('act.delete')} ${one.name}`}>
                  {say('act.delete')}
                </ActButton>
              ) },
            ]}
          />
        )}
      </Asked>
      <Modal opened={isNew} onClose={() => setIsNew(false)} title={say('admin.new-project')} closeButtonProps={{ 'aria-label': say('act.close') }}>
        <NewProject close={() => setIsNew(false)} />
      </Modal>
      <Modal opened={goes !== undefined} onClose={() => setGoes(undefined)} title={say('admin.project-delete')} closeButtonProps={{ 'aria-label': say('act.close') }}>
        {goes !== undefined && <DeleteProject name={goes.name} close={() => setGoes(undefined)} />}
      </Modal>
    </>
  )
}

function NewProject({ close }: { readonly close: () => void }): ReactElement {
  const say = useSay()
  const { tell } = useTell()
  const changed = useChanged()
  const client = useQueryClient()
  const [name, setName] = useState('')
  const [title, setTitle] = useState('')
  const make = useMutation({
    mutationFn: async () => api.POST('/api/v1/projects', { body: { name: name.trim(), ...(title.trim() !== '' && { title: title.trim() }) } }),
    onSuccess: async () => {
      tell({ text: say('admin.project-made', { name }) })
      close()
      await Promise.all([changed('/api/v1/projects'), client.invalidateQueries({ queryKey: ['/api/v1/me'] })])
    },
  })
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    make.mutate()
  }
  return (
    <form onSubmit={submit}>
      <Stack>
        <TextInput label={say('admin.project-name')} required data-autofocus maxLength={64} value={name} onChange={(event) => setName(event.currentTarget.value)} error={make.error === null ? undefined : said(make.error)} />
        <TextInput label={say('admin.project-title')} maxLength={200} value={title} onChange={(event) => setTitle(event.currentTarget.value)} />
        <Group>
          <ActButton type="submit" loading={make.isPending}>
            {say('act.save')}
          </ActButton>
        </Group>
      </Stack>
    </form>
  )
}

/** It cannot be undone: so it takes more than a key. */
function DeleteProject({ name, close }: { readonly name: string; readonly close: () => void }): ReactElement {
  const say = useSay()
  const { tell } = useTell()
  const changed = useChanged()
  const client = useQueryClient()
  const [typed, setTyped] = useState('')
  const remove = useMutation({
    mutationFn: async () => api.DELETE('/api/v1/projects/{name}', { params: { path: { name } } }),
    onSuccess: async () => {
      tell({ text: say('admin.project-deleted', { name }) })
      close()
      await Promise.all([changed('/api/v1/projects'), client.invalidateQueries({ queryKey: ['/api/v1/me'] })])
    },
  })
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (typed === name) remove.mutate()
  }
  return (
    <form onSubmit={submit}>
      <Stack>
        <TextInput label={say('admin.project-type-name', { name })} data-autofocus value={typed} onChange={(event) => setTyped(event.currentTarget.value)} error={remove.error === null ? undefined : said(remove.error)} autoComplete="off" />
        <Group>
          <ActButton type="submit" color="red" loading={remove.isPending} reason={typed === name ? undefined : say('admin.project-type-name', { name })}>
            {say('act.delete')}
          </ActButton>
        </Group>
      </Stack>
    </form>
  )
}
