import { Group, Paper, Stack, Text } from '@mantine/core'
import type { ReactElement } from 'react'
import { useAsk, useChanged, type Answer } from '../../api/ask'
import { useMay, useRole } from '../../api/me'
import { useAddress } from '../../app/address'
import { PageLink } from '../../app/page-link'
import { ActButton } from '../../parts/act-button'
import { useAmounts } from '../../parts/amounts'
import { Card } from '../../parts/card'
import { EntryForm } from '../../parts/entry-form'
import { Given } from '../../parts/given'
import { Asked, Empty } from '../../parts/states'
import { useSay } from '../../words/say'
import { RotationFields, type RotationValue } from './rotation-fields'

/** Hand-overs come by themselves. */
const againMs = 30_000

/** Who is on duty now, who is next, and the order of the turns. */
export function Rotations(): ReactElement {
  const say = useSay()
  const may = useMay()
  const role = useRole()
  const changed = useChanged()
  const rotations = useAsk('/api/v1/rotations')
  const duty = useAsk('/api/v1/on-call', {}, { everyMs: againMs })
  const [address, setAddress] = useAddress({ rotation: '', new: '' })
  const reason = may('people:write') ? undefined : say('routing.may-not-people', { role: say(`role.${role ?? 'viewer'}`) })
  const back = (): void => {
    void changed('/api/v1/on-call')
    setAddress({ rotation: '', new: '' })
  }
  return (
    <Asked of={rotations} what={say('routing.tab-rotations')}>
      {({ items }) => {
        const item = items.find(({ name }) => name === address.rotation)
        if (item !== undefined || address.new === 'rotation')
          return (
            <Card title={item === undefined ? say('rotation.new') : `${say('rotation.one')} ${item.name}`} beside={<PageLink size="sm" to="/routing" search={{ tab: 'rotations' }}>{say('rotation.back')}</PageLink>}>
              <EntryForm<RotationValue> key={item?.name ?? ''} path="/api/v1/rotations" entry={item} blank={{ members: [] }} noun={say('rotation.one')} reason={reason} live={['/overrides', '/timezone', '/start', '/at']} onSaved={back} onRemoved={back} onCancel={back}>
                {(form) => <RotationFields form={form} />}
              </EntryForm>
            </Card>
          )
        const create = (
          <ActButton variant="default" reason={reason} onClick={() => setAddress({ new: 'rotation' })}>
            {say('rotation.new')}
          </ActButton>
        )
        if (items.length === 0) return <Empty action={create}>{say('rotation.empty')}</Empty>
        return (
          <Stack gap="xs">
            {items.map(({ name }) => (
              <Paper key={name} withBorder p="sm" data-rotation={name}>
                <Group justify="space-between" gap="xs">
                  <PageLink to="/routing" search={{ tab: 'rotations', rotation: name }} fw={600} size="sm">
                    <Given>{name}</Given>
                  </PageLink>
                  <Duty of={duty.data?.items.find(({ rotation }) => rotation === name)} />
                </Group>
              </Paper>
            ))}
            <div>{create}</div>
          </Stack>
        )
      }}
    </Asked>
  )
}

function Duty({ of }: { readonly of: Answer<'/api/v1/on-call'>['items'][number] | undefined }): ReactElement | null {
  const say = useSay()
  const amounts = useAmounts()
  if (of === undefined) return null
  const { person, isOverride, next } = of
  return (
    <Text size="sm">
      <Text span size="sm" fw={600}>
        <Given>{say(isOverride ? 'rotation.now-override' : 'rotation.now', { person })}</Given>
      </Text>
      {' · '}
      <Text span size="sm" c="dimmed">
        <Given>{next === undefined ? say('rotation.nobody-next') : say('rotation.next', { person: next.person, time: amounts.time(next.atMs) })}</Given>
      </Text>
    </Text>
  )
}
