import { Button, PasswordInput, Stack, Text, TextInput } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { useState, type FormEvent, type ReactElement } from 'react'
import { api, ProblemError } from '../../api/client'
import { formText } from '../../app/form-text'
import { useWhyNotIn } from '../../app/why-not-in'
import { useSay } from '../../words/say'
import { Door } from './door'
import { sentences } from '../../words/sentences'

/** Taken out of the address at once: it works once, and an address is easily passed on. */
function takeToken(): string {
  const token = location.hash.slice(1)
  if (token !== '') history.replaceState(history.state, '', location.pathname)
  return token
}

/** `/welcome#TOKEN`: whoever has the owner link becomes the owner. */
export function WelcomePage(): ReactElement {
  return <Arrival kind="welcome" />
}

/** `/join#TOKEN`: of an invitation. */
export function JoinPage(): ReactElement {
  return <Arrival kind="join" />
}

/** `/reset#TOKEN`: a new password, by the link of an admin. */
export function ResetPage(): ReactElement {
  return <Arrival kind="reset" />
}

function Arrival({ kind }: { readonly kind: 'welcome' | 'join' | 'reset' }): ReactElement {
  const say = useSay()
  const why = useWhyNotIn()
  const navigate = useNavigate()
  const [token] = useState(takeToken)
  const [problem, setProblem] = useState('')
  const [isBusy, setIsBusy] = useState(false)
  const send = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const [name, email, password] = [formText(form, 'name'), formText(form, 'email'), formText(form, 'password')]
    setIsBusy(true)
    setProblem('')
    try {
      if (kind === 'welcome') await api.POST('/api/v1/welcome', { body: { token, name, email, password } })
      else if (kind === 'join') await api.POST('/api/v1/join', { body: { token, name, password } })
      else await api.POST('/api/v1/reset-password', { body: { token, password } })
      await navigate({ href: '/', reloadDocument: true })
    } catch (error) {
      setProblem(sentences(why(error), ...(error instanceof ProblemError ? error.places.map(({ pointer, detail }) => say('state.named', { name: pointer.slice(1), text: detail })) : [])))
      setIsBusy(false)
    }
  }
  return (
    <Door title={say(`login.${kind}`)} problem={problem}>
      {token === '' ? (
        <Text>{say(kind === 'welcome' ? 'login.no-token' : 'login.no-token-other')}</Text>
      ) : (
        <form onSubmit={(event) => void send(event)}>
          <Stack>
            {kind !== 'reset' && <TextInput name="name" label={say('login.name')} required maxLength={100} autoFocus autoComplete="name" />}
            {kind === 'welcome' && <TextInput name="email" label={say('login.email')} type="email" required autoComplete="username" />}
            <PasswordInput name="password" label={say('login.new-password')} required minLength={12} maxLength={128} autoComplete="new-password" visibilityToggleButtonProps={{ 'aria-label': say('login.show-password') }} />
            <Button type="submit" loading={isBusy}>
              {say('login.go-on')}
            </Button>
          </Stack>
        </form>
      )}
    </Door>
  )
}
