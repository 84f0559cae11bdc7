import { NativeSelect, NumberInput, TextInput } from '@mantine/core'
import type { ReactElement } from 'react'
import type { EntryFields } from '../../parts/entry-form'
import { useSay } from '../../words/say'
import { MeasureField } from './measure-field'
import type { OwnRule, RuleForm } from './rule-value'
import classes from './rules.module.css'

type Texts = 'for' | 'window' | 'absent' | 'since' | 'every' | 'quiet' | 'again' | 'owner' | 'runbook'
type Numbers = 'until' | 'least' | 'impact' | 'impactShare' | 'groupsMax'

interface TextProps {
  readonly of: Texts
  readonly label: string
  readonly hint: string
  readonly fields: EntryFields<OwnRule>
  readonly required?: boolean
}

/** Fields beside each other stand in one line, whatever is said of them. */
export const hintsBelow: ('label' | 'input' | 'description' | 'error')[] = ['label', 'input', 'description', 'error']

/** A text of a rule: empty, it is not there. */
export function TextOf({ of, label, hint, fields: { value, change, at }, required = false }: TextProps): ReactElement {
  return <TextInput inputWrapperOrder={hintsBelow} label={label} description={hint} required={required} autoComplete="off" value={value[of] ?? ''} error={at(`/${of}`)} onChange={(event) => change({ [of]: event.currentTarget.value === '' && !required ? undefined : event.currentTarget.value })} />
}

/** A number of a rule: empty, it is not there. */
export function NumberOf({ of, label, hint, fields: { value, change, at } }: { readonly of: Numbers; readonly label: string; readonly hint?: string; readonly fields: EntryFields<OwnRule> }): ReactElement {
  return <NumberInput inputWrapperOrder={hintsBelow} label={label} {...(hint !== undefined && { description: hint })} min={0} value={value[of] ?? ''} error={at(`/${of}`)} onChange={(next) => change({ [of]: typeof next === 'number' ? next : undefined })} />
}

/** What only this form has. */
export function FormFields({ form, ...fields }: EntryFields<OwnRule> & { readonly form: RuleForm }): ReactElement {
  const say = useSay()
  const { value, change, at } = fields
  switch (form) {
    case 'match':
      return <TextOf of="quiet" label={say('rules.quiet')} hint={say('rules.quiet-hint')} fields={fields} />
    case 'absence':
      return (
        <div className={classes['pair']}>
          <TextOf of="absent" label={say('rules.absent')} hint={say('rules.absent-hint')} fields={fields} required />
          <TextOf of="since" label={say('rules.since')} hint={say('rules.since-hint')} fields={fields} />
        </div>
      )
    case 'anomaly':
      return (
        <>
          <MeasureField text={value.anomaly ?? ''} error={at('/anomaly')} change={(anomaly) => change({ anomaly })} />
          <div className={classes['pair']}>
            <TextOf of="every" label={say('rules.interval')} hint={say('rules.interval-hint')} fields={fields} />
            <NumberOf of="impact" label={say('rules.impact')} hint={say('rules.impact-hint')} fields={fields} />
            <NumberOf of="impactShare" label={say('rules.impact-share')} hint={say('rules.impact-share-hint')} fields={fields} />
          </div>
        </>
      )
    case 'threshold':
      return <ThresholdFields {...fields} />
  }
}

function ThresholdFields(fields: EntryFields<OwnRule>): ReactElement {
  const say = useSay()
  const { value, change, at } = fields
  const isBelow = value.below !== undefined && value.above === undefined
  const limit = isBelow ? value.below : value.above
  const put = (next: number | undefined, below: boolean): void => change(below ? { below: next, above: undefined } : { above: next, below: undefined })
  return (
    <>
      <MeasureField text={value.measure ?? ''} error={at('/measure')} change={(measure) => change({ measure })} />
      <div className={classes['pair']}>
        <NativeSelect label={say('rules.way')} value={isBelow ? 'below' : 'above'} data={(['above', 'below'] as const).map((one) => ({ value: one, label: say(`rules.way-${one}`) }))} onChange={(event) => put(limit, event.currentTarget.value === 'below')} />
        <NumberInput label={say('rules.limit')} required min={0} decimalScale={9} value={limit ?? ''} error={[at('/above'), at('/below')].find((one) => one !== undefined)} onChange={(next) => put(typeof next === 'number' ? next : undefined, isBelow)} />
        <TextOf of="window" label={say('rules.window')} hint={say('rules.window-hint')} fields={fields} />
        <TextOf of="for" label={say('rules.for')} hint={say('rules.for-hint')} fields={fields} />
      </div>
    </>
  )
}
