import { Group, Stack, Tabs, Text } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState, type ReactElement } from 'react'
import { useChanged } from '../../api/ask'
import { api } from '../../api/client'
import { useMay } from '../../api/me'
import { useAddress } from '../../app/address'
import { ActButton } from '../../parts/act-button'
import { said } from '../../parts/said'
import { Snippet } from '../../parts/snippet'
import { useAnnounced, useTell } from '../../parts/toasts'
import { useSay } from '../../words/say'
import { snippetOf, type SnippetName } from './snippets'

const names = ['typescript', 'otel', 'curl'] as const

/** A snippet that works as it stands: with the address of this server and a key that is made here. */
export function Connect({ url }: { readonly url: string }): ReactElement {
  const say = useSay()
  const may = useMay()
  const teller = useTell()
  const changed = useChanged()
  const [address, setAddress] = useAddress({ tab: 'typescript' })
  const [made, setMade] = useState<{ readonly name: string; readonly key: string }>()
  const make = useMutation({
    mutationFn: async () => (await api.POST('/api/v1/keys', { body: { name: say('start.key-name'), scope: 'ingest' } })).data,
    onSuccess: (data) => {
      setMade(data)
      void changed('/api/v1/keys')
    },
    onError: (error) => teller.tell({ text: said(error), isBad: true }),
  })
  const told = made === undefined ? say('start.no-key') : say('start.key-made', { name: made.name })
  useAnnounced(made === undefined ? undefined : told)
  const tab = names.find((name) => name === address.tab) ?? 'typescript'
  return (
    <Stack gap="sm">
      <Group gap="sm">
        <ActButton size="xs" variant={made === undefined ? 'filled' : 'default'} loading={make.isPending} reason={may('keys:write') ? undefined : say('start.may-not-keys')} onClick={() => make.mutate()}>
          {say('start.make-key')}
        </ActButton>
        <Text size="sm" c="dimmed">
          {told}
        </Text>
      </Group>
      {made !== undefined && <Snippet code={made.key} label={say('start.make-key')} />}
      <Tabs value={tab} onChange={(value) => setAddress({ tab: (value as SnippetName | null) ?? 'typescript' }, { replace: true })} keepMounted={false}>
        <Tabs.List mb="xs">
          {names.map((name) => (
            <Tabs.Tab key={name} value={name}>
              {say(`start.tab-${name}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {names.map((name) => (
          <Tabs.Panel key={name} value={name}>
            <Snippet code={snippetOf(name, url, made?.key ?? 'tok_…')} label={say('start.snippet', { tab: say(`start.tab-${name}`) })} />
          </Tabs.Panel>
        ))}
      </Tabs>
    </Stack>
  )
}
