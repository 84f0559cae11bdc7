import { Alert, Group, NumberInput, Radio, Stack, Text } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState, type ReactElement } from 'react'
import { useAsk, useChanged, type Item } from '../../api/ask'
import { api } from '../../api/client'
import { useMay, useRole } from '../../api/me'
import { PageLink } from '../../app/page-link'
import { ActButton } from '../../parts/act-button'
import { said } from '../../parts/said'
import { Asked } from '../../parts/states'
import { useTell } from '../../parts/toasts'
import { useLocale, useSay } from '../../words/say'
import { spaced } from '../../words/sentences'

type Starter = Item<'/api/v1/starters'>

/** Who hears about problems: three first configurations, made by the server and to be changed afterwards like anything else. */
export function Starters({ routes }: { readonly routes: number }): ReactElement {
  const say = useSay()
  const may = useMay()
  const role = useRole()
  const teller = useTell()
  const changed = useChanged()
  const { locale } = useLocale()
  const starters = useAsk('/api/v1/starters')
  const [chosen, setChosen] = useState<Starter['name']>('me')
  const [budgetUsd, setBudgetUsd] = useState<number>()
  const list = (makes: Starter['makes']): string => spaced(new Intl.ListFormat(locale).format(makes.map(({ kind, name }) => say(kind in worded ? worded[kind as keyof typeof worded] : 'start.kind-other', { name }))))
  const make = useMutation({
    mutationFn: async () => (await api.POST('/api/v1/starters/{name}', { params: { path: { name: chosen } }, body: budgetUsd === undefined ? {} : { budgetUsd } })).data,
    onSuccess: async (made) => {
      if (made !== undefined) teller.tell({ text: say('start.starter-added', { list: list(made.makes) }) })
      await changed('/api/v1/start', '/api/v1/starters', '/api/v1/channels', '/api/v1/people', '/api/v1/routes', '/api/v1/budgets', '/api/v1/rotations', '/api/v1/teams')
    },
    onError: (error) => teller.tell({ text: said(error), isBad: true }),
  })
  return (
    <Asked of={starters} what={say('start.starter')} rows={3}>
      {({ items }) => {
        const one = items.find(({ name }) => name === chosen)
        const reason = may('routes:write') ? one?.why : say('start.may-not-route', { role: say(`role.${role ?? 'viewer'}`) })
        return (
          <Stack gap="sm">
            <Radio.Group value={chosen} onChange={(value) => setChosen(items.find(({ name }) => name === value)?.name ?? 'me')} aria-label={say('start.starter')}>
              <Stack gap="xs">
                {items.map(({ name }) => (
                  <Radio key={name} value={name} label={say(`start.starter-${name}`)} description={say(`start.starter-${name}-line`)} />
                ))}
              </Stack>
            </Radio.Group>
            <NumberInput label={say('start.starter-budget')} prefix="$" min={0.01} max={9_000_000} w={{ base: '100%', xs: 260 }} value={budgetUsd ?? ''} onChange={(value) => setBudgetUsd(typeof value === 'number' ? value : undefined)} />
            {one !== undefined && one.makes.length > 0 && (
              <Text size="xs" c="dimmed">
                {say('start.starter-makes', { list: list(one.makes) })}
              </Text>
            )}
            {make.data !== undefined && (
              <Alert color="green" variant="light" p="sm" role="note">
                {say('start.starter-added', { list: list(make.data.makes) })}
              </Alert>
            )}
            <Group gap="md">
              <ActButton size="xs" variant={routes > 0 ? 'default' : 'filled'} reason={reason} loading={make.isPending} onClick={() => make.mutate()}>
                {say('start.starter-add')}
              </ActButton>
              <PageLink to="/routing" size="sm">
                {say('start.starter-see')}
              </PageLink>
            </Group>
          </Stack>
        )
      }}
    </Asked>
  )
}

const worded = { channels: 'start.kind-channels', people: 'start.kind-people', rules: 'start.kind-rules', budgets: 'start.kind-budgets', routes: 'start.kind-routes', teams: 'start.kind-teams', rotations: 'start.kind-rotations' } as const
