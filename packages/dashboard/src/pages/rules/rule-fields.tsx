import { Autocomplete, NativeSelect, Switch, TagsInput } from '@mantine/core'
import type { ReactElement } from 'react'
import type { EntryFields } from '../../parts/entry-form'
import { useSay } from '../../words/say'
import { ConditionEditor } from './condition-editor'
import { groupFields } from './event-fields'
import { FormFields, hintsBelow } from './form-fields'
import { MoreFields } from './more-fields'
import classes from './rules.module.css'
import { formOf, ruleForms, severities, withForm, type OwnRule } from './rule-value'

const eventTypes = ['session.start', 'session.end', 'llm.call', 'llm.pending', 'llm.usage', 'tool.call', 'agent.step', 'approval.request', 'custom', 'session.*']

/** A rule of one's own: what it looks at, when it fires, how it is told. */
export function RuleFields(fields: EntryFields<OwnRule>): ReactElement {
  const say = useSay()
  const { value, put, change, at } = fields
  const form = formOf(value)
  return (
    <>
      <Switch label={say('rules.on')} withThumbIndicator={false} checked={value.enabled !== false} error={at('/enabled')} onChange={(event) => change({ enabled: event.currentTarget.checked ? undefined : false })} />
      <div className={classes['pair']}>
        <NativeSelect
          label={say('rules.form')}
          value={form}
          data={ruleForms.map((one) => ({ value: one, label: say(`rules.form-${one}`) }))}
          onChange={(event) => {
            const next = ruleForms.find((one) => one === event.currentTarget.value)
            if (next !== undefined) put(withForm(value, next))
          }}
        />
        <Autocomplete inputWrapperOrder={hintsBelow} label={say('rules.event')} description={say('rules.event-hint')} required value={value.on} data={eventTypes} error={at('/on')} onChange={(on) => change({ on })} />
      </div>
      <ConditionEditor label={say('rules.conditions')} text={value.when ?? ''} error={at('/when')} change={(when) => change({ when: when === '' ? undefined : when })} />
      <FormFields {...fields} form={form} />
      <div className={classes['pair']}>
        <TagsInput inputWrapperOrder={hintsBelow} label={say('rules.group-by')} description={say('rules.group-hint')} value={[...(value.groupBy ?? [])]} data={[...groupFields]} error={at('/groupBy')} onChange={(groupBy) => change({ groupBy: groupBy.length === 0 ? undefined : groupBy })} />
        <NativeSelect
          label={say('rules.severity')}
          value={value.severity ?? 'warning'}
          data={severities.map((one) => ({ value: one, label: say(`severity.${one}`) }))}
          error={at('/severity')}
          onChange={(event) => change({ severity: severities.find((one) => one === event.currentTarget.value) })}
        />
      </div>
      <MoreFields {...fields} form={form} />
    </>
  )
}
