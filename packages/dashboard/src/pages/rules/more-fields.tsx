import { NativeSelect, Stack } from '@mantine/core'
import { useState, type ReactElement } from 'react'
import type { EntryFields } from '../../parts/entry-form'
import { useSay } from '../../words/say'
import { NumberOf, TextOf } from './form-fields'
import { kinds, type OwnRule, type RuleForm } from './rule-value'
import classes from './rules.module.css'

const members = ['kind', 'again', 'until', 'least', 'noData', 'groupsMax', 'runbook', 'owner'] as const
const noDatas = ['zero', 'last', 'notify'] as const

/** What most rules go without. */
export function MoreFields({ form, ...fields }: EntryFields<OwnRule> & { readonly form: RuleForm }): ReactElement {
  const say = useSay()
  const { value, change, at } = fields
  const isSaid = members.some((name) => at(`/${name}`) !== undefined)
  const [isOpen, setIsOpen] = useState(members.some((name) => value[name] !== undefined))
  return (
    // What a form that is read-only shows can be opened all the same: no button, which it would disable.
    <details open={isOpen || isSaid} onToggle={(event) => setIsOpen(event.currentTarget.open)}>
      <summary className={classes['more']}>{say('rules.more')}</summary>
      <Stack gap="md" pt="sm">
        {form === 'threshold' && (
          <div className={classes['pair']}>
            <NumberOf of="until" label={say('rules.until')} hint={say('rules.until-hint')} fields={fields} />
            <NumberOf of="least" label={say('rules.least')} hint={say('rules.least-hint')} fields={fields} />
            <NativeSelect
              label={say('rules.no-data')}
              value={value.noData ?? ''}
              error={at('/noData')}
              data={[{ value: '', label: say('rules.no-data-default') }, ...noDatas.map((one) => ({ value: one, label: say(`rules.no-data-${one}`) }))]}
              onChange={(event) => change({ noData: noDatas.find((one) => one === event.currentTarget.value) })}
            />
          </div>
        )}
        <div className={classes['pair']}>
          <NativeSelect label={say('rules.kind')} value={value.kind ?? ''} error={at('/kind')} data={[{ value: '', label: say('rules.kind-default') }, ...kinds.map((one) => ({ value: one, label: say(`kind.${one}`) }))]} onChange={(event) => change({ kind: kinds.find((one) => one === event.currentTarget.value) })} />
          {form !== 'match' && <TextOf of="again" label={say('rules.again')} hint={say('rules.again-hint')} fields={fields} />}
          <NumberOf of="groupsMax" label={say('rules.groups-max')} fields={fields} />
        </div>
        <TextOf of="runbook" label={say('rules.runbook')} hint={say('rules.runbook-hint')} fields={fields} />
        <TextOf of="owner" label={say('rules.owner')} hint={say('rules.owner-hint')} fields={fields} />
      </Stack>
    </details>
  )
}
