import { Autocomplete, Button, Fieldset, Group, Select, SimpleGrid, TagsInput, Text, TextInput } from '@mantine/core'
import { useMemo, type ReactElement } from 'react'
import { useMe } from '../../api/me'
import { useAsk, type Item } from '../../api/ask'
import type { EntryFields } from '../../parts/entry-form'
import { locales } from '../../words/catalogues'
import { useSay } from '../../words/say'
import { Wishes } from './wishes'

export type PersonValue = Item<'/api/v1/people'>['value']

const roles = ['owner', 'admin', 'developer', 'billing', 'viewer'] as const

/** Somebody as they stand in the configuration. */
export function PersonFields({ form }: { readonly form: EntryFields<PersonValue> }): ReactElement {
  const say = useSay()
  const { data: me } = useMe()
  const { data: own } = useAsk('/api/v1/me/person')
  const { value, at, change } = form
  const zones = useMemo(() => Intl.supportedValuesOf('timeZone'), [])
  const [from = '', until = ''] = (value.quietHours ?? '').split('-')
  const quiet = (nextFrom: string, nextUntil: string): void => change({ quietHours: nextFrom === '' && nextUntil === '' ? undefined : `${nextFrom}-${nextUntil}` })
  const text = (name: 'email' | 'phone' | 'slack' | 'telegram') => ({
    label: say(`people.${name}`),
    value: String(value[name] ?? ''),
    error: at(`/${name}`),
    autoComplete: 'off',
    onChange: (event: { readonly currentTarget: { readonly value: string } }) => change({ [name]: event.currentTarget.value || undefined }),
  })
  const devices = [value.push, value.webPush].flat().filter((one) => one !== undefined).length
  return (
    <>
      <Select label={say('people.role')} description={say('people.role-hint')} required allowDeselect={false} data={roles.map((one) => ({ value: one, label: say(`role.${one}`) }))} value={value.role} error={at('/role')} onChange={(role) => change({ role: roles.find((one) => one === role) ?? 'viewer' })} />
      <Fieldset legend={say('people.addresses')}>
        <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
          <TextInput {...text('email')} type="email" />
          <TextInput {...text('phone')} type="tel" description={say('people.phone-hint')} inputWrapperOrder={below} />
          <TextInput {...text('slack')} description={say('people.slack-hint')} inputWrapperOrder={below} />
          <TextInput {...text('telegram')} description={say('people.telegram-hint')} inputWrapperOrder={below} />
        </SimpleGrid>
        {devices > 0 && (
          <Text size="sm" c="dimmed" mt="sm">
            {say('people.devices', { count: devices })}
          </Text>
        )}
      </Fieldset>
      <Fieldset legend={say('people.reads')}>
        <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
          <Autocomplete label={say('people.locale')} placeholder={say('people.as-project', { value: own?.defaults.locale ?? 'en' })} data={[...locales]} value={value.locale ?? ''} error={at('/locale')} onChange={(next) => change({ locale: next || undefined })} />
          <Select label={say('people.timezone')} placeholder={say('people.as-project', { value: own?.defaults.timezone ?? 'UTC' })} searchable clearable clearButtonProps={{ 'aria-label': say('people.quiet-none') }} limit={60} data={value.timezone === undefined || zones.includes(value.timezone) ? zones : [value.timezone, ...zones]} value={value.timezone ?? null} error={at('/timezone')} onChange={(next) => change({ timezone: next ?? undefined })} />
          <TextInput type="time" label={say('people.quiet-from')} value={from} error={at('/quietHours')} onChange={(event) => quiet(event.currentTarget.value, until)} />
          <TextInput type="time" label={say('people.quiet-until')} value={until} onChange={(event) => quiet(from, event.currentTarget.value)} />
        </SimpleGrid>
        <Group gap="xs" mt={6}>
          <Text size="xs" c="dimmed">
            {say('people.quiet-hint')}
          </Text>
          {value.quietHours !== undefined && (
            <Button size="compact-sm" variant="default" onClick={() => change({ quietHours: undefined })}>
              {say('state.named', { name: say('people.quiet'), text: say('people.quiet-none') })}
            </Button>
          )}
        </Group>
      </Fieldset>
      <TagsInput label={say('people.projects')} description={say('people.projects-hint')} data={me?.projects.map(({ name }) => name) ?? []} value={[...(value.projects ?? [])]} error={at('/projects')} onChange={(next) => change({ projects: next.length === 0 ? undefined : next })} />
      <Wishes form={form} />
    </>
  )
}

const below: ('label' | 'input' | 'description' | 'error')[] = ['label', 'input', 'description', 'error']
