import { Button, Checkbox, Collapse, Fieldset, Group, SimpleGrid, Stack, TagsInput, Text, Textarea, TextInput, UnstyledButton } from '@mantine/core'
import { useId, useState, type ReactElement } from 'react'
import { useAsk } from '../../api/ask'
import { useMay } from '../../api/me'
import type { EntryFields } from '../../parts/entry-form'
import { ReceiversField } from '../../parts/receivers-field'
import { ScheduleField } from '../../parts/schedule-field'
import { useAnnounced } from '../../parts/toasts'
import { ViaField } from '../../parts/via-field'
import { useSay } from '../../words/say'
import type { RouteValue } from './routes'
import classes from './routing.module.css'

type Step = NonNullable<RouteValue['escalate']>[number]

const examples = ['true', "alert.severity in ['critical', 'high']", "alert.kind == 'cost'", "alert.environment == 'production'", "alert.agent == 'support-bot'"]
const furtherNames = ['groupBy', 'groupWait', 'groupInterval', 'repeatInterval', 'escalate'] as const

/** One route: which alerts, to whom, by what and when. */
export function RouteFields({ form }: { readonly form: EntryFields<RouteValue> }): ReactElement {
  const say = useSay()
  const may = useMay()
  const { value, at, change, isAsking, isDirty } = form
  const { data } = useAsk('/api/v1/channels', {}, { enabled: may('channels:read') })
  const channels = data?.items.map(({ name }) => name) ?? []
  const isUsed = furtherNames.some((name) => value[name] !== undefined)
  const isSaid = furtherNames.some((name) => at(`/${name}`) !== undefined)
  const [isOpen, setIsOpen] = useState(isUsed)
  const id = useId()
  const matchProblem = at('/match')
  const isFine = isDirty && !isAsking && matchProblem === undefined && value.match !== ''
  useAnnounced(isFine ? say('routing.condition-ok') : undefined)
  return (
    <>
      <div>
        <Textarea label={say('routing.match')} description={say('routing.match-hint')} required autosize minRows={2} maxRows={10} spellCheck={false} styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }} value={value.match ?? ''} error={matchProblem} onChange={(event) => change({ match: event.currentTarget.value })} />
        <Text size="xs" c="dimmed" mih={20}>
          {isFine && `✓ ${say('routing.condition-ok')}`}
        </Text>
        <div className={classes['chips']} role="group" aria-label={say('routing.examples')}>
          {examples.map((example) => (
            <Button key={example} size="compact-sm" variant="default" ff="monospace" fw={400} onClick={() => change({ match: example })}>
              {example}
            </Button>
          ))}
        </div>
      </div>
      <ReceiversField label={say('routing.people')} description={say('routing.people-hint')} required value={value.to} error={at('/to')} onChange={(to) => change({ to })} />
      <ViaField required value={value.via} channels={channels} error={(inside) => at(`/via${inside}`)} onChange={(via) => change({ via })} />
      <ScheduleField value={value.digest} mayBeNow error={at('/digest')} onChange={(digest) => change({ digest })} />
      <Checkbox label={say('routing.stop-label')} checked={value.stop ?? false} onChange={(event) => change({ stop: event.currentTarget.checked || undefined })} />
      <Checkbox label={say('routing.required-label')} checked={value.required ?? false} onChange={(event) => change({ required: event.currentTarget.checked || undefined })} />
      <div>
        <UnstyledButton onClick={() => setIsOpen(!isOpen)} aria-expanded={isOpen || isSaid} aria-controls={id} py={4}>
          <Text size="sm" fw={500} span>
            <span aria-hidden="true">{isOpen || isSaid ? '▾' : '▸'}</span> {say('routing.further')}
          </Text>
        </UnstyledButton>
        <Collapse expanded={isOpen || isSaid} id={id}>
          <Stack gap="sm" pt="sm">
            <TagsInput label={say('routing.group-by')} description={say('routing.group-by-hint')} data={['agent', 'model', 'provider', 'rule', 'kind', 'environment', 'sessionId']} value={[...(value.groupBy ?? [])]} error={at('/groupBy')} onChange={(groupBy) => change({ groupBy: groupBy.length === 0 ? undefined : groupBy })} />
            <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
              <Duration label={say('routing.group-wait')} value={value.groupWait} error={at('/groupWait')} onChange={(groupWait) => change({ groupWait })} />
              <Duration label={say('routing.group-interval')} value={value.groupInterval} error={at('/groupInterval')} onChange={(groupInterval) => change({ groupInterval })} />
            </SimpleGrid>
            <Duration label={say('routing.repeat')} value={value.repeatInterval} error={at('/repeatInterval')} onChange={(repeatInterval) => change({ repeatInterval })} />
            <Steps steps={value.escalate ?? []} channels={channels} at={at} onChange={(escalate) => change({ escalate })} />
          </Stack>
        </Collapse>
      </div>
    </>
  )
}

interface DurationProps {
  readonly label: string
  readonly value: string | undefined
  readonly error: string | undefined
  readonly onChange: (value: string | undefined) => void
}

function Duration({ label, value, error, onChange }: DurationProps): ReactElement {
  const say = useSay()
  return <TextInput label={label} placeholder={say('routing.duration-hint')} value={value ?? ''} error={error} onChange={(event) => onChange(event.currentTarget.value || undefined)} />
}

interface StepsProps {
  readonly steps: readonly Step[]
  readonly channels: readonly string[]
  readonly at: (pointer: string) => string | undefined
  readonly onChange: (steps: Step[] | undefined) => void
}

/** Whom else, one step after the other. */
function Steps({ steps, channels, at, onChange }: StepsProps): ReactElement {
  const say = useSay()
  const put = (next: readonly Step[]): void => onChange(next.length === 0 ? undefined : [...next])
  return (
    <Fieldset legend={say('routing.escalate')}>
      <Stack gap="sm">
        {steps.map((step, index) => {
          const number = index + 1
          const set = (part: Partial<Step>): void => put(steps.map((one, place) => (place === index ? { ...one, ...part } : one)))
          const pointer = `/escalate/${index}`
          return (
            // oxlint-disable-next-line react/no-array-index-key -- a step has no name but its place
            <Fieldset key={index} legend={say('routing.step', { number })} variant="filled">
              <Stack gap="sm">
                <Duration label={say('routing.step-after')} value={step.after} error={at(`${pointer}/after`)} onChange={(after) => set({ after: after ?? '' })} />
                <ReceiversField label={say('routing.people')} value={step.to} error={at(`${pointer}/to`)} onChange={(to) => set({ to })} />
                <ViaField value={step.via} channels={channels} error={(inside) => at(`${pointer}/via${inside}`)} onChange={(via) => set({ via })} />
                <Group justify="flex-end">
                  <Button size="compact-sm" variant="subtle" color="red" aria-label={say('routing.step-remove', { number })} onClick={() => put(steps.filter((_, place) => place !== index))}>
                    {say('act.delete')}
                  </Button>
                </Group>
              </Stack>
            </Fieldset>
          )
        })}
        <div>
          <Button size="xs" variant="default" onClick={() => put([...steps, { after: '15m', to: [] }])}>
            {say('routing.step-add')}
          </Button>
        </div>
      </Stack>
    </Fieldset>
  )
}
