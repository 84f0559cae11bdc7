import { Grid, Group, Stack, Text } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { useAsk, useChanged, type Item } from '../../api/ask'
import { useMay, useRole } from '../../api/me'
import { PageLink } from '../../app/page-link'
import { useProject } from '../../app/project'
import { useKeys } from '../../keys/keys'
import { Card } from '../../parts/card'
import { EntryForm } from '../../parts/entry-form'
import { Given } from '../../parts/given'
import { Asked, PageHead } from '../../parts/states'
import { useSay } from '../../words/say'
import { KeptAbout } from './kept-about'
import { PersonFields, type PersonValue } from './person-fields'
import { ReachCell } from './reach-cell'

/** One person: their entry, where they are reached, and what is kept about them. */
export function PersonDetail({ name }: { readonly name: string }): ReactElement {
  const say = useSay()
  const people = useAsk('/api/v1/people')
  return (
    <Asked of={people} what={say('page.people')}>
      {({ items }) => {
        const item = items.find((one) => one.name === name)
        return item === undefined ? <Gone name={name} /> : <OnePerson item={item} />
      }}
    </Asked>
  )
}

/** Who is not in the configuration any more; what was kept may still be there. */
function Gone({ name }: { readonly name: string }): ReactElement {
  const say = useSay()
  return (
    <>
      <PageHead title={<Given>{name}</Given>} line={<PageLink to="/people">{say('people.back')}</PageLink>} />
      <Stack gap="md" maw={640}>
        <Text>{say('people.missing', { name })}</Text>
        <KeptAbout name={name} isConfigured={false} />
      </Stack>
    </>
  )
}

export function OnePerson({ item }: { readonly item: Item<'/api/v1/people'> | undefined }): ReactElement {
  const say = useSay()
  const may = useMay()
  const role = useRole()
  const project = useProject()
  const navigate = useNavigate()
  const changed = useChanged()
  const back = (): void => void navigate({ to: `/p/${project}/people` })
  useKeys([{ keys: 'Esc', word: 'keys.back', group: 'page', run: back }])
  return (
    <>
      <PageHead title={item === undefined ? say('people.new') : <Given>{item.name}</Given>} line={<PageLink to="/people">{say('people.back')}</PageLink>} />
      <Grid gap="md">
        <Grid.Col span={{ base: 12, md: 7 }}>
          <Card title={say('people.one')}>
            <EntryForm<PersonValue>
              key={item?.name ?? ''}
              path="/api/v1/people"
              entry={item}
              blank={{ role: 'developer' }}
              noun={say('people.one')}
              reason={may('people:write') ? undefined : say('people.may-not', { role: say(`role.${role ?? 'viewer'}`) })}
              live={['/email', '/phone', '/slack', '/telegram', '/locale', '/quietHours']}
              onSaved={(saved) => {
                void changed('/api/v1/reach')
                if (item === undefined) void navigate({ to: `/p/${project}/people/${encodeURIComponent(saved.name)}`, replace: true })
              }}
              onRemoved={() => {
                void changed('/api/v1/reach')
                back()
              }}
              onCancel={back}
            >
              {(form) => <PersonFields form={form} />}
            </EntryForm>
          </Card>
        </Grid.Col>
        {item !== undefined && (
          <Grid.Col span={{ base: 12, md: 5 }}>
            <Stack gap="md">
              <Where name={item.name} />
              <KeptAbout name={item.name} isConfigured />
            </Stack>
          </Grid.Col>
        )}
      </Grid>
    </>
  )
}

function Where({ name }: { readonly name: string }): ReactElement {
  const say = useSay()
  const reach = useAsk('/api/v1/reach')
  const types = useAsk('/api/v1/channel-types')
  const titles = new Map(types.data?.items.map(({ type, title }) => [type, title]))
  return (
    <Card title={say('people.where', { name })}>
      <Asked of={reach} what={say('people.reached')} rows={2}>
        {({ items }) => {
          const person = items.find((one) => one.person === name)
          return (
            <Stack gap="xs">
              {person?.by.map((one) => (
                <Group key={`${one.type} ${one.address}`} justify="space-between" wrap="nowrap" align="flex-start">
                  <Text size="sm" c="dimmed" w="8rem" style={{ flex: 'none' }}>
                    {titles.get(one.type) ?? one.type}
                  </Text>
                  <div style={{ minWidth: 0, flex: 1 }}>
                    <ReachCell reach={one} isWhole />
                  </div>
                </Group>
              ))}
            </Stack>
          )
        }}
      </Asked>
    </Card>
  )
}
