import { Select, Stack, Switch } from '@mantine/core'
import type { ReactElement } from 'react'
import { useRegistry } from '../../keys/keys'
import { Card } from '../../parts/card'
import { localeNames, locales } from '../../words/catalogues'
import { useLocale, useSay } from '../../words/say'

/** Of this browser alone: its language, its zone, and whether single keys do something. */
export function Looks(): ReactElement {
  const say = useSay()
  const { locale, timezone, choose } = useLocale()
  const { isOn, turn } = useRegistry()
  const zones = [...new Set([timezone, 'UTC', ...Intl.supportedValuesOf('timeZone')])]
  return (
    <Card title={say('me.looks')}>
      <Stack gap="sm">
        <Select label={say('me.page-locale')} allowDeselect={false} data={locales.map((one) => ({ value: one, label: localeNames[one] }))} value={locale} onChange={(value) => choose({ locale: locales.find((one) => one === value) ?? locale })} />
        <Select label={say('me.page-timezone')} allowDeselect={false} searchable limit={50} data={zones} value={timezone} onChange={(value) => value !== null && choose({ timezone: value })} />
        <Switch label={say('me.keys')} description={say('me.keys-hint')} checked={isOn} onChange={(event) => turn(event.currentTarget.checked)} />
      </Stack>
    </Card>
  )
}
