import { Badge, Group, Paper, Stack, Text, Title } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import type { ReactElement } from 'react'
import { useAsk, useChanged, type Item } from '../../api/ask'
import { api } from '../../api/client'
import { useMay, useRole } from '../../api/me'
import { useAddress } from '../../app/address'
import { ActButton } from '../../parts/act-button'
import { useAmounts } from '../../parts/amounts'
import { Given } from '../../parts/given'
import { useNow } from '../../parts/moment'
import { said } from '../../parts/said'
import { Asked, Empty } from '../../parts/states'
import { useStepThrough } from '../../parts/step-through'
import { useTell } from '../../parts/toasts'
import { useSay } from '../../words/say'

type Silence = Item<'/api/v1/silences'>

/** What ends by itself is gone from the list soon. */
const againMs = 20_000

/** What is silenced now, and what will be. */
export function SilenceList(): ReactElement {
  const say = useSay()
  const may = useMay()
  const role = useRole()
  const now = useNow()
  const silences = useAsk('/api/v1/silences', {}, { everyMs: againMs })
  const [, setAddress] = useAddress({ new: '' })
  const steps = useStepThrough<HTMLDivElement>('[data-silence]')
  const reason = may('silences:write') ? undefined : say('silences.may-not', { role: say(`role.${role ?? 'viewer'}`) })
  return (
    <Asked of={silences} what={say('page.silences')} rows={3}>
      {({ items }) => {
        const alive = items.filter(({ untilMs }) => untilMs > now)
        const groups = [
          { word: 'silences.now', list: alive.filter(({ fromMs = 0 }) => fromMs <= now) },
          { word: 'silences.later', list: alive.filter(({ fromMs = 0 }) => fromMs > now) },
        ] as const
        if (alive.length === 0)
          return (
            <Empty
              action={
                <ActButton variant="default" reason={reason} onClick={() => setAddress({ new: 'silence' })}>
                  {say('silences.new')}
                </ActButton>
              }
            >
              {say('silences.empty')}
            </Empty>
          )
        return (
          <Stack gap="lg" ref={steps}>
            {groups.map(({ word, list }) =>
              list.length === 0 ? null : (
                <section key={word} aria-label={say(word)}>
                  <Title order={2} size="h6" mb="xs">
                    {say(word)}
                  </Title>
                  <Stack gap="xs">
                    {list.toSorted((one, other) => one.untilMs - other.untilMs).map((silence) => (
                      <OneSilence key={`${silence.origin} ${silence.id ?? silence.name}`} silence={silence} reason={silence.readOnly ? say('silences.in-file-end') : reason} />
                    ))}
                  </Stack>
                </section>
              ),
            )}
          </Stack>
        )
      }}
    </Asked>
  )
}

function OneSilence({ silence, reason }: { readonly silence: Silence; readonly reason: string | undefined }): ReactElement {
  const say = useSay()
  const teller = useTell()
  const changed = useChanged()
  const amounts = useAmounts()
  const { id, name, match, fromMs, untilMs, author, comment, origin } = silence
  const again = useMutation({
    mutationFn: async () => api.POST('/api/v1/silences', { body: { match, untilMs, comment, ...(fromMs !== undefined && fromMs > Date.now() && { fromMs }) } }),
    onSuccess: async () => {
      teller.tell({ text: say('silences.again', { time: amounts.time(untilMs) }) })
      await changed('/api/v1/silences')
    },
    onError: (error) => teller.tell({ text: said(error), isBad: true }),
  })
  const end = useMutation({
    mutationFn: async () => api.POST('/api/v1/silences/{id}/end', { params: { path: { id: String(id) } } }),
    onSuccess: async () => {
      teller.tell({ text: say('silences.ended'), undo: () => again.mutate() })
      await changed('/api/v1/silences')
    },
    onError: (error) => teller.tell({ text: said(error), isBad: true }),
  })
  const now = useNow()
  return (
    <Paper withBorder p="sm" component="article" data-silence={id ?? name}>
      <Group justify="space-between" align="flex-start" gap="sm">
        <div style={{ minWidth: 0, flex: '1 1 16rem' }}>
          <Text size="sm" fw={600}>
            <Given>{comment}</Given>
          </Text>
          <Text size="xs" ff="monospace">
            <Given lines={3}>{match}</Given>
          </Text>
          <Group gap={6} mt={2}>
            <Text size="xs" c="dimmed" title={amounts.wholeTime(untilMs)}>
              {fromMs !== undefined && fromMs > now ? say('silences.from-until', { from: amounts.time(fromMs), time: amounts.time(untilMs) }) : say('silences.until', { time: amounts.time(untilMs) })} ({amounts.ago(untilMs, now)}) · <Given>{say('silences.by', { author })}</Given>
            </Text>
            {origin === 'file' && (
              <Badge size="sm" variant="default" tt="none" fw={500}>
                {say('silences.in-file')}
              </Badge>
            )}
          </Group>
        </div>
        <ActButton size="xs" variant="default" reason={reason} loading={end.isPending} aria-label={say('silences.end-one', { comment })} onClick={() => end.mutate()}>
          {say('silences.end')}
        </ActButton>
      </Group>
    </Paper>
  )
}
