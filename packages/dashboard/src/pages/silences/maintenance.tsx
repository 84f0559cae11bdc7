import { Checkbox, Group, Paper, Select, SimpleGrid, Stack, Text, Textarea, TextInput } from '@mantine/core'
import { useMemo, type ReactElement } from 'react'
import { useAsk, type Item } from '../../api/ask'
import { useMay, useRole } from '../../api/me'
import { useAddress } from '../../app/address'
import { PageLink } from '../../app/page-link'
import { ActButton } from '../../parts/act-button'
import { Card } from '../../parts/card'
import { EntryForm, type EntryFields } from '../../parts/entry-form'
import { Given } from '../../parts/given'
import { weekdays } from '../../parts/schedule-field'
import { Asked, Empty } from '../../parts/states'
import { useSay } from '../../words/say'
import { listed } from '../../words/sentences'

type Written = Item<'/api/v1/maintenance'>['value']
/** As it is written: what is absent is as by default. */
type WindowValue = Pick<Written, 'hours'> & Partial<Omit<Written, 'hours'>>

/** Times that come again and again in which something is not told. */
export function Maintenance(): ReactElement {
  const say = useSay()
  const may = useMay()
  const role = useRole()
  const windows = useAsk('/api/v1/maintenance')
  const [address, setAddress] = useAddress({ window: '', new: '' })
  const reason = may('silences:write') ? undefined : say('silences.may-not', { role: say(`role.${role ?? 'viewer'}`) })
  const back = (): void => setAddress({ window: '', new: '' })
  return (
    <Asked of={windows} what={say('silences.tab-maintenance')} rows={3}>
      {({ items }) => {
        const item = items.find(({ name }) => name === address.window)
        if (item !== undefined || address.new === 'window')
          return (
            <Card title={item === undefined ? say('maintenance.new') : `${say('maintenance.one')} ${item.name}`} beside={<PageLink size="sm" to="/silences" search={{ tab: 'maintenance' }}>{say('maintenance.back')}</PageLink>}>
              <EntryForm<WindowValue> key={item?.name ?? ''} path="/api/v1/maintenance" entry={item} blank={{ hours: '22:00-06:00' }} noun={say('maintenance.one')} reason={reason} live={['/match', '/hours', '/timezone']} onSaved={back} onRemoved={back} onCancel={back}>
                {(form) => <WindowFields form={form} />}
              </EntryForm>
            </Card>
          )
        const create = (
          <ActButton variant="default" reason={reason} onClick={() => setAddress({ new: 'window' })}>
            {say('maintenance.new')}
          </ActButton>
        )
        if (items.length === 0) return <Empty action={create}>{say('maintenance.empty')}</Empty>
        return (
          <Stack gap="xs">
            {items.map(({ name, value }) => (
              <Paper key={name} withBorder p="sm">
                <Group justify="space-between" gap="xs">
                  <PageLink to="/silences" search={{ tab: 'maintenance', window: name }} fw={600} size="sm">
                    <Given>{name}</Given>
                  </PageLink>
                  <Text size="sm">
                    {value.hours} <Given>{value.timezone ?? ''}</Given> · {value.days === undefined || value.days.length === weekdays.length ? say('maintenance.every-day') : listed(value.days.map((day) => say(`day.${day}`)))}
                  </Text>
                </Group>
                <Text size="xs" ff="monospace" c="dimmed">
                  <Given lines={2}>{value.match ?? 'true'}</Given>
                </Text>
                {value.comment !== undefined && (
                  <Text size="xs">
                    <Given>{value.comment}</Given>
                  </Text>
                )}
              </Paper>
            ))}
            <div>{create}</div>
          </Stack>
        )
      }}
    </Asked>
  )
}

function WindowFields({ form: { value, at, change } }: { readonly form: EntryFields<WindowValue> }): ReactElement {
  const say = useSay()
  const zones = useMemo(() => Intl.supportedValuesOf('timeZone'), [])
  const [from = '', until = ''] = value.hours.split('-')
  return (
    <>
      <Textarea label={say('silences.match')} description={say('maintenance.match-hint')} autosize minRows={1} maxRows={8} spellCheck={false} styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }} value={value.match ?? ''} placeholder="true" error={at('/match')} onChange={(event) => change({ match: event.currentTarget.value || undefined })} />
      <Checkbox.Group label={say('maintenance.days')} value={[...(value.days ?? weekdays)]} error={at('/days')} onChange={(days) => change({ days: weekdays.filter((day) => days.includes(day)) })}>
        <Group gap="sm" mt={6}>
          {weekdays.map((day) => (
            <Checkbox key={day} value={day} label={say(`day.${day}`)} size="sm" />
          ))}
        </Group>
      </Checkbox.Group>
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
        <TextInput type="time" required label={say('maintenance.from')} value={from} error={at('/hours')} onChange={(event) => change({ hours: `${event.currentTarget.value}-${until}` })} />
        <TextInput type="time" required label={say('maintenance.until')} description={say('maintenance.until-hint')} inputWrapperOrder={['label', 'input', 'description', 'error']} value={until} onChange={(event) => change({ hours: `${from}-${event.currentTarget.value}` })} />
      </SimpleGrid>
      <Select label={say('maintenance.timezone')} searchable clearable limit={60} data={zones} value={value.timezone ?? null} error={at('/timezone')} onChange={(next) => change({ timezone: next ?? undefined })} />
      <TextInput label={say('maintenance.comment')} maxLength={500} value={value.comment ?? ''} error={at('/comment')} onChange={(event) => change({ comment: event.currentTarget.value || undefined })} />
    </>
  )
}
