import { Autocomplete, CloseButton, NativeSelect, TagsInput, TextInput } from '@mantine/core'
import { useState, type ReactElement } from 'react'
import { useSay } from '../../words/say'
import { isNumber, operatorsOf, type Operator, type Row } from './conditions'
import { eventFields, knownValues, typeOfField } from './event-fields'
import classes from './rules.module.css'

type Said = Pick<Row, 'field' | 'operator' | 'values'>

interface ConditionRowProps {
  readonly row: Row
  readonly number: number
  readonly change: (next: Said) => void
  readonly remove: () => void
}

const maps = ['tags', 'detail'] as const
const fields = Object.entries(eventFields).flatMap(([name, type]) => (type === 'map' ? [] : [name]))

/** One comparison: a field, how, and with what. */
export function ConditionRow({ row, number, change, remove }: ConditionRowProps): ReactElement {
  const say = useSay()
  const { field, operator, values } = row
  const map = maps.find((name) => field.startsWith(`${name}.`))
  const type = typeOfField(field) ?? 'string'
  const choose = (next: string): void => {
    const isMap = maps.some((name) => name === next)
    const chosen = isMap ? `${next}.team` : next
    const nextType = typeOfField(chosen) ?? 'string'
    change({ field: chosen, ...(nextType === type ? fitting(operator, values, nextType) : nextType === 'double' ? { operator: 'above', values: ['0'] } : { operator: 'is', values: [knownValues[chosen]?.at(-1) ?? ''] }) })
  }
  return (
    <div className={classes['condition']} data-condition={number}>
      <NativeSelect size="xs" className={classes['field'] ?? ''} aria-label={say('rules.field', { number })} value={map ?? field} data={[...fields.map((name) => ({ value: name, label: name })), ...maps.map((name) => ({ value: name, label: `${name}.…` }))]} onChange={(event) => choose(event.currentTarget.value)} />
      {map !== undefined && <KeyName map={map} name={field.slice(map.length + 1)} label={say('rules.key', { field: map, number })} change={(name) => change({ field: `${map}.${name}`, operator, values })} />}
      <NativeSelect
        size="xs"
        className={classes['operator'] ?? ''}
        aria-label={say('rules.operator', { number })}
        value={operator}
        data={operatorsOf[type].map((one) => ({ value: one, label: say(`rules.op-${one}`) }))}
        onChange={(event) => {
          const next = operatorsOf[type].find((one) => one === event.currentTarget.value)
          if (next !== undefined) change({ field, ...fitting(next, values, type) })
        }}
      />
      <Value row={row} type={type} label={say('rules.value', { number })} change={(next) => change({ field, operator, values: next })} />
      <CloseButton size="sm" className={classes['remove'] ?? ''} aria-label={say('rules.remove', { number })} onClick={remove} />
    </div>
  )
}

function fitting(operator: Operator, values: readonly string[], type: 'string' | 'double'): Pick<Row, 'operator' | 'values'> {
  if (operator === 'known' || operator === 'unknown') return { operator, values: [] }
  const first = type === 'double' ? '0' : ''
  return { operator, values: operator === 'one-of' ? values : [values[0] ?? first] }
}

interface ValueProps {
  readonly row: Row
  readonly type: 'string' | 'double'
  readonly label: string
  readonly change: (values: readonly string[]) => void
}

function Value({ row: { field, operator, values }, type, label, change }: ValueProps): ReactElement | null {
  const common = { size: 'xs', className: classes['value'] ?? '', 'aria-label': label } as const
  if (operator === 'known' || operator === 'unknown') return <span className={classes['value']} />
  const known = [...(knownValues[field] ?? [])]
  if (operator === 'one-of') return <Values {...common} values={values} known={known} isNumeric={type === 'double'} change={change} />
  if (type === 'double') return <NumberText {...common} value={values[0] ?? ''} change={(value) => change([value])} />
  return known.length > 0 ? <Autocomplete {...common} value={values[0] ?? ''} data={known} onChange={(value) => change([value])} /> : <TextInput {...common} value={values[0] ?? ''} autoComplete="off" onChange={(event) => change([event.currentTarget.value])} />
}

interface ValuesProps {
  readonly values: readonly string[]
  readonly known: readonly string[]
  readonly isNumeric: boolean
  readonly change: (values: readonly string[]) => void
  readonly size: 'xs'
  readonly className: string
  readonly 'aria-label': string
}

/** Several values; of numbers, what is none stays out, and that is said. */
function Values({ values, known, isNumeric, change, ...rest }: ValuesProps): ReactElement {
  const say = useSay()
  const [isWrong, setIsWrong] = useState(false)
  const take = (next: readonly string[]): void => {
    const fit = isNumeric ? next.filter(isNumber) : next
    setIsWrong(fit.length < next.length)
    change(fit)
  }
  return <TagsInput {...rest} value={[...values]} data={[...known]} error={isWrong && say('rules.number')} onChange={take} />
}

/** As it is typed; only what is a number goes into the text. */
function NumberText({ value, change, ...rest }: { readonly value: string; readonly change: (value: string) => void; readonly size: 'xs'; readonly className: string; readonly 'aria-label': string }): ReactElement {
  const say = useSay()
  const [typed, setTyped] = useState<string>()
  return (
    <TextInput
      {...rest}
      inputMode="decimal"
      autoComplete="off"
      value={typed ?? value}
      error={typed === undefined ? undefined : say('rules.number')}
      onChange={(event) => {
        const next = event.currentTarget.value.trim()
        if (isNumber(next)) change(next)
        setTyped(isNumber(next) ? undefined : event.currentTarget.value)
      }}
      onBlur={() => setTyped(undefined)}
    />
  )
}

/** Of a tag: it is none while it is empty. */
function KeyName({ map, name, label, change }: { readonly map: string; readonly name: string; readonly label: string; readonly change: (name: string) => void }): ReactElement {
  const [isEmpty, setIsEmpty] = useState(false)
  return (
    <TextInput
      size="xs"
      className={classes['key'] ?? ''}
      aria-label={label}
      leftSection={<span aria-hidden="true">.</span>}
      leftSectionWidth={16}
      value={isEmpty ? '' : name}
      data-map={map}
      onChange={(event) => {
        const next = event.currentTarget.value
        setIsEmpty(next === '')
        if (next !== '') change(next)
      }}
      onBlur={() => setIsEmpty(false)}
    />
  )
}
