import { Group, NumberInput, Select, Switch, TagsInput, Textarea, TextInput } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { useChanged, type Item } from '../../api/ask'
import { useMay, useRole } from '../../api/me'
import { useAddress } from '../../app/address'
import { useProject } from '../../app/project'
import { EntryForm, type EntryFields } from '../../parts/entry-form'
import { ListInput } from '../../parts/list-input'
import { thresholdsByDefault } from '../../parts/thresholds'
import { useLocale, useSay } from '../../words/say'

type Entry = Item<'/api/v1/budgets'>
type Budget = Partial<Entry['value']>

const periods = ['hour', 'day', 'week', 'month', 'rolling'] as const
const firstWindow = '24h'

/** One budget as a form; what the form does not know of stays as it is. */
export function BudgetForm({ entry }: { readonly entry: Entry | undefined }): ReactElement {
  const say = useSay()
  const may = useMay()
  const role = useRole()
  const project = useProject()
  const navigate = useNavigate()
  const changed = useChanged()
  const { timezone } = useLocale()
  const [{ amount }] = useAddress({ amount: '' })
  const blank: Budget = { amountUsd: Number(amount) > 0 ? Number(amount) : 100, period: 'month', timezone }
  const go = (to: string): void => void navigate({ to: `/p/${project}/budgets${to}` })
  return (
    <EntryForm<Budget>
      path="/api/v1/budgets"
      entry={entry}
      blank={blank}
      noun={say('budget.one')}
      reason={may('budgets:write') ? undefined : say('budget.may-not', { role: say(`role.${role ?? 'viewer'}`) })}
      live={['/where', '/groupBy', '/rolling', '/timezone', '/amountUsd', '/thresholds']}
      onSaved={(saved) => {
        void changed('/api/v1/budgets', '/api/v1/overview')
        go(`/${encodeURIComponent(saved.name)}`)
      }}
      onRemoved={() => go('')}
      onReopen={() => void navigate({ to: `/p/${project}/budgets`, search: { new: '1' } })}
      onCancel={() => go('')}
    >
      {(fields) => <Fields {...fields} />}
    </EntryForm>
  )
}

function Fields({ value, change, at }: EntryFields<Budget>): ReactElement {
  const say = useSay()
  const period = value.rolling === undefined ? (value.period ?? 'month') : 'rolling'
  return (
    <>
      <Group grow align="flex-start" preventGrowOverflow={false}>
        <NumberInput label={say('budget.amount')} prefix="$" min={0} decimalScale={9} required value={value.amountUsd ?? ''} error={at('/amountUsd')} onChange={(amount) => change({ amountUsd: typeof amount === 'number' ? amount : 0 })} />
        <Select
          label={say('budget.per')}
          allowDeselect={false}
          data={periods.map((one) => ({ value: one, label: say(`budget.period-${one}`) }))}
          value={period}
          error={at('/period')}
          onChange={(chosen) => {
            const one = periods.find((known) => known === chosen)
            if (one === 'rolling') change({ period: undefined, rolling: firstWindow })
            else if (one !== undefined) change({ period: one, rolling: undefined })
          }}
        />
      </Group>
      {period === 'rolling' && <TextInput label={say('budget.rolling')} value={typeof value.rolling === 'string' ? value.rolling : ''} error={at('/rolling')} onChange={(event) => change({ rolling: event.currentTarget.value })} />}
      <TextInput label={say('budget.timezone')} value={value.timezone ?? ''} error={at('/timezone')} onChange={(event) => change({ timezone: event.currentTarget.value === '' ? undefined : event.currentTarget.value })} />
      <Textarea label={say('budget.where')} description={say('budget.where-hint')} autosize minRows={1} spellCheck={false} styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }} value={value.where ?? ''} error={at('/where')} onChange={(event) => change({ where: event.currentTarget.value === '' ? undefined : event.currentTarget.value })} />
      <TagsInput label={say('budget.group-by')} description={say('budget.group-hint')} value={value.groupBy ?? []} data={['agent', 'user', 'model', 'environment']} error={at('/groupBy')} onChange={(groupBy) => change({ groupBy: groupBy.length === 0 ? undefined : groupBy })} />
      <ListInput
        label={say('budget.thresholds')}
        description={say('budget.thresholds-hint')}
        value={value.thresholds ?? thresholdsByDefault}
        show={(share) => String(Math.round(share * 10_000) / 100)}
        read={(text) => (/^\d+(?:[.,]\d+)?$/.test(text) ? Number(text.replace(',', '.')) / 100 : undefined)}
        error={at('/thresholds')}
        onChange={(thresholds) => change({ thresholds: [...thresholds] })}
      />
      <Switch label={say('budget.forecast')} checked={value.forecast ?? true} onChange={(event) => change({ forecast: event.currentTarget.checked })} />
    </>
  )
}
