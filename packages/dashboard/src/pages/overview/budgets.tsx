import { Progress, SimpleGrid, Text } from '@mantine/core'
import type { ReactElement } from 'react'
import { useMay } from '../../api/me'
import { PageLink } from '../../app/page-link'
import { useAmounts } from '../../parts/amounts'
import { Card } from '../../parts/card'
import { Given } from '../../parts/given'
import { useSay } from '../../words/say'
import type { Overview } from './overview'

type Budget = NonNullable<Overview['budgets']>[number]

/** From which share of a budget its bar is a warning, and when it is worse: the default thresholds. */
const warningShare = 0.8

/** Each budget as far as it is used. */
export function Budgets({ budgets }: { readonly budgets: readonly Budget[] }): ReactElement {
  const say = useSay()
  const may = useMay()
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
            <BudgetBar key={budget.name} {...budget} />
          ))}
        </SimpleGrid>
      )}
    </Card>
  )
}

function BudgetBar({ name, period, spentNanoUsd, amountNanoUsd, groups }: Budget): ReactElement {
  const say = useSay()
  const { money, percent } = useAmounts()
  const share = amountNanoUsd === 0 ? 0 : spentNanoUsd / amountNanoUsd
  const line = groups === undefined ? say('overview.budget-line', { spent: money(spentNanoUsd), amount: money(amountNanoUsd), period }) : say('overview.budget-groups', { count: groups, amount: money(amountNanoUsd) })
  return (
    <li style={{ minWidth: 0 }}>
      <PageLink to={`/budgets/${encodeURIComponent(name)}`} size="sm">
        <Given lines={1}>{name}</Given>
      </PageLink>
      {groups === undefined && <Progress value={Math.min(100, share * 100)} color={share >= 1 ? 'red' : share >= warningShare ? 'yellow' : 'signal'} my={4} aria-label={say('overview.budget', { name, share: percent(share) })} />}
      <Text size="xs" c="dimmed">
        {line}
      </Text>
    </li>
  )
}
