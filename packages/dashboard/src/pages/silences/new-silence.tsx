import { Alert, Button, Grid, Group, Stack, Text, Textarea, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useEffect, useRef, useState, type FormEvent, type ReactElement } from 'react'
import { useChanged } from '../../api/ask'
import { api, ProblemError } from '../../api/client'
import { useMay, useRole } from '../../api/me'
import { useAddress } from '../../app/address'
import { PageLink } from '../../app/page-link'
import { useProject } from '../../app/project'
import { useKeys } from '../../keys/keys'
import { ActButton } from '../../parts/act-button'
import { useAmounts } from '../../parts/amounts'
import { Card } from '../../parts/card'
import { saidAt } from '../../parts/entry-draft'
import { dropDraft, keepDraft, keptDraft } from '../../parts/kept-drafts'
import { instantOf, knownZone, localTextOf } from '../../parts/local-time'
import { said } from '../../parts/said'
import { useTell } from '../../parts/toasts'
import { useUnsavedGuard } from '../../parts/unsaved'
import { useLocale, useSay } from '../../words/say'
import { PreviewCard, usePreview } from './preview'

interface Typed {
  readonly match: string
  /** Instants, whatever zone they are typed in; empty: now. */
  readonly from: string
  readonly until: string
  readonly comment: string
}

const hourMs = 3_600_000
const spans = { '1h': hourMs, '4h': 4 * hourMs, '1d': 24 * hourMs, '7d': 168 * hourMs } as const
const examples = ["alert.environment == 'staging'", "alert.rule == 'session-failed'", "alert.agent == 'refund-bot'", "alert.severity == 'info'"]

/** A new silence, and beside it what it would have hidden. */
export function NewSilence(): ReactElement {
  const say = useSay()
  const may = useMay()
  const role = useRole()
  const teller = useTell()
  const changed = useChanged()
  const project = useProject()
  const amounts = useAmounts()
  const { timezone } = useLocale()
  const [address, setAddress] = useAddress({ new: '', match: '' })
  const key = `${project} /api/v1/silences `
  const [kept] = useState(() => keptDraft(key))
  const [first] = useState((): Typed => ({ match: address.match, from: '', until: new Date(Date.now() + hourMs).toISOString(), comment: '' }))
  // Reason for the cast: it was kept under this key, below.
  const [typed, setTyped] = useState<Typed>((kept?.value as Typed | undefined) ?? first)
  const isTyped = Object.entries(first).some(([name, value]) => Reflect.get(typed, name) !== value)
  const [isRestored, setIsRestored] = useState(kept !== undefined)
  const isMade = useRef(false)
  const latest = useRef<Typed | undefined>(undefined)
  latest.current = isTyped && !isMade.current ? typed : undefined
  useUnsavedGuard(isTyped)
  useEffect(
    () => () => {
      if (latest.current === undefined) dropDraft(key)
      else keepDraft(key, { name: '', value: latest.current })
    },
    [key],
  )
  const reason = may('silences:write') ? undefined : say('silences.may-not', { role: say(`role.${role ?? 'viewer'}`) })
  const preview = usePreview(typed.match, reason === undefined)
  const back = (): void => setAddress({ new: '', match: '' })
  useKeys([{ keys: 'Esc', word: 'keys.back', group: 'page', run: back }])
  const make = useMutation({
    mutationFn: async () => api.POST('/api/v1/silences', { body: { match: typed.match, untilMs: msOf(typed.until), comment: typed.comment, ...(typed.from !== '' && { fromMs: msOf(typed.from) }) } }),
    onSuccess: async () => {
      isMade.current = true
      latest.current = undefined
      teller.tell({ text: say('silences.made', { time: amounts.time(msOf(typed.until)) }) })
      await changed('/api/v1/silences')
      back()
    },
  })
  const form = useRef<HTMLFormElement>(null)
  useEffect(() => {
    if (make.error !== null) form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus()
  }, [make.error])
  const places = [...(make.error instanceof ProblemError ? make.error.places : []), ...(preview.isBehind ? [] : (preview.error?.places ?? []))]
  const change = (part: Partial<Typed>): void => {
    make.reset()
    setTyped((known) => ({ ...known, ...part }))
  }
  const discard = (): void => {
    make.reset()
    setTyped(first)
    setIsRestored(false)
  }
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (reason === undefined && !make.isPending) make.mutate()
  }
  return (
    <Grid gap="md">
      <Grid.Col span={{ base: 12, md: 7 }}>
        <Card title={say('silences.new')} beside={<PageLink size="sm" to="/silences">{say('silences.back')}</PageLink>}>
          <form ref={form} onSubmit={submit} noValidate>
            <Stack gap="md">
              {isRestored && isTyped && (
                <Alert color="blue" variant="light" role="note" data-state="restored">
                  <Group justify="space-between">
                    <Text size="sm">{say('silences.restored')}</Text>
                    <Button size="xs" variant="default" onClick={discard}>
                      {say('entry.discard')}
                    </Button>
                  </Group>
                </Alert>
              )}
              {make.error !== null && (
                <Alert color="red" variant="light" role="alert" title={say('silences.not-made')}>
                  <Text size="sm">{make.error instanceof ProblemError && make.error.places.length > 0 ? say('entry.see-below') : said(make.error)}</Text>
                </Alert>
              )}
              <div>
                <Textarea label={say('silences.match')} description={say('silences.match-hint')} required autosize minRows={2} maxRows={8} spellCheck={false} styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }} value={typed.match} error={saidAt(places, '/match')} onChange={(event) => change({ match: event.currentTarget.value })} />
                <Group gap={6} mt={6} role="group" aria-label={say('silences.examples')}>
                  {examples.map((example) => (
                    <Button key={example} size="compact-sm" variant="default" ff="monospace" fw={400} onClick={() => change({ match: example })}>
                      {example}
                    </Button>
                  ))}
                </Group>
              </div>
              <Group grow align="flex-start" gap="sm">
                <TextInput type="datetime-local" label={say('silences.from')} description={say('silences.from-hint', { zone: knownZone(timezone) })} inputWrapperOrder={['label', 'input', 'description', 'error']} value={localTextOf(typed.from, timezone)} error={saidAt(places, '/fromMs')} onChange={(event) => change({ from: instantOf(event.currentTarget.value, timezone) })} />
                <TextInput type="datetime-local" label={say('silences.until-label')} required value={localTextOf(typed.until, timezone)} error={saidAt(places, '/untilMs')} onChange={(event) => change({ until: instantOf(event.currentTarget.value, timezone) })} />
              </Group>
              <Group gap={6} role="group" aria-label={say('silences.quick')}>
                {(Object.keys(spans) as (keyof typeof spans)[]).map((span) => (
                  <Button key={span} size="compact-sm" variant="default" onClick={() => change({ until: new Date((msOf(typed.from) || Date.now()) + spans[span]).toISOString() })}>
                    {say(`silences.for-${span}`)}
                  </Button>
                ))}
              </Group>
              <TextInput label={say('silences.comment')} description={say('silences.comment-hint')} required maxLength={500} value={typed.comment} error={saidAt(places, '/comment')} onChange={(event) => change({ comment: event.currentTarget.value })} />
              <Group>
                <ActButton type="submit" reason={reason} loading={make.isPending}>
                  {say('silences.create')}
                </ActButton>
                <Button
                  variant="default"
                  onClick={() => {
                    discard()
                    back()
                  }}
                >
                  {say('act.cancel')}
                </Button>
              </Group>
            </Stack>
          </form>
        </Card>
      </Grid.Col>
      <Grid.Col span={{ base: 12, md: 5 }}>
        <PreviewCard match={typed.match} preview={preview} />
      </Grid.Col>
    </Grid>
  )
}

/** The server says what is wrong with a time that is none. */
function msOf(text: string): number {
  const ms = new Date(text).getTime()
  return Number.isNaN(ms) ? 0 : ms
}
