import { Badge, Group, PinInput, Select, Stack, Text, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState, type FormEvent, type ReactElement } from 'react'
import { useChanged } from '../../api/ask'
import { api } from '../../api/client'
import { ActButton } from '../../parts/act-button'
import { useAmounts } from '../../parts/amounts'
import { Card } from '../../parts/card'
import { Given } from '../../parts/given'
import { useTell } from '../../parts/toasts'
import { said } from '../../parts/said'
import { useSay } from '../../words/say'
import { type Own } from './change-own'

const digits = 6

/** My addresses; a new one is proved by a code that is sent there. */
export function Addresses({ own }: { readonly own: Own }): ReactElement {
  const say = useSay()
  const changed = useChanged()
  const { tell } = useTell()
  const remove = useMutation({
    mutationFn: async (kind: 'phone' | 'slack' | 'telegram') => api.DELETE('/api/v1/me/addresses/{kind}', { params: { path: { kind } } }),
    onSuccess: async () => changed('/api/v1/me/person'),
    onError: (error) => tell({ text: said(error), isBad: true }),
  })
  return (
    <Card title={say('me.addresses')}>
      <Stack gap="xs">
        {own.addresses.length === 0 && (
          <Text size="sm" c="dimmed">
            {say('me.no-address')}
          </Text>
        )}
        {own.addresses.map(({ kind, address, verified }) => (
          <Group key={kind} justify="space-between" wrap="nowrap">
            <Text size="sm" component="div" style={{ minWidth: 0 }}>
              <Text span c="dimmed" size="sm">
                {say(`me.kind-${kind}`)}{' '}
              </Text>
              <Given>{address}</Given>{' '}
              <Badge size="sm" variant="default" tt="none">
                {verified ? `✓ ${say('me.verified')}` : say('me.not-verified')}
              </Badge>
            </Text>
            {kind !== 'email' && (
              <ActButton size="compact-xs" variant="subtle" color="red" reason={own.editable ? undefined : (own.why ?? say('state.read-only'))} onClick={() => remove.mutate(kind)} aria-label={`${say('act.delete')} ${address}`}>
                {say('act.delete')}
              </ActButton>
            )}
          </Group>
        ))}
        {own.waiting !== undefined && <Code key={`${own.waiting.kind} ${own.waiting.address} ${own.waiting.expiresMs}`} waiting={own.waiting} />}
        {/* Beside a code that waits, too: the address may be wrong, or the code may not come. */}
        <NewAddress own={own} />
      </Stack>
    </Card>
  )
}

function NewAddress({ own }: { readonly own: Own }): ReactElement {
  const say = useSay()
  const changed = useChanged()
  const [kind, setKind] = useState(own.kinds.find(({ channel }) => channel !== undefined)?.kind ?? own.kinds[0]?.kind ?? 'email')
  const [address, setAddress] = useState('')
  const chosen = own.kinds.find((one) => one.kind === kind)
  const prove = useMutation({ mutationFn: async () => api.POST('/api/v1/me/addresses', { body: { kind, address: address.trim() } }), onSuccess: async () => {
    setAddress('')
    await changed('/api/v1/me/person')
  } })
  const reason = own.editable ? (chosen?.channel === undefined ? (chosen?.why ?? say('me.no-channel')) : undefined) : (own.why ?? say('state.read-only'))
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (reason === undefined && address.trim() !== '') prove.mutate()
  }
  return (
    <form onSubmit={submit}>
      <Group align="flex-end" gap="xs">
        <Select label={say('me.new-kind')} w={130} allowDeselect={false} data={own.kinds.map((one) => ({ value: one.kind, label: say(`me.kind-${one.kind}`) }))} value={kind} onChange={(value) => setKind(own.kinds.find((one) => one.kind === value)?.kind ?? kind)} />
        <TextInput label={say('me.new-address')} style={{ flex: 1 }} miw={160} value={address} onChange={(event) => setAddress(event.currentTarget.value)} error={prove.error === null ? undefined : said(prove.error)} autoComplete={kind === 'email' ? 'email' : kind === 'phone' ? 'tel' : 'off'} />
        <ActButton type="submit" reason={reason} loading={prove.isPending}>
          {say('me.send-code')}
        </ActButton>
      </Group>
      {reason !== undefined && (
        <Text size="xs" c="dimmed" mt={4}>
          {reason}
        </Text>
      )}
    </form>
  )
}

function Code({ waiting }: { readonly waiting: NonNullable<Own['waiting']> }): ReactElement {
  const say = useSay()
  const changed = useChanged()
  const { tell } = useTell()
  const { time } = useAmounts()
  const [code, setCode] = useState('')
  const verify = useMutation({
    mutationFn: async (given: string) => api.POST('/api/v1/me/addresses/verify', { body: { code: given } }),
    onSuccess: async () => {
      tell({ text: say('me.proved', { address: waiting.address }) })
      await changed('/api/v1/me/person')
    },
    onError: async () => {
      setCode('')
      await changed('/api/v1/me/person')
    },
  })
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        if (code.length === digits) verify.mutate(code)
      }}
    >
      <Stack gap={6}>
        <Text size="sm">{say('me.code-sent', { address: waiting.address, time: time(waiting.expiresMs), tries: waiting.triesLeft })}</Text>
        <Group gap="xs">
          <PinInput length={digits} type="number" oneTimeCode value={code} onChange={setCode} onComplete={(given) => verify.mutate(given)} error={verify.isError} aria-label={say('me.code')} getInputProps={(index) => ({ 'aria-label': say('me.code-digit', { number: index + 1 }) })} />
          <ActButton type="submit" loading={verify.isPending} reason={code.length < digits ? say('me.code-short', { digits }) : undefined}>
            {say('me.verify')}
          </ActButton>
        </Group>
        {verify.error !== null && (
          <Text c="red" size="sm" role="alert">
            {said(verify.error)}
          </Text>
        )}
      </Stack>
    </form>
  )
}
