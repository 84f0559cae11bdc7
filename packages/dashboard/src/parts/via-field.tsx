import { Group, MultiSelect, Select, TextInput } from '@mantine/core'
import type { ReactElement } from 'react'
import { useSay } from '../words/say'

/** As it is written: all of them, or one after the other. */
/** As it is written in the configuration. */
export type Via = string[] | { first: string[]; after?: string }

interface ViaFieldProps {
  readonly value: Via | undefined
  readonly channels: readonly string[]
  readonly required?: boolean
  readonly error: (pointer: string) => string | undefined
  readonly onChange: (via: Via) => void
}

/** By which channels: in the order in which they were chosen. */
export function ViaField({ value = [], channels, required = false, error, onChange }: ViaFieldProps): ReactElement {
  const say = useSay()
  const first = isFirst(value)
  const names = [...(first ? value.first : value)]
  const put = (next: string[], inTurn: boolean, after?: string): void => onChange(inTurn ? { first: next, ...(after !== undefined && after !== '' && { after }) } : next)
  const after = first ? value.after : undefined
  return (
    <>
      <MultiSelect label={say('told.via')} required={required} data={[...new Set([...channels, ...names])]} value={names} error={error(first ? '/first' : '') ?? error('/first')} searchable hidePickedOptions onChange={(next) => put(next, first, after)} />
      {(names.length > 1 || first) && (
        <Group gap="sm" align="flex-start" grow>
          <Select
            label={say('told.via-how')}
            allowDeselect={false}
            data={[
              { value: 'all', label: say('told.via-all') },
              { value: 'first', label: say('told.via-first') },
            ]}
            value={first ? 'first' : 'all'}
            onChange={(next) => put(names, next === 'first', after)}
          />
          {first && <TextInput label={say('told.after')} description={say('told.after-hint')} inputWrapperOrder={['label', 'input', 'description', 'error']} value={after ?? ''} error={error('/after')} onChange={(event) => put(names, true, event.currentTarget.value)} />}
        </Group>
      )}
    </>
  )
}

function isFirst(via: Via): via is Exclude<Via, string[]> {
  return !Array.isArray(via)
}
