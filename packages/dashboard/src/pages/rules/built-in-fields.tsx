import { NativeSelect, NumberInput, Switch, TextInput } from '@mantine/core'
import { useRef, type ReactElement } from 'react'
import type { EntryFields } from '../../parts/entry-form'
import type { Changes } from '../../parts/entry-draft'
import { Marked, inline } from '../../parts/marked'
import { useAmounts } from '../../parts/amounts'
import { useSay } from '../../words/say'
import { hintsBelow } from './form-fields'
import type { PackRule } from './rule-rows'
import { severities, type BuiltInValue } from './rule-value'
import classes from './rules.module.css'

type Settings = Exclude<BuiltInValue, false>
const durations = ['after', 'window'] as const
const numbers = ['count', 'share', 'aboveUsd'] as const

/** A rule that comes with the product: on or off, and what it can be given. */
export function BuiltInFields({ pack, fields: { value, put, change, at } }: { readonly pack: PackRule; readonly fields: EntryFields<BuiltInValue> }): ReactElement {
  const say = useSay()
  const { duration, count } = useAmounts()
  const isOn = value !== false
  const given: Settings = value === false ? {} : value
  // What it was given before it was switched off comes back with it.
  const before = useRef<Settings>({})
  if (isOn) before.current = given
  const set = (part: Changes<Settings>): void => change(part)
  const describe = (name: string): ReactElement | undefined => {
    const setting = pack.settings[name]
    const byDefault = setting === undefined ? '' : durations.some((one) => one === name) ? duration(setting.byDefault) : count(setting.byDefault)
    return setting && (
      <>
        {inline(say('rules.setting-says', { says: setting.says }))} {say('rules.setting-default', { value: byDefault })}
      </>
    )
  }
  return (
    <>
      <Marked>{pack.says}</Marked>
      <Switch label={say('rules.on')} withThumbIndicator={false} checked={isOn} error={at('')} onChange={(event) => put(event.currentTarget.checked ? { ...before.current, on: true } : false)} />
      {isOn && (
        <>
          <NativeSelect
            label={say('rules.severity')}
            value={given.severity ?? ''}
            error={at('/severity')}
            data={[{ value: '', label: say('rules.severity-default') }, ...severities.map((one) => ({ value: one, label: say(`severity.${one}`) }))]}
            onChange={(event) => set({ severity: severities.find((one) => one === event.currentTarget.value) })}
          />
          <div className={classes['pair']}>
            {durations.map((name) => pack.settings[name] && <TextInput key={name} inputWrapperOrder={hintsBelow} label={say(`rules.setting-${name}`)} description={describe(name)} autoComplete="off" value={given[name] ?? ''} error={at(`/${name}`)} onChange={(event) => set({ [name]: event.currentTarget.value || undefined })} />)}
            {numbers.map((name) => pack.settings[name] && <NumberInput key={name} inputWrapperOrder={hintsBelow} label={say(`rules.setting-${name}`)} description={describe(name)} min={0} value={given[name] ?? ''} error={at(`/${name}`)} onChange={(next) => set({ [name]: typeof next === 'number' ? next : undefined })} />)}
          </div>
          <TextInput inputWrapperOrder={hintsBelow} label={say('rules.runbook')} description={say('rules.runbook-hint')} value={given.runbook ?? ''} error={at('/runbook')} onChange={(event) => set({ runbook: event.currentTarget.value || undefined })} />
          <TextInput inputWrapperOrder={hintsBelow} label={say('rules.owner')} description={say('rules.owner-hint')} value={given.owner ?? ''} error={at('/owner')} onChange={(event) => set({ owner: event.currentTarget.value || undefined })} />
        </>
      )}
    </>
  )
}
