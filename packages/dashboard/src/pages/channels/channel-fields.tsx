import { Button, Checkbox, Collapse, Group, Input, NumberInput, PasswordInput, Stack, Text, Textarea, TextInput, UnstyledButton } from '@mantine/core'
import { useId, useState, type ReactElement, type ReactNode } from 'react'
import type { Item } from '../../api/ask'
import type { EntryFields } from '../../parts/entry-form'
import { useSay } from '../../words/say'
import { inline } from '../../parts/marked'
import { listOf, listText, pairsOf, pairsText } from './typed'

export type ChannelType = Item<'/api/v1/channel-types'>
type Field = ChannelType['fields'][number]
/** As it is written: which settings there are, its kind declares. */
export type ChannelValue = Readonly<Record<string, unknown>> & { readonly type: string }

/** What the server puts in the place of a secret; sent back, the secret stays as it is. */
const kept = { secret: true, set: true }
const isKept = (value: unknown): boolean => JSON.stringify(value) === JSON.stringify(kept)

/** The settings that a kind of channel declares, in its order: what is needed and what is secret first, the rest on demand. */
export function ChannelFields({ type, form }: { readonly type: ChannelType; readonly form: EntryFields<ChannelValue> }): ReactElement {
  const say = useSay()
  const { value, at, change } = form
  const isFirst = (field: Field): boolean => field.required || field.secret
  const first = type.fields.filter(isFirst)
  const rest = type.fields.filter((field) => !isFirst(field))
  const ownMembers = ['concurrency', 'rate']
  const isSaid = [...rest.map(({ name }) => name), ...ownMembers].some((name) => at(`/${name}`) !== undefined)
  const isUsed = [...rest.map(({ name }) => name), ...ownMembers].some((name) => value[name] !== undefined)
  const [isOpen, setIsOpen] = useState(isUsed)
  const id = useId()
  return (
    <>
      {first.map((field) => (
        <OneField key={field.name} field={field} form={form} />
      ))}
      <div>
        <UnstyledButton onClick={() => setIsOpen(!isOpen)} aria-expanded={isOpen || isSaid} aria-controls={id} py={4}>
          <Text size="sm" fw={500} span>
            <span aria-hidden="true">{isOpen || isSaid ? '▾' : '▸'}</span> {say('channels.optional')}
          </Text>
        </UnstyledButton>
        <Collapse expanded={isOpen || isSaid} id={id}>
          <Stack gap="md" pt="sm">
            {rest.map((field) => (
              <OneField key={field.name} field={field} form={form} />
            ))}
            <NumberInput label={say('channels.concurrency')} description={say('channels.concurrency-hint')} min={1} max={100} allowDecimal={false} value={numberOf(value['concurrency'])} error={at('/concurrency')} onChange={(given) => change({ concurrency: given === '' ? undefined : given })} />
            <TextInput label={say('channels.rate')} description={say('channels.rate-hint')} value={textOf(value['rate'])} error={at('/rate')} onChange={(event) => change({ rate: event.currentTarget.value || undefined })} />
          </Stack>
        </Collapse>
      </div>
    </>
  )
}

function OneField({ field, form }: { readonly field: Field; readonly form: EntryFields<ChannelValue> }): ReactElement {
  const say = useSay()
  const { value, at, change } = form
  const { name, label, hint, required, kind, secret } = field
  const given = value[name]
  const put = (next: unknown): void => change({ [name]: next })
  const about = {
    label: inline(label),
    required,
    error: at(`/${name}`),
    description: (hint !== undefined || field.default !== undefined) && (
      <>
        {hint !== undefined && inline(hint)}
        {field.default !== undefined && typeof field.default !== 'boolean' && <> {say('channels.default', { value: String(field.default) })}</>}
      </>
    ),
  }
  if (secret) return <Secret field={field} form={form} />
  if (kind === 'boolean') return <Checkbox label={about.label} description={about.description} error={about.error} checked={given === undefined ? field.default === true : given === true} onChange={(event) => put(event.currentTarget.checked === (field.default === true) ? undefined : event.currentTarget.checked)} />
  if (kind === 'number') return <NumberInput {...about} value={numberOf(given)} allowDecimal={false} onChange={(next) => put(next === '' ? undefined : next)} />
  if (kind === 'list') return <Typed {...about} says={say('channels.list-hint')} shown={listText} read={listOf} value={given} onChange={put} />
  if (kind === 'pairs') return <Typed {...about} says={say('channels.pairs-hint')} shown={pairsText} read={pairsOf} value={given} onChange={put} />
  return <TextInput {...about} value={textOf(given)} autoComplete="off" onChange={(event) => put(event.currentTarget.value || undefined)} />
}

/** Written only: what is set is never read back, stays where nothing is done, and is replaced on purpose. */
function Secret({ field, form }: { readonly field: Field; readonly form: EntryFields<ChannelValue> }): ReactElement {
  const say = useSay()
  const { value, at, change } = form
  const { name, label, hint, required, kind } = field
  const given = value[name]
  const [wasKept] = useState(() => isKept(given))
  const id = useId()
  const put = (next: unknown): void => change({ [name]: next })
  const error = at(`/${name}`)
  const description = hint === undefined ? undefined : inline(hint)
  if (isKept(given)) {
    return (
      <div role="group" aria-labelledby={id}>
        <Input.Label component="div" id={id}>
          {inline(label)}
        </Input.Label>
        <Group gap="xs">
          <Text size="sm" c="dimmed">
            {say('channels.kept')}
          </Text>
          <Button size="compact-sm" variant="default" onClick={() => put('')}>
            {say('channels.replace')}
          </Button>
        </Group>
        {error !== undefined && (
          <Text size="xs" c="red" role="alert">
            {error}
          </Text>
        )}
      </div>
    )
  }
  const back = wasKept && (
    <Button size="compact-sm" variant="subtle" mt={4} onClick={() => put(kept)}>
      {say('channels.keep')}
    </Button>
  )
  if (kind === 'pairs')
    return (
      <div>
        <Typed label={inline(label)} description={description} required={required} error={error} says={say('channels.pairs-hint')} shown={pairsText} read={pairsOf} value={given} onChange={put} />
        {back}
      </div>
    )
  return (
    <div>
      <PasswordInput
        label={inline(label)}
        description={description}
        required={required}
        error={error}
        value={textOf(given)}
        aria-invalid={error !== undefined}
        // A browser's own store of passwords is not for this.
        autoComplete="new-password"
        data-1p-ignore
        autoFocus={wasKept}
        visibilityToggleButtonProps={{ 'aria-label': say('channels.show-secret') }}
        onChange={(event) => put(event.currentTarget.value || (wasKept ? '' : undefined))}
      />
      {back}
    </div>
  )
}

interface TypedProps {
  readonly label: ReactNode
  readonly description: ReactNode
  readonly required: boolean
  readonly error: string | undefined
  readonly says: string
  /** As it would be written, and what is read out of that. */
  readonly shown: (value: unknown) => string
  readonly read: (text: string) => unknown
  readonly value: unknown
  readonly onChange: (value: unknown) => void
}

/** What is read out of lines: the text stays as it is typed for as long as it means the value, which others change too: such as who discards what was typed. */
function Typed({ shown, read, value, onChange, says, description, ...about }: TypedProps): ReactElement {
  const text = shown(value)
  const [typed, setTyped] = useState(text)
  return (
    <Textarea
      {...about}
      description={
        <>
          {description} {says}
        </>
      }
      autosize
      minRows={1}
      maxRows={8}
      value={shown(read(typed)) === text ? typed : text}
      onChange={(event) => {
        setTyped(event.currentTarget.value)
        onChange(read(event.currentTarget.value))
      }}
    />
  )
}

function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}

function numberOf(value: unknown): number | string {
  return typeof value === 'number' || typeof value === 'string' ? value : ''
}
