import { Button, Group, Modal, Text } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import type { ReactElement } from 'react'
import { useChanged, useList, type Item } from '../../../api/ask'
import { api } from '../../../api/client'
import { useMay, useRole } from '../../../api/me'
import { useAddress } from '../../../app/address'
import { ActButton } from '../../../parts/act-button'
import { DataTable } from '../../../parts/data-table'
import { Given } from '../../../parts/given'
import { Ago, Moment } from '../../../parts/moment'
import { said } from '../../../parts/said'
import { Asked, Empty, PageHead } from '../../../parts/states'
import { useTell } from '../../../parts/toasts'
import { useSay } from '../../../words/say'
import { Twice } from '../twice'
import { NewKey } from './new-key'

type Key = Item<'/api/v1/keys'>

/** `/admin/keys`: what programs show, and when they did last. */
export function Page(): ReactElement {
  const say = useSay()
  const may = useMay()
  const role = useRole()
  const { tell } = useTell()
  const changed = useChanged()
  const [address, setAddress] = useAddress({ new: '' })
  const keys = useList('/api/v1/keys')
  const reason = may('keys:write') ? undefined : say('admin.role-keys', { role: say(`role.${role ?? 'viewer'}`) })
  const revoke = useMutation({
    mutationFn: async ({ id }: Key) => api.DELETE('/api/v1/keys/{id}', { params: { path: { id } } }),
    onSuccess: async (_, { name }) => {
      tell({ text: say('admin.revoked', { name }) })
      await changed('/api/v1/keys')
    },
    onError: (error) => tell({ text: said(error), isBad: true }),
  })
  // What uses the key stops.
  const acts = (key: Key): ReactElement | null => (key.state === 'active' ? <Twice isRed label={say('admin.revoke')} of={key.name} sure={say('admin.revoke-sure')} reason={reason} run={() => revoke.mutate(key)} /> : null)
  return (
    <>
      <PageHead
        title={say('page.keys')}
        line={say('admin.line-keys')}
        actions={
          <ActButton reason={reason} onClick={() => setAddress({ new: '1' })}>
            {say('admin.new-key')}
          </ActButton>
        }
      />
      <Asked of={keys} what={say('page.keys')}>
        {({ pages }) => {
          const rows = pages.flatMap(({ items }) => items)
          if (rows.length === 0) return <Empty>{say('admin.no-keys')}</Empty>
          return (
            <DataTable
              label={say('page.keys')}
              rows={rows}
              idOf={({ id }) => id}
              minWidth={720}
              columns={[
                { id: 'name', head: say('admin.name'), cell: ({ name, last4 }) => (
                  <>
                    <Given>{name}</Given> <Text span size="xs" c="dimmed" ff="monospace">…{last4}</Text>
                  </>
                ) },
                { id: 'scope', head: say('admin.key-scope'), cell: ({ scope, project }) => `${say(`admin.scope-${scope}`)}${project === undefined ? ` · ${say('admin.key-all-projects')}` : ''}` },
                { id: 'state', head: say('admin.state'), cell: ({ state, expiresMs }) => (
                  <>
                    {say(`admin.key-state-${state}`)} {expiresMs !== undefined && state === 'active' && <Text span size="xs" c="dimmed">{say('admin.expires')} <Moment atMs={expiresMs} /></Text>}
                  </>
                ) },
                { id: 'used', head: say('admin.key-used'), cell: ({ usedMs }) => (usedMs === undefined ? <Text span size="sm" c="dimmed">{say('admin.key-never')}</Text> : <Ago atMs={usedMs} />) },
                { id: 'by', head: say('admin.key-by'), cell: ({ createdBy }) => <Given lines={1}>{createdBy}</Given> },
                { id: 'acts', head: say('admin.revoke'), isQuiet: true, cell: acts },
              ]}
            />
          )
        }}
      </Asked>
      {keys.hasNextPage && (
        <Group mt="sm">
          <Button variant="default" onClick={() => void keys.fetchNextPage()}>
            {say('act.more')}
          </Button>
        </Group>
      )}
      <Modal opened={address.new !== ''} onClose={() => setAddress({ new: '' })} title={say('admin.new-key')} closeButtonProps={{ 'aria-label': say('act.close') }} closeOnClickOutside={false}>
        <NewKey close={() => setAddress({ new: '' })} />
      </Modal>
    </>
  )
}
