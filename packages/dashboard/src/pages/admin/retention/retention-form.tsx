import { Group, Stack, Text, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState, type FormEvent, type ReactElement } from 'react'
import { useChanged, type Item } from '../../../api/ask'
import { api, type ProblemError } from '../../../api/client'
import { useMay, useRole } from '../../../api/me'
import { ActButton } from '../../../parts/act-button'
import { Card } from '../../../parts/card'
import { said } from '../../../parts/said'
import { useTell } from '../../../parts/toasts'
import { useSay } from '../../../words/say'

const parts = ['content', 'bodies', 'decisions', 'audit'] as const
/** As docs/configuration.md has them. */
const defaults: Readonly<Record<(typeof parts)[number], string>> = { content: '14d', bodies: '30d', decisions: '90d', audit: '400d' }

type Retention = Readonly<Partial<Record<(typeof parts)[number], string>>>

/** Durations as they are written in the configuration: `14d`. */
export function RetentionForm({ entry }: { readonly entry: Item<'/api/v1/settings'> | undefined }): ReactElement {
  const say = useSay()
  const may = useMay()
  const role = useRole()
  const { tell } = useTell()
  const changed = useChanged()
  const saved = textsOf(entry?.value)
  const [value, setValue] = useState<Retention>(saved)
  const isSame = parts.every((part) => (value[part] ?? '') === (saved[part] ?? ''))
  const reason = entry?.readOnly === true ? say('state.read-only') : may('settings:write') ? undefined : say('state.role-may-not', { role: say(`role.${role ?? 'viewer'}`), page: say('page.retention') })
  const put = async (next: Retention, etag: string | undefined): Promise<string | undefined> => {
    const body = Object.fromEntries(parts.flatMap((part) => (next[part] === undefined || next[part] === '' ? [] : [[part, next[part]]])))
    // Reason for the cast: a setting's own form is one of several, and the server looks at it.
    const { data } = await api.PUT('/api/v1/settings/{name}', { params: { path: { name: 'retention' } }, headers: etag === undefined ? { 'if-none-match': '*' } : { 'if-match': etag }, body: body as never })
    return data?.etag
  }
  const save = useMutation<string | undefined, ProblemError>({
    mutationFn: async () => put(value, entry?.origin === 'api' ? entry.etag : undefined),
    onSuccess: async (etag) => {
      await changed('/api/v1/settings')
      const undo = async (): Promise<void> => {
        setValue(saved)
        await put(saved, etag)
        await changed('/api/v1/settings')
      }
      tell({ text: say('me.saved'), undo: () => void undo().catch((error: unknown) => tell({ text: said(error), isBad: true })) })
    },
  })
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (reason === undefined && !isSame) save.mutate()
  }
  const at = (pointer: string): string | undefined => save.error?.places.find((place) => place.pointer === pointer)?.detail
  return (
    <Card title={say('page.retention')}>
      <form onSubmit={submit}>
        <Stack gap="sm">
          {parts.map((part) => (
            <TextInput key={part} label={say(`admin.retention-${part}`)} description={say('admin.retention-hint', { value: defaults[part] })} placeholder={defaults[part]} disabled={reason !== undefined} value={value[part] ?? ''} error={at(`/${part}`)} onChange={(event) => setValue({ ...value, [part]: event.currentTarget.value })} />
          ))}
          <Text size="xs" c="dimmed">
            {say('admin.retention-of-file')}
          </Text>
          {save.error !== null && save.error.places.length === 0 && (
            <Text c="red" size="sm" role="alert">
              {said(save.error)}
            </Text>
          )}
          <Group>
            <ActButton type="submit" reason={reason ?? (isSame ? say('entry.nothing-changed') : undefined)} loading={save.isPending}>
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

function textsOf(value: unknown): Retention {
  if (typeof value !== 'object' || value === null) return {}
  return Object.fromEntries(parts.flatMap((part) => {
    const text: unknown = Reflect.get(value, part)
    return typeof text === 'string' ? [[part, text]] : []
  }))
}
