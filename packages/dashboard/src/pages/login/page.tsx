import { Button, PasswordInput, Stack, TextInput } from '@mantine/core'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useState, type FormEvent, type ReactElement } from 'react'
import { api } from '../../api/client'
import { formText } from '../../app/form-text'
import { useWhyNotIn } from '../../app/why-not-in'
import { useSay } from '../../words/say'
import { Door } from './door'

/** `/login`: e-mail and password; then to where one wanted to go. */
export function LoginPage(): ReactElement {
  const say = useSay()
  const why = useWhyNotIn()
  const navigate = useNavigate()
  const search: Readonly<Record<string, unknown>> = useSearch({ strict: false })
  const [problem, setProblem] = useState('')
  const [isBusy, setIsBusy] = useState(false)
  const send = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    setIsBusy(true)
    setProblem('')
    try {
      await api.POST('/api/auth/sign-in/email', { body: { email: formText(form, 'email'), password: formText(form, 'password') } })
      await navigate({ href: safe(search['next']), reloadDocument: true })
    } catch (error) {
      setProblem(why(error))
      setIsBusy(false)
    }
  }
  return (
    <Door title={say('login.log-in')} problem={problem}>
      <form onSubmit={(event) => void send(event)}>
        <Stack>
          <TextInput name="email" label={say('login.email')} type="email" required autoFocus autoComplete="username" />
          <PasswordInput name="password" label={say('login.password')} required autoComplete="current-password" visibilityToggleButtonProps={{ 'aria-label': say('login.show-password') }} />
          <Button type="submit" loading={isBusy}>
            {say('login.log-in')}
          </Button>
        </Stack>
      </form>
    </Door>
  )
}

/** A way inside this server, and nowhere else: as the browser reads it, which leaves out tabs and line breaks. */
function safe(next: unknown): string {
  if (typeof next !== 'string' || !next.startsWith('/') || !URL.canParse(next, location.origin)) return '/'
  const { origin, href } = new URL(next, location.origin)
  return origin === location.origin ? href : '/'
}
