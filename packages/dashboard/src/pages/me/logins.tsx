import { Button, Group, PasswordInput, Stack, Text } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState, type FormEvent, type ReactElement } from 'react'
import { useAsk, useChanged } from '../../api/ask'
import { api } from '../../api/client'
import { ActButton } from '../../parts/act-button'
import { Card } from '../../parts/card'
import { Given } from '../../parts/given'
import { Ago } from '../../parts/moment'
import { Asked } from '../../parts/states'
import { useTell } from '../../parts/toasts'
import { said } from '../../parts/said'
import { formText } from '../../app/form-text'
import { useSay } from '../../words/say'
import { browserOf } from './browser-name'

/** Where I am logged in, and the password. */
export function Logins(): ReactElement {
  const say = useSay()
  const changed = useChanged()
  const { tell } = useTell()
  const sessions = useAsk('/api/v1/me/sessions')
  const end = useMutation({ mutationFn: async (id: string) => api.DELETE('/api/v1/me/sessions/{id}', { params: { path: { id } } }), onSuccess: async () => changed('/api/v1/me/sessions'), onError: (error) => tell({ text: said(error), isBad: true }) })
  return (
    <Card title={say('me.logins')}>
      <Asked of={sessions} what={say('me.logins')} rows={2}>
        {({ items }) => (
          <Stack gap="xs">
            {items.map(({ id, isThis, createdMs, address, userAgent }) => (
              <Group key={id} justify="space-between" wrap="nowrap">
                <Text size="sm" style={{ minWidth: 0 }}>
                  {isThis && <strong>{say('me.this')} </strong>}
                  <Given lines={1}>{[address, browserOf(userAgent)].filter((part) => part !== undefined).join(' · ')}</Given>
                  <Text span size="xs" c="dimmed">
                    <Ago atMs={createdMs} />
                  </Text>
                </Text>
                {!isThis && (
                  <ActButton size="compact-xs" variant="subtle" color="red" onClick={() => end.mutate(id)}>
                    {say('me.end')}
                  </ActButton>
                )}
              </Group>
            ))}
            {items.length > 1 && (
              <Button size="xs" variant="default" onClick={() => end.mutate('others')}>
                {say('me.end-others')}
              </Button>
            )}
          </Stack>
        )}
      </Asked>
      <Password />
    </Card>
  )
}

function Password(): ReactElement {
  const say = useSay()
  const { tell } = useTell()
  const [isOpen, setIsOpen] = useState(false)
  const change = useMutation({
    mutationFn: async (body: { readonly currentPassword: string; readonly newPassword: string }) => api.POST('/api/auth/change-password', { body }),
    onSuccess: () => {
      tell({ text: say('me.password-changed') })
      setIsOpen(false)
    },
  })
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    change.mutate({ currentPassword: formText(form, 'current'), newPassword: formText(form, 'new') })
  }
  if (!isOpen) {
    return (
      <Button size="xs" variant="default" mt="sm" onClick={() => setIsOpen(true)}>
        {say('me.password')}
      </Button>
    )
  }
  return (
    <form onSubmit={submit}>
      <Stack gap="xs" mt="sm">
        <PasswordInput name="current" label={say('me.password-now')} required autoFocus autoComplete="current-password" visibilityToggleButtonProps={{ 'aria-label': say('login.show-password') }} error={change.error === null ? undefined : said(change.error)} />
        <PasswordInput name="new" label={say('login.new-password')} required minLength={12} maxLength={128} autoComplete="new-password" visibilityToggleButtonProps={{ 'aria-label': say('login.show-password') }} />
        <Group>
          <Button type="submit" size="xs" loading={change.isPending}>
            {say('act.save')}
          </Button>
          <Button size="xs" variant="default" onClick={() => setIsOpen(false)}>
            {say('act.cancel')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
