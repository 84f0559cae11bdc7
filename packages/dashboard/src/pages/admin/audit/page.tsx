import { Button, Code, Group, Stack, Text } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import type { ReactElement } from 'react'
import { useChanged, useList, type Item } from '../../../api/ask'
import { api } from '../../../api/client'
import { useAddress } from '../../../app/address'
import { ActButton } from '../../../parts/act-button'
import { DataTable } from '../../../parts/data-table'
import { Filters, TextFilter } from '../../../parts/filters'
import { Given } from '../../../parts/given'
import { Moment } from '../../../parts/moment'
import { said } from '../../../parts/said'
import { Asked, Empty, PageHead } from '../../../parts/states'
import { useTell } from '../../../parts/toasts'
import { useSay } from '../../../words/say'

type Entry = Item<'/api/v1/audit'>

const none = { actor: '', action: '' }

/** `/admin/audit`: who changed what, from where; what can be taken back, can be from here. */
export function Page(): ReactElement {
  const say = useSay()
  const { tell } = useTell()
  const changed = useChanged()
  const [filter, setFilter] = useAddress(none)
  const used = Object.values(filter).filter((value) => value !== '').length
  const entries = useList('/api/v1/audit', { query: { ...(filter.actor !== '' && { actor: filter.actor }), ...(filter.action !== '' && { action: filter.action }) } })
  const undo = useMutation({
    mutationFn: async ({ id }: Entry) => api.POST('/api/v1/audit/{id}/undo', { params: { path: { id: String(id) } } }),
    onSuccess: async (_, { action, target }) => {
      tell({ text: say('admin.taken-back-change', { action, target }) })
      await changed('/api/v1/audit')
    },
    onError: async (error) => {
      tell({ text: said(error), isBad: true })
      await changed('/api/v1/audit')
    },
  })
  return (
    <>
      <PageHead title={say('page.audit')} line={say('admin.line-audit')} />
      <Filters count={used} clear={() => setFilter(none)}>
        <TextFilter label={say('admin.actor')} value={filter.actor} change={(actor) => setFilter({ actor }, { replace: true })} known={actors(entries.data?.pages.flatMap(({ items }) => items) ?? [])} width={240} />
        <TextFilter label={say('admin.action')} value={filter.action} change={(action) => setFilter({ action }, { replace: true })} />
      </Filters>
      <Asked of={entries} what={say('page.audit')} rows={10}>
        {({ pages }) => {
          const rows = pages.flatMap(({ items }) => items)
          if (rows.length === 0) return <Empty>{say(used > 0 ? 'state.no-match' : 'admin.no-audit')}</Empty>
          return (
            <Stack>
              <DataTable
                label={say('page.audit')}
                rows={rows}
                idOf={({ id }) => String(id)}
                minWidth={760}
                columns={[
                  { id: 'when', head: say('admin.when'), cell: ({ atMs }) => <Moment atMs={atMs} /> },
                  { id: 'who', head: say('admin.actor'), cell: ({ actor, actorName }) => <span title={actor}><Given lines={1}>{actorName}</Given></span> },
                  { id: 'what', head: say('admin.action'), cell: ({ action }) => <code>{action}</code> },
                  { id: 'target', head: say('admin.target'), cell: (entry) => <Detail entry={entry} /> },
                  { id: 'from', head: say('admin.from'), cell: ({ address }) => <Text span size="xs" c="dimmed"><Given>{address}</Given></Text> },
                  { id: 'undo', head: say('act.undo'), isQuiet: true, cell: (entry) => (
                    (entry.undo !== undefined || entry.noUndo !== undefined) && (
                      <ActButton size="compact-xs" variant="default" reason={entry.noUndo?.why} onClick={() => undo.mutate(entry)} aria-label={say('state.named', { name: say('act.undo'), text: `${entry.action} ${entry.target}` })}>
                        {say('act.undo')}
                      </ActButton>
                    )
                  ) },
                ]}
              />
              {entries.hasNextPage && (
                <Group>
                  <Button variant="default" loading={entries.isFetchingNextPage} onClick={() => void entries.fetchNextPage()}>
                    {say('act.more')}
                  </Button>
                </Group>
              )}
            </Stack>
          )
        }}
      </Asked>
    </>
  )
}

function Detail({ entry: { action, target, before, after } }: { readonly entry: Entry }): ReactElement {
  const say = useSay()
  if (before === undefined && after === undefined) return <Given lines={1}>{target}</Given>
  return (
    <details>
      <summary aria-label={say('admin.detail', { action, target })}>
        <Given>{target}</Given>
      </summary>
      {before !== undefined && <Part name={say('admin.before')} value={before} />}
      {after !== undefined && <Part name={say('admin.after')} value={after} />}
    </details>
  )
}

function Part({ name, value }: { readonly name: string; readonly value: unknown }): ReactElement {
  return (
    <>
      <Text size="xs" c="dimmed" mt={4}>
        {name}
      </Text>
      <Code block style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere', maxWidth: '40rem' }}>
        {JSON.stringify(value, null, 2)}
      </Code>
    </>
  )
}

function actors(entries: readonly Entry[]): readonly string[] {
  return [...new Set(entries.map(({ actor }) => actor))].sort()
}
