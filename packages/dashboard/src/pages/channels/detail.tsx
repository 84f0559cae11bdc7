import { Grid, Stack, Text } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { useState, type ReactElement } from 'react'
import { useAsk, type Item } from '../../api/ask'
import { useMay, useRole } from '../../api/me'
import { PageLink } from '../../app/page-link'
import { useProject } from '../../app/project'
import { Card } from '../../parts/card'
import { EntryForm, type EntryFields } from '../../parts/entry-form'
import { Given } from '../../parts/given'
import { Marked } from '../../parts/marked'
import { Asked, Empty, PageHead } from '../../parts/states'
import { useSay } from '../../words/say'
import { ChannelFields, type ChannelType, type ChannelValue } from './channel-fields'
import { channelRows } from './health'
import { HealthMark } from './health-mark'
import { TestPanel } from './test-panel'
import { useKeys } from '../../keys/keys'

/** One channel: its settings, whether it works, and what was said when it was tried. */
export function ChannelDetail({ name }: { readonly name: string }): ReactElement {
  const say = useSay()
  const channels = useAsk('/api/v1/channels')
  return (
    <Asked of={channels} what={say('page.channels')}>
      {({ items }) => {
        const item = items.find((one) => one.name === name)
        return item === undefined ? <Empty action={<PageLink to="/channels">{say('channels.back')}</PageLink>}>{say('channels.missing', { name })}</Empty> : <OneChannel item={item} typeName={item.value.type} />
      }}
    </Asked>
  )
}

export function OneChannel({ item, typeName }: { readonly item: Item<'/api/v1/channels'> | undefined; readonly typeName: string }): ReactElement {
  const say = useSay()
  const may = useMay()
  const role = useRole()
  const project = useProject()
  const navigate = useNavigate()
  const types = useAsk('/api/v1/channel-types')
  const channels = useAsk('/api/v1/channels')
  const overview = useAsk('/api/v1/overview', {}, { enabled: item !== undefined })
  const [isDirty, setIsDirty] = useState(false)
  const type = types.data?.items.find((one) => one.type === typeName)
  const row = item === undefined ? undefined : channelRows([item], overview.data?.channels)[0]
  const reason = may('channels:write') ? undefined : say('channels.may-not', { role: say(`role.${role ?? 'viewer'}`) })
  const back = (): void => void navigate({ to: `/p/${project}/channels` })
  useKeys([{ keys: 'Esc', word: 'keys.back', group: 'page', run: back }])
  return (
    <>
      <PageHead
        title={item === undefined ? say('channels.new-of', { title: type?.title ?? typeName }) : <Given>{item.name}</Given>}
        line={
          <>
            <PageLink to="/channels" underline="always">{say('channels.back')}</PageLink>
            {item !== undefined && <> · {type?.title ?? typeName}</>}
            {row !== undefined && overview.data !== undefined && (
              <>
                {' · '}
                <HealthMark {...row} />
              </>
            )}
          </>
        }
      />
      <Asked of={types} what={say('channels.choose')}>
        {() =>
          type === undefined ? (
            <Empty>{say('channels.missing', { name: typeName })}</Empty>
          ) : (
            <Grid gap="md">
              <Grid.Col span={{ base: 12, md: 7 }}>
                <Card title={say('channels.one')}>
                  <EntryForm<ChannelValue>
                    key={item?.name ?? ''}
                    path="/api/v1/channels"
                    // Reason for the cast: a union of all kinds; which settings there are, the kind declares.
                    entry={item}
                    blank={{ type: type.type }}
                    firstName={freeName(type.type, channels.data?.items.map((one) => one.name) ?? [])}
                    noun={say('channels.one')}
                    reason={reason}
                    onDirty={setIsDirty}
                    onSaved={(saved) => void (item === undefined && navigate({ to: `/p/${project}/channels/${encodeURIComponent(saved.name)}`, replace: true }))}
                    onRemoved={back}
                    onReopen={(value) => void navigate({ to: `/p/${project}/channels`, search: { new: value.type } })}
                    onCancel={back}
                  >
                    {(form: EntryFields<ChannelValue>) => <ChannelFields type={type} form={form} />}
                  </EntryForm>
                </Card>
              </Grid.Col>
              <Grid.Col span={{ base: 12, md: 5 }}>
                <Stack gap="md">
                  {item !== undefined && <TestPanel name={item.name} type={type} reason={reason ?? (isDirty ? say('channels.test-save-first') : undefined)} />}
                  <About type={type} />
                </Stack>
              </Grid.Col>
            </Grid>
          )
        }
      </Asked>
    </>
  )
}

function About({ type: { description, credentials, address } }: { readonly type: ChannelType }): ReactElement {
  const say = useSay()
  // Reason for the cast: the kinds of address are these; another is shown as it is called.
  const kind = address as 'email' | 'phone' | 'slack' | 'telegram' | 'push' | 'webPush' | 'none'
  return (
    <>
      {credentials !== '' && (
        <Card title={say('channels.credentials')}>
          <Marked>{credentials}</Marked>
        </Card>
      )}
      <Card title={say('channels.about')}>
        <Stack gap="xs">
          <Marked>{description}</Marked>
          <Text size="sm">{kind === 'none' ? say('channels.needs-none') : say('channels.needs', { address: say(`address.${kind}`) })}</Text>
        </Stack>
      </Card>
    </>
  )
}

function freeName(type: string, taken: readonly string[]): string {
  if (!taken.includes(type)) return type
  for (let number = 2; number <= taken.length + 1; number += 1) if (!taken.includes(`${type}-${number}`)) return `${type}-${number}`
  return ''
}
