import { Autocomplete, Button, Checkbox, Group, Popover, Stack, TextInput } from '@mantine/core'
import { useEffect, useRef, useState, type ReactElement, type ReactNode } from 'react'
import { useKeys } from '../keys/keys'
import { useSay } from '../words/say'
import { listed } from '../words/sentences'

/** So long after the last letter the list is asked anew. */
const settledMs = 300

interface FiltersProps {
  readonly children: ReactNode
  /** How many of them pass only some rows. */
  readonly count: number
  readonly clear: () => void
}

/** The filters above a list; `/` leads into the first of them that takes text. */
export function Filters({ children, count, clear }: FiltersProps): ReactElement {
  const say = useSay()
  const bar = useRef<HTMLDivElement>(null)
  useKeys([{ keys: '/', word: 'keys.filter', group: 'list', run: () => bar.current?.querySelector('input')?.focus() }])
  return (
    <Group gap={6} mb="sm" ref={bar} role="search">
      {children}
      {count > 0 && (
        <Button size="xs" variant="subtle" onClick={clear}>
          {say('state.clear-filters', { count })}
        </Button>
      )}
    </Group>
  )
}

interface TextFilterProps {
  readonly label: string
  readonly value: string
  readonly change: (value: string) => void
  /** What may be meant: such as names that stand in the list. */
  readonly known?: readonly string[]
  readonly width?: number
}

/** A filter that is typed: the list follows when one pauses. */
export function TextFilter({ label, value, change, known, width = 180 }: TextFilterProps): ReactElement {
  const [typed, setTyped] = useState(value)
  const sent = useRef(value)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  useEffect(() => {
    // Changed elsewhere: by a link, by the way back, or cleared.
    if (value !== sent.current) setTyped(value)
    sent.current = value
  }, [value])
  useEffect(() => () => clearTimeout(timer.current), [])
  const type = (text: string): void => {
    setTyped(text)
    clearTimeout(timer.current)
    timer.current = setTimeout(() => {
      sent.current = text.trim()
      change(text.trim())
    }, settledMs)
  }
  const field = { size: 'xs', w: width, 'aria-label': label, placeholder: label, value: typed, maxLength: 200 } as const
  return known === undefined ? <TextInput {...field} onChange={(event) => type(event.currentTarget.value)} /> : <Autocomplete {...field} data={[...known]} onChange={type} limit={20} />
}

interface ChoiceFilterProps<Choice extends string> {
  readonly label: string
  readonly choices: readonly { readonly value: Choice; readonly label: string }[]
  /** With commas, as it stands in the address; empty: all. */
  readonly value: string
  readonly change: (value: string) => void
}

/** A filter of a few words, of which several may be chosen. */
export function ChoiceFilter<Choice extends string>({ label, choices, value, change }: ChoiceFilterProps<Choice>): ReactElement {
  const say = useSay()
  const chosen = value === '' ? [] : value.split(',')
  const names = choices.filter((choice) => chosen.includes(choice.value)).map((choice) => choice.label)
  return (
    <Popover position="bottom-start" shadow="md" trapFocus returnFocus withinPortal>
      <Popover.Target>
        <Button size="xs" variant={chosen.length > 0 ? 'light' : 'default'} rightSection={<span aria-hidden="true">▾</span>} maw={280}>
          {names.length === 0 ? label : say('state.named', { name: label, text: listed(names) })}
        </Button>
      </Popover.Target>
      <Popover.Dropdown p="sm" aria-label={label}>
        <Checkbox.Group value={chosen} onChange={(values) => change(choices.filter((choice) => values.includes(choice.value)).map((choice) => choice.value).join(','))} aria-label={label}>
          <Stack gap={10}>
            {choices.map((choice) => (
              <Checkbox key={choice.value} size="xs" value={choice.value} label={choice.label} />
            ))}
          </Stack>
        </Checkbox.Group>
      </Popover.Dropdown>
    </Popover>
  )
}
