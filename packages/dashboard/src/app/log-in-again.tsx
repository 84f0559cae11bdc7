import { Button, Modal, PasswordInput, Stack, Text, TextInput } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useState, type FormEvent, type ReactElement } from 'react'
import { api, onSessionEnded } from '../api/client'
import { doesNotJump } from '../api/live'
import { useMe } from '../api/me'
import { formText } from './form-text'
import { useWhyNotIn } from './why-not-in'
import { useSay } from '../words/say'

/** A session that ends while a form is open: it is asked for here, over the page, and what was typed stays. */
export function LogInAgain(): ReactElement {
  const say = useSay()
  const why = useWhyNotIn()
  const client = useQueryClient()
  const { data: me } = useMe()
  const [isOpen, setIsOpen] = useState(false)
  const [problem, setProblem] = useState('')
  const [isBusy, setIsBusy] = useState(false)
  useEffect(() => onSessionEnded(() => setIsOpen(true)), [])
  const send = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    setIsBusy(true)
    try {
      await api.POST('/api/auth/sign-in/email', { body: { email: formText(form, 'email'), password: formText(form, 'password') } })
      // First of all who it is: see same-person.ts.
      await client.refetchQueries({ queryKey: ['/api/v1/me'] })
      setIsOpen(false)
      setProblem('')
      void client.invalidateQueries({ predicate: doesNotJump })
    } catch (error) {
      setProblem(why(error))
    } finally {
      setIsBusy(false)
    }
  }
  return (
    <Modal opened={isOpen && me !== undefined} onClose={() => setIsOpen(false)} title={say('login.again')} closeOnClickOutside={false} closeButtonProps={{ 'aria-label': say('act.close') }}>
      <form onSubmit={(event) => void send(event)}>
        <Stack>
          <Text size="sm">{say('login.nothing-lost')}</Text>
          <TextInput name="email" label={say('login.email')} type="email" defaultValue={me?.email} required autoComplete="username" />
          <PasswordInput name="password" label={say('login.password')} required data-autofocus autoComplete="current-password" visibilityToggleButtonProps={{ 'aria-label': say('login.show-password') }} />
          {problem !== '' && (
            <Text c="red" size="sm" role="alert">
              {problem}
            </Text>
          )}
          <Button type="submit" loading={isBusy}>
            {say('login.log-in')}
          </Button>
        </Stack>
      </form>
    </Modal>
  )
}
