import { Group, Stack, Text } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useEffect, useState, type ReactElement } from 'react'
import { useAsk, useChanged } from '../../api/ask'
import { api, ProblemError } from '../../api/client'
import { useMe } from '../../api/me'
import { ActButton } from '../../parts/act-button'
import { Card } from '../../parts/card'
import { Asked } from '../../parts/states'
import { useTell } from '../../parts/toasts'
import { said } from '../../parts/said'
import { useSay } from '../../words/say'
import { idHere, subscribeHere, unsubscribeHere, whyNotHere } from './push-here'

/** Being told in this browser, with no page open. */
export function Browsers(): ReactElement {
  const say = useSay()
  const changed = useChanged()
  const { tell } = useTell()
  const browsers = useAsk('/api/v1/me/push')
  const { data: me } = useMe()
  const [here, setHere] = useState<string>()
  useEffect(() => void idHere().then(setHere), [])
  // A browser may be subscribed by somebody else who logged in here: it is on where it is in one's own list.
  const isHere = here !== undefined && browsers.data?.items.some(({ id }) => id === here) === true
  const turn = useMutation({
    mutationFn: async (publicKey: string) => {
      if (isHere) {
        await api.DELETE('/api/v1/me/push/{id}', { params: { path: { id: here } } }).catch((failure: unknown) => {
          // Taken out of the list before: here it ends all the same.
          if (!(failure instanceof ProblemError) || failure.status !== 404) throw failure
        })
        await unsubscribeHere()
        return undefined
      }
      // Whoever else had themselves told here is told here no more: else each of the two would read the other's messages.
      if (here !== undefined && !(await isMine(here, me?.projects.map(({ name }) => name) ?? []))) await unsubscribeHere()
      const subscription = await subscribeHere(publicKey)
      return (await api.POST('/api/v1/me/push', { body: subscription })).data?.id
    },
    onSuccess: async (now) => {
      setHere(now)
      await changed('/api/v1/me/push')
      tell({ text: say(now === undefined ? 'me.push-off' : 'me.push-on') })
    },
    onError: (error) => tell({ text: said(error), isBad: true }),
  })
  const remove = useMutation({ mutationFn: async (id: string) => api.DELETE('/api/v1/me/push/{id}', { params: { path: { id } } }), onSuccess: async () => changed('/api/v1/me/push'), onError: (error) => tell({ text: said(error), isBad: true }) })
  return (
    <Card title={say('me.push')}>
      <Asked of={browsers} what={say('me.push')} rows={1}>
        {({ publicKey, why, items }) => {
          const missing = whyNotHere()
          const reason = why ?? (missing === undefined ? undefined : say(`me.push-${missing}`))
          return (
            <Stack gap="xs">
              <Group justify="space-between">
                <Text size="sm">{say(isHere ? 'me.push-is-on' : 'me.push-is-off')}</Text>
                <ActButton variant="default" size="xs" reason={reason} loading={turn.isPending} onClick={() => publicKey !== undefined && turn.mutate(publicKey)}>
                  {say(isHere ? 'me.push-turn-off' : 'me.push-turn-on')}
                </ActButton>
              </Group>
              {reason !== undefined && (
                <Text size="xs" c="dimmed">
                  {reason}
                </Text>
              )}
              {items.map(({ id, service }) => (
                <Group key={id} justify="space-between">
                  <Text size="sm">
                    {id === here && <strong>{say('me.this')} </strong>}
                    {service}
                  </Text>
                  <ActButton size="compact-xs" variant="subtle" color="red" onClick={() => remove.mutate(id)} aria-label={`${say('act.delete')} ${service} ${id}`}>
                    {say('act.delete')}
                  </ActButton>
                </Group>
              ))}
            </Stack>
          )
        }}
      </Asked>
    </Card>
  )
}

/** Whether this browser stands in one's own list of any project: one subscription serves all of them. */
async function isMine(id: string, projects: readonly string[]): Promise<boolean> {
  for (const project of projects) {
    const { data } = await api.GET('/api/v1/me/push', { headers: { 'tocsin-project': project } })
    if (data?.items.some((one) => one.id === id) === true) return true
  }
  return false
}
