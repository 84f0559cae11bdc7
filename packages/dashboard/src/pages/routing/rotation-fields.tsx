import { Button, Fieldset, Group, Select, SimpleGrid, Stack, Text, TextInput } from '@mantine/core'
import { useMemo, type ReactElement } from 'react'
import type { Item } from '../../api/ask'
import type { EntryFields } from '../../parts/entry-form'
import { instantOf, knownZone, localTextOf } from '../../parts/local-time'
import { ReceiversField } from '../../parts/receivers-field'
import { weekdays } from '../../parts/schedule-field'
import { useLocale, useSay } from '../../words/say'

type Written = Item<'/api/v1/rotations'>['value']
/** As it is written: what is absent is as by default. */
export type RotationValue = Pick<Written, 'members'> & Partial<Omit<Written, 'members'>>
type Override = NonNullable<RotationValue['overrides']>[number]

/** The turns of a rotation, and who takes whose place. */
export function RotationFields({ form: { value, at, change } }: { readonly form: EntryFields<RotationValue> }): ReactElement {
  const say = useSay()
  const zones = useMemo(() => Intl.supportedValuesOf('timeZone'), [])
  const every = value.every ?? 'week'
  return (
    <>
      <ReceiversField onlyPeople label={say('rotation.members')} required value={value.members} error={at('/members')} onChange={(members) => change({ members })} />
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
        <Select label={say('rotation.every')} allowDeselect={false} data={(['day', 'week'] as const).map((one) => ({ value: one, label: say(`rotation.every-${one}`) }))} value={every} onChange={(next) => change({ every: next === 'day' ? 'day' : 'week' })} />
        {every === 'week' && <Select label={say('rotation.on')} allowDeselect={false} data={weekdays.map((day) => ({ value: day, label: say(`day.${day}`) }))} value={value.on ?? 'mon'} onChange={(next) => change({ on: weekdays.find((day) => day === next) ?? 'mon' })} />}
        <TextInput type="time" label={say('rotation.at')} value={value.at ?? '09:00'} error={at('/at')} onChange={(event) => change({ at: event.currentTarget.value || undefined })} />
        <Select label={say('rotation.timezone')} searchable clearable limit={60} data={zones} value={value.timezone ?? null} error={at('/timezone')} onChange={(next) => change({ timezone: next ?? undefined })} />
        <TextInput type="date" label={say('rotation.start')} value={value.start ?? ''} error={at('/start')} onChange={(event) => change({ start: event.currentTarget.value || undefined })} />
      </SimpleGrid>
      <Overrides overrides={value.overrides ?? []} members={value.members} at={at} onChange={(overrides) => change({ overrides })} />
    </>
  )
}

interface OverridesProps {
  readonly overrides: readonly Override[]
  readonly members: readonly string[]
  readonly at: (pointer: string) => string | undefined
  readonly onChange: (overrides: Override[] | undefined) => void
}

function Overrides({ overrides, members, at, onChange }: OverridesProps): ReactElement {
  const say = useSay()
  const { timezone } = useLocale()
  const put = (next: readonly Override[]): void => onChange(next.length === 0 ? undefined : [...next])
  return (
    <Fieldset legend={say('rotation.overrides')}>
      <Stack gap="sm">
        <Text size="xs" c="dimmed">
          {say('rotation.override-hint', { zone: knownZone(timezone) })}
        </Text>
        {overrides.map((one, index) => {
          const number = index + 1
          const pointer = `/overrides/${index}`
          const set = (part: Partial<Override>): void => put(overrides.map((other, place) => (place === index ? { ...other, ...part } : other)))
          return (
            // oxlint-disable-next-line react/no-array-index-key -- a stand-in has no name but its place
            <Fieldset key={index} legend={say('rotation.override', { number })} variant="filled">
              <ReceiversField onlyPeople label={say('rotation.override-person')} value={one.person === '' ? [] : [one.person]} error={at(`${pointer}/person`)} onChange={(names) => set({ person: names.at(-1) ?? '' })} />
              <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm" mt="sm">
                <TextInput type="datetime-local" label={say('rotation.override-from')} value={localTextOf(one.from, timezone)} error={at(`${pointer}/from`)} onChange={(event) => set({ from: instantOf(event.currentTarget.value, timezone) })} />
                <TextInput type="datetime-local" label={say('rotation.override-until')} value={localTextOf(one.until, timezone)} error={at(`${pointer}/until`)} onChange={(event) => set({ until: instantOf(event.currentTarget.value, timezone) })} />
              </SimpleGrid>
              <Group justify="flex-end" mt="xs">
                <Button size="compact-sm" variant="subtle" color="red" aria-label={say('rotation.override-remove', { number })} onClick={() => put(overrides.filter((_, place) => place !== index))}>
                  {say('act.delete')}
                </Button>
              </Group>
            </Fieldset>
          )
        })}
        <div>
          <Button size="xs" variant="default" onClick={() => put([...overrides, { person: members[0] ?? '', from: '', until: '' }])}>
            {say('rotation.override-add')}
          </Button>
        </div>
      </Stack>
    </Fieldset>
  )
}
