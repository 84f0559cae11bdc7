import { Group, SegmentedControl, Text } from '@mantine/core'
import { lazy, Suspense, type ReactElement } from 'react'
import { useAddress } from '../../app/address'
import { useAmounts } from '../../parts/amounts'
import { Card } from '../../parts/card'
import { useSay } from '../../words/say'
import type { Overview } from './overview'

const SpendByHour = lazy(async () => import('./spend-charts').then(({ SpendByHour: inner }) => ({ default: inner })))
const SpendOfBudget = lazy(async () => import('./spend-charts').then(({ SpendOfBudget: inner }) => ({ default: inner })))

/** Budgets that have a drawing of their own here; the others stand below. */
const drawnMax = 3
const chartHeight = 190

/** What today has cost, beside what is usual, and against a budget. */
export function SpendToday({ overview: { spend, budgets = [] } }: { readonly overview: Overview }): ReactElement {
  const say = useSay()
  const { money } = useAmounts()
  const [{ spend: shown }, setAddress] = useAddress({ spend: '' })
  if (spend === undefined) {
    return (
      <Card title={say('overview.spend')} minHeight={320}>
        <Text c="dimmed" size="sm">
          {say('overview.spend-hidden')}
        </Text>
      </Card>
    )
  }
  const drawn = budgets.filter(({ groups }) => groups === undefined).slice(0, drawnMax)
  const choices = [{ value: '', label: say('overview.by-hour') }, ...drawn.map(({ name }) => ({ value: name, label: name }))]
  const chosen = drawn.find(({ name }) => name === shown)
  return (
    <Card title={say('overview.spend')} minHeight={320} beside={choices.length > 1 && <SegmentedControl size="xs" data={choices} value={chosen?.name ?? ''} onChange={(value) => setAddress({ spend: value }, { replace: true })} aria-label={say('overview.spend')} maw="100%" />}>
      <Group gap="sm" align="baseline" mih={36}>
        <Text fz={26} fw={700} lh={1.1}>
          {money(spend.nanoUsd)}
        </Text>
        {spend.usualNanoUsd !== undefined && <Text c="dimmed">{say('overview.spend-usual', { usual: money(spend.usualNanoUsd) })}</Text>}
        {spend.unpriced > 0 && (
          <Text c="dimmed" size="sm">
            {say('chart.unpriced', { count: spend.unpriced })}
          </Text>
        )}
      </Group>
      <div style={{ minHeight: chartHeight + 40 }}>
        <Suspense fallback={<div aria-busy="true" style={{ height: chartHeight }} />}>{chosen === undefined ? <SpendByHour height={chartHeight} /> : <SpendOfBudget name={chosen.name} height={chartHeight} />}</Suspense>
      </div>
    </Card>
  )
}
