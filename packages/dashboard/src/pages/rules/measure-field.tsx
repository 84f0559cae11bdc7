import { NativeSelect, NumberInput, TextInput, Text } from '@mantine/core'
import { useMemo, type ReactElement } from 'react'
import { Given } from '../../parts/given'
import { useSay } from '../../words/say'
import { ConditionEditor } from './condition-editor'
import { measuredFields } from './event-fields'
import { firstShare, measureOf, measureText, measureWords } from './measure'
import classes from './rules.module.css'

/** What is measured: chosen, or as text where the form does not know it. */
export function MeasureField({ text, change, error }: { readonly text: string; readonly change: (text: string) => void; readonly error: string | undefined }): ReactElement {
  const say = useSay()
  const measure = useMemo(() => measureOf(text), [text])
  if (measure === undefined)
    return (
      <div data-state="text-only">
        <TextInput label={say('rules.measure-text')} value={text} error={error} spellCheck={false} autoComplete="off" onChange={(event) => change(event.currentTarget.value)} styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }} />
        <Text size="sm" c="dimmed" mt={4}>
          <Given>{say('rules.why-measure', { part: text })}</Given>
        </Text>
      </div>
    )
  const { of, field } = measure
  const takesField = of !== 'count' && of !== 'rate' && of !== 'share'
  return (
    <>
      <div className={classes['pair']}>
        <NativeSelect
          label={say('rules.measure')}
          value={of}
          error={of === 'share' ? undefined : error}
          data={measureWords.map((one) => ({ value: one, label: say(`rules.measure-${one}`) }))}
          onChange={(event) => {
            const next = measureWords.find((one) => one === event.currentTarget.value)
            if (next !== undefined) change(measureText({ ...measure, of: next, ...(next === 'share' && { condition: firstShare }) }))
          }}
        />
        {of === 'percentile' && <NumberInput label={say('rules.percentile')} min={50} max={99} allowDecimal={false} clampBehavior="blur" value={measure.percentile} onChange={(next) => void (typeof next === 'number' && next >= 50 && next <= 99 && change(measureText({ ...measure, percentile: next })))} />}
        {takesField && <NativeSelect label={say('rules.measure-of')} value={field} data={[...(measuredFields.includes(field) ? [] : [field]), ...measuredFields]} onChange={(event) => change(measureText({ ...measure, field: event.currentTarget.value }))} />}
      </div>
      {of === 'share' && <ConditionEditor label={say('rules.conditions-share')} text={measure.condition} error={error} change={(condition) => change(measureText({ ...measure, condition }))} />}
    </>
  )
}
