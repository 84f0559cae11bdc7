import { Group, Paper, SimpleGrid, Stack, Text, Title } from '@mantine/core'
import type { ReactElement } from 'react'
import { useAsk, type Item } from '../../api/ask'
import { useMay, useRole } from '../../api/me'
import { useAddress } from '../../app/address'
import { PageLink } from '../../app/page-link'
import { ActButton } from '../../parts/act-button'
import { useAmounts } from '../../parts/amounts'
import { BudgetChart } from '../../parts/chart/budget-chart'
import { Given } from '../../parts/given'
import { Asked, Empty, PageHead } from '../../parts/states'
import { useLocale, useSay } from '../../words/say'

/** Budgets whose course is drawn in the list; each is a question of its own. */
const drawnMax = 12

/** Every budget with its running period. */
export function BudgetList(): ReactElement {
  const say = useSay()
  const may = useMay()
  const role = useRole()
  const [, setAddress] = useAddress({ new: '' })
  const budgets = useAsk('/api/v1/budgets')
  return (
    <>
      <PageHead
        title={say('page.budgets')}
        line={say('budget.line')}
        actions={
          <ActButton reason={may('budgets:write') ? undefined : say('budget.may-not', { role: say(`role.${role ?? 'viewer'}`) })} onClick={() => setAddress({ new: '1' })}>
            {say('budget.new')}
          </ActButton>
        }
      />
      <Asked of={budgets} what={say('page.budgets')}>
        {({ items }) =>
          items.length === 0 ? (
            <Suggestion />
          ) : (
            <SimpleGrid cols={{ base: 1, md: 2 }}>
              {items.map((item, index) => (
                <OneBudget key={item.name} item={item} isDrawn={index < drawnMax} />
              ))}
            </SimpleGrid>
          )
        }
      </Asked>
    </>
  )
}

/** What the last month cost: a first budget that fits. */
function Suggestion(): ReactElement {
  const say = useSay()
  const may = useMay()
  const { dollars, money } = useAmounts()
  const { timezone } = useLocale()
  const [, setAddress] = useAddress({ new: '', amount: '' })
  const { data } = useAsk('/api/v1/spend/suggestion', { query: { period: 'month', timezone } }, { enabled: may('spend:read') })
  const last = data?.last
  return (
    <Empty
      action={
        last !== undefined &&
        may('budgets:write') && (
          <ActButton variant="default" onClick={() => setAddress({ new: '1', amount: String(last.suggestedUsd) })}>
            {say('budget.use', { amount: dollars(last.suggestedUsd) })}
          </ActButton>
        )
      }
    >
      {say('budget.none')} {last !== undefined && say('budget.last', { period: data?.period ?? 'month', spent: money(last.nanoUsd) })}
    </Empty>
  )
}

function OneBudget({ item, isDrawn }: { readonly item: Item<'/api/v1/budgets'>; readonly isDrawn: boolean }): ReactElement {
  const say = useSay()
  const may = useMay()
  const { dollars } = useAmounts()
  const series = useAsk('/api/v1/budgets/{name}/series', { path: { name: item.name } }, { enabled: isDrawn && may('spend:read') })
  const { value } = item
  const course = series.data?.courses[0]
  return (
    <Paper withBorder p="md" component="section" style={{ minWidth: 0 }}>
      <Stack gap={4} mih={isDrawn ? 240 : 0}>
        <Group justify="space-between" wrap="nowrap">
          <Title order={2} size="h5" style={{ minWidth: 0 }}>
            <PageLink to={`/budgets/${encodeURIComponent(item.name)}`} fz="inherit">
              <Given lines={1}>{item.name}</Given>
            </PageLink>
          </Title>
          <Text size="sm" style={{ whiteSpace: 'nowrap' }}>
            {dollars(value.amountUsd)} {say(`budget.period-${value.period ?? 'rolling'}`)}
          </Text>
        </Group>
        {value.where !== undefined && (
          <Text size="xs" c="dimmed" ff="monospace">
            <Given lines={1}>{value.where}</Given>
          </Text>
        )}
        {!may('spend:read') && <Text c="dimmed">{say('budget.no-cost')}</Text>}
        {isDrawn && may('spend:read') && (
          <Asked of={series} what={item.name} rows={3}>
            {(data) => (course === undefined ? null : <BudgetChart budget={data} course={course} height={150} />)}
          </Asked>
        )}
      </Stack>
    </Paper>
  )
}
