import { Group, Paper, Stack, Text } from '@mantine/core'
import type { ReactElement } from 'react'
import { useAsk, type Item } from '../../api/ask'
import { useMay, useRole } from '../../api/me'
import { useAddress } from '../../app/address'
import { PageLink } from '../../app/page-link'
import { ActButton } from '../../parts/act-button'
import { Card } from '../../parts/card'
import { EntryForm } from '../../parts/entry-form'
import { Given } from '../../parts/given'
import { ReceiversField } from '../../parts/receivers-field'
import { Asked, Empty } from '../../parts/states'
import { useSay } from '../../words/say'
import { listed } from '../../words/sentences'

type TeamValue = Item<'/api/v1/teams'>['value']

/** People under one name. */
export function Teams(): ReactElement {
  const say = useSay()
  const may = useMay()
  const role = useRole()
  const teams = useAsk('/api/v1/teams')
  const [address, setAddress] = useAddress({ team: '', new: '' })
  const reason = may('people:write') ? undefined : say('routing.may-not-people', { role: say(`role.${role ?? 'viewer'}`) })
  const back = (): void => setAddress({ team: '', new: '' })
  return (
    <Asked of={teams} what={say('routing.tab-teams')}>
      {({ items }) => {
        const item = items.find(({ name }) => name === address.team)
        if (item !== undefined || address.new === 'team')
          return (
            <Card title={item === undefined ? say('team.new') : `${say('team.one')} ${item.name}`} beside={<PageLink size="sm" to="/routing" search={{ tab: 'teams' }}>{say('team.back')}</PageLink>}>
              <EntryForm<TeamValue> key={item?.name ?? ''} path="/api/v1/teams" entry={item} blank={[]} noun={say('team.one')} reason={reason} onSaved={back} onRemoved={back} onCancel={back}>
                {({ value, put, at }) => <ReceiversField onlyPeople label={say('team.members')} required value={value} error={at('')} onChange={put} />}
              </EntryForm>
            </Card>
          )
        const create = (
          <ActButton variant="default" reason={reason} onClick={() => setAddress({ new: 'team' })}>
            {say('team.new')}
          </ActButton>
        )
        if (items.length === 0) return <Empty action={create}>{say('team.empty')}</Empty>
        return (
          <Stack gap="xs">
            {items.map(({ name, value }) => (
              <Paper key={name} withBorder p="sm">
                <Group justify="space-between">
                  <PageLink to="/routing" search={{ tab: 'teams', team: name }} fw={600} size="sm">
                    <Given>{name}</Given>
                  </PageLink>
                  <Text size="sm" c="dimmed">
                    <Given>{listed(value)}</Given>
                  </Text>
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
