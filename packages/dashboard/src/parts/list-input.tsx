import { TextInput } from '@mantine/core'
import { useState, type ReactElement } from 'react'
import { useSay } from '../words/say'

interface ListInputProps<T> {
  readonly label: string
  readonly description?: string
  readonly value: readonly T[]
  readonly show: (one: T) => string
  /** `undefined`: it is none. */
  readonly read: (text: string) => T | undefined
  readonly error?: string | undefined
  readonly onChange: (value: readonly T[]) => void
}

/** Several values with commas between them. What cannot be read stays as it was typed, and is named. */
export function ListInput<T>({ label, description, value, show, read, error, onChange }: ListInputProps<T>): ReactElement {
  const say = useSay()
  const [typed, setTyped] = useState<{ readonly text: string; readonly over: string }>()
  const written = value.map(show).join(', ')
  // It holds over the value in which it was typed: whoever discards that gets what is written.
  const text = typed?.over === written ? typed.text : written
  const parts = split(text)
  const wrong = parts.find((part) => read(part) === undefined)
  return (
    <TextInput
      label={label}
      description={description}
      value={text}
      error={wrong === undefined ? error : say('list.wrong', { text: wrong })}
      onChange={(event) => {
        const next = event.currentTarget.value
        const values = split(next).map(read)
        const areRead = values.every((one) => one !== undefined)
        setTyped({ text: next, over: areRead ? values.map(show).join(', ') : written })
        if (areRead) onChange(values)
      }}
      onBlur={() => wrong === undefined && setTyped(undefined)}
    />
  )
}

function split(text: string): readonly string[] {
  return text.split(/[,，、;\s]+/).filter((part) => part !== '')
}
