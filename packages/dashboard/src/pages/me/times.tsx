import { Group, Select, Stack, Text, TextInput } from '@mantine/core'
import { useState, type FormEvent, type ReactElement } from 'react'
import { ActButton } from '../../parts/act-button'
import { Card } from '../../parts/card'
import { localeNames, locales } from '../../words/catalogues'
import { said } from '../../parts/said'
import { useSay } from '../../words/say'
import { useChangeOwn, type Own, type OwnEdit } from './change-own'

/** In which language, in which zone, and when not. */
export function Times({ own }: { readonly own: Own }): ReactElement {
  const say = useSay()
  const change = useChangeOwn()
  const [locale, setLocale] = useFollowing(own.locale ?? '')
  const [timezone, setTimezone] = useFollowing(own.timezone ?? '')
  const [quietHours, setQuietHours] = useFollowing(own.quietHours ?? '')
  const reason = own.editable ? undefined : (own.why ?? say('state.read-only'))
  const given = (text: string): string | null => (text.trim() === '' ? null : text.trim())
  const edited = ([['locale', locale], ['timezone', timezone], ['quietHours', quietHours]] as const).filter(([name, text]) => given(text) !== (own[name] ?? null))
  const isSame = edited.length === 0
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (reason !== undefined || isSame) return
    const before = edited.map(([name]) => [name, own[name] ?? null] as const)
    const after = edited.map(([name, text]) => [name, given(text)] as const)
    change.mutate({ to: replacing(before, after), back: { to: replacing(after, before) } })
  }
  const at = (pointer: string): string | undefined => change.error?.places.find((place) => place.pointer === pointer)?.detail
  return (
    <Card title={say('me.times')}>
      <form onSubmit={submit}>
        <Stack gap="sm">
          <Group grow align="flex-start">
            <Select label={say('me.locale')} disabled={reason !== undefined} data={[{ value: '', label: say('me.as-project', { value: own.defaults.locale }) }, ...locales.map((one) => ({ value: one, label: localeNames[one] }))]} value={locale} allowDeselect={false} onChange={(value) => setLocale(value ?? '')} error={at('/locale')} />
            <Select label={say('me.timezone')} disabled={reason !== undefined} searchable limit={50} data={[{ value: '', label: say('me.as-project', { value: own.defaults.timezone }) }, ...zones(own.timezone)]} value={timezone} allowDeselect={false} onChange={(value) => setTimezone(value ?? '')} error={at('/timezone')} />
          </Group>
          <TextInput label={say('me.quiet')} description={say('me.quiet-hint')} disabled={reason !== undefined} placeholder="22:00-07:00" value={quietHours} onChange={(event) => setQuietHours(event.currentTarget.value)} error={at('/quietHours') ?? (change.error?.places.length === 0 ? said(change.error) : undefined)} />
          <Group>
            <ActButton type="submit" reason={reason ?? (isSame ? say('entry.nothing-changed') : undefined)} loading={change.isPending}>
              {say('act.save')}
            </ActButton>
            {reason !== undefined && (
              <Text size="xs" c="dimmed">
                {reason}
              </Text>
            )}
          </Group>
        </Stack>
      </form>
    </Card>
  )
}

type Fields = readonly (readonly [name: 'locale' | 'timezone' | 'quietHours', value: string | null])[]

/** Only these, and only while they are as they were seen. */
function replacing(before: Fields, after: Fields): OwnEdit['to'] {
  return (now) => (before.every(([name, value]) => (now[name] ?? null) === value) ? Object.fromEntries(after) : undefined)
}

/** What is typed; where it is what was saved it follows what is saved, such as when that is undone. */
function useFollowing(saved: string): readonly [string, (text: string) => void] {
  const [text, setText] = useState(saved)
  const [before, setBefore] = useState(saved)
  if (saved !== before) {
    setBefore(saved)
    if (text.trim() === before) setText(saved)
  }
  return [text, setText]
}

function zones(own: string | undefined): readonly { readonly value: string; readonly label: string }[] {
  const known = Intl.supportedValuesOf('timeZone')
  return [...new Set([...(own === undefined ? [] : [own]), 'UTC', ...known])].map((value) => ({ value, label: value.replaceAll('_', ' ') }))
}
