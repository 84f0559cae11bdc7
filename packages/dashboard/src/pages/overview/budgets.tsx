import { Progress, SimpleGrid, Text } from '@mantine/core'
import type { ReactElement } from 'react'
import { useAsk } from '../../api/ask'
import { useMay } from '../../api/me'
import { PageLink } from '../../app/page-link'
import { useAmounts } from '../../parts/amounts'
import { Card } from '../../parts/card'
import { Given } from '../../parts/given'
import { thresholdsByDefault } from '../../parts/thresholds'
import { useSay } from '../../words/say'
import type { Overview } from './overview'

type Budget = NonNullable<Overview['budgets']>[number]

const colours = { over: 'red', told: 'yellow', below: 'signal' } as const

/** Each budget as far as it is used. */
export function Budgets({ budgets }: { readonly budgets: readonly Budget[] }): ReactElement {
  const say = useSay()
  const may = useMay()
  const { data } = useAsk('/api/v1/budgets', {}, { enabled: budgets.length > 0 && may('budgets:read') })
  const thresholds = new Map(data?.items.map(({ name, value }) => [name, value.thresholds]))
  return (
    <Card title={say('overview.budgets')}>
      {budgets.length === 0 ? (
        <Text c="dimmed" size="sm">
          {say('overview.budget-none')}{' '}
          {may('budgets:write') && (
            <PageLink to="/budgets" search={{ new: '1' }}>
              {say('overview.budget-new')}
            </PageLink>
          )}
        </Text>
      ) : (
        <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }} component="ul" m={0} p={0} style={{ listStyle: 'none' }}>
          {budgets.map((budget) => (
            <BudgetBar key={budget.name} {...budget} thresholds={thresholds.get(budget.name) ?? thresholdsByDefault} />
          ))}
        </SimpleGrid>
      )}
    </Card>
  )
}

/** A bar is a warning from the first share on at which the budget tells, and worse when it is used up. */
function BudgetBar({ name, period, spentNanoUsd, amountNanoUsd, groups, thresholds }: Budget & { readonly thresholds: readonly number[] }): ReactElement {
  const say = useSay()
  const { money, percent } = useAmounts()
  const share = amountNanoUsd === 0 ? 0 : spentNanoUsd / amountNanoUsd
  const level = share >= 1 ? 'over' : share >= Math.min(...thresholds) ? 'told' : 'below'
  const line = groups === undefined ? say('overview.budget-line', { spent: money(spentNanoUsd), amount: money(amountNanoUsd), period }) : say('overview.budget-groups', { count: groups, amount: money(amountNanoUsd) })
  return (
    <li style={{ minWidth: 0 }}>
      <PageLink to={`/budgets/${encodeURIComponent(name)}`} size="sm">
        <Given lines={1}>{name}</Given>
      </PageLink>
      {groups === undefined && <Progress value={Math.min(100, share * 100)} color={colours[level]} my={4} data-level={level} aria-label={say('overview.budget', { name, share: percent(share) })} />}
      <Text size="xs" c="dimmed">
        {line}
      </Text>
    </li>
  )
}
