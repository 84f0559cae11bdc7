import { Group, Select, TextInput } from '@mantine/core'
import type { ReactElement } from 'react'
import { useSay } from '../words/say'

export const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const

interface ScheduleFieldProps {
  readonly label?: string
  /** As it is written: `15m`, `hourly`, `{ daily: "09:00" }`, `{ weekly: mon, at: "09:00" }`; absent: at once. */
  readonly value: unknown
  readonly mayBeNow: boolean
  readonly error: string | undefined
  readonly onChange: (schedule: unknown) => void
}

type Form = 'now' | 'every' | 'hourly' | 'daily' | 'weekly'

/** When what is collected is told. */
export function ScheduleField({ label, value, mayBeNow, error, onChange }: ScheduleFieldProps): ReactElement {
  const say = useSay()
  const { form, every, at, on } = read(value)
  const forms: readonly Form[] = mayBeNow ? ['now', 'every', 'hourly', 'daily', 'weekly'] : ['every', 'hourly', 'daily', 'weekly']
  const choose = (next: string | null): void => {
    if (next === 'now') onChange(undefined)
    else if (next === 'every') onChange('15m')
    else if (next === 'hourly') onChange('hourly')
    else if (next === 'daily') onChange({ daily: at })
    else if (next === 'weekly') onChange({ weekly: on, at })
  }
  return (
    <Group gap="sm" align="flex-start" grow>
      <Select label={label ?? say('told.when')} allowDeselect={false} data={forms.map((one) => ({ value: one, label: say(`told.when-${one}`) }))} value={form} error={form === 'every' ? undefined : error} onChange={choose} />
      {form === 'every' && <TextInput label={say('told.every')} placeholder="15m" value={every} error={error} onChange={(event) => onChange(event.currentTarget.value)} />}
      {form === 'weekly' && <Select label={say('told.on')} allowDeselect={false} data={weekdays.map((day) => ({ value: day, label: say(`day.${day}`) }))} value={on} onChange={(next) => onChange({ weekly: next, at })} />}
      {(form === 'daily' || form === 'weekly') && <TextInput type="time" label={say('told.at')} value={at} onChange={(event) => onChange(form === 'daily' ? { daily: event.currentTarget.value } : { weekly: on, at: event.currentTarget.value })} />}
    </Group>
  )
}

function read(value: unknown): { readonly form: Form; readonly every: string; readonly at: string; readonly on: string } {
  const none = { every: '', at: '09:00', on: 'mon' }
  if (value === undefined || value === null) return { ...none, form: 'now' }
  if (typeof value === 'string') return value === 'hourly' ? { ...none, form: 'hourly' } : { ...none, form: 'every', every: value }
  if (typeof value !== 'object') return { ...none, form: 'every', every: JSON.stringify(value) ?? '' }
  // Reason for the cast: the fields are looked at one by one.
  const { daily, weekly, at } = value as Readonly<Record<string, unknown>>
  if (typeof daily === 'string') return { ...none, form: 'daily', at: daily }
  return { form: 'weekly', every: '', at: typeof at === 'string' ? at : '09:00', on: typeof weekly === 'string' ? weekly : 'mon' }
}
