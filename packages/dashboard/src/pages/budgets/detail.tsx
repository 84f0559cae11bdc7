import { Grid, Group, Stack, Table, Text } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { useAsk, type Answer } from '../../api/ask'
import { useMay } from '../../api/me'
import { PageLink } from '../../app/page-link'
import { useProject } from '../../app/project'
import { useAmounts } from '../../parts/amounts'
import { Card } from '../../parts/card'
import { BudgetChart } from '../../parts/chart/budget-chart'
import type { BudgetCourse } from '../../parts/chart/spend-figure'
import { Given } from '../../parts/given'
import { Moment } from '../../parts/moment'
import { Asked, PageHead } from '../../parts/states'
import { useKeys } from '../../keys/keys'
import { useSay } from '../../words/say'
import { BudgetForm } from './form'

type Series = Answer<'/api/v1/budgets/{name}/series'>

/** One budget: its form, and how its running period goes. */
export function BudgetDetail({ name }: { readonly name: string | undefined }): ReactElement {
  const say = useSay()
  const project = useProject()
  const navigate = useNavigate()
  const back = (): void => void navigate({ to: `/p/${project}/budgets` })
  useKeys([{ keys: 'Esc', word: 'keys.back', group: 'list', run: back }])
  return (
    <>
      <Text size="sm" mb="xs">
        <PageLink to="/budgets">← {say('budget.back')}</PageLink>
      </Text>
      <PageHead title={name === undefined ? say('budget.new') : <Given>{name}</Given>} />
      <Grid>
        <Grid.Col span={{ base: 12, md: 5 }}>{name === undefined ? <BudgetForm entry={undefined} /> : <Existing name={name} />}</Grid.Col>
        <Grid.Col span={{ base: 12, md: 7 }}>{name !== undefined && <Course name={name} />}</Grid.Col>
      </Grid>
    </>
  )
}

function Existing({ name }: { readonly name: string }): ReactElement {
  const budget = useAsk('/api/v1/budgets/{name}', { path: { name } })
  return (
    <Asked of={budget} what={name}>
      {(entry) => <BudgetForm entry={entry} />}
    </Asked>
  )
}

function Course({ name }: { readonly name: string }): ReactElement {
  const say = useSay()
  const may = useMay()
  const series = useAsk('/api/v1/budgets/{name}/series', { path: { name } }, { enabled: may('spend:read'), everyMs: 30_000 })
  if (!may('spend:read')) return <Text c="dimmed">{say('budget.no-cost')}</Text>
  return (
    <Asked of={series} what={name}>
      {(data) => (
        <Stack>
          {data.courses.map((course) => (
            <OneCourse key={course.group ?? ''} budget={data} course={course} />
          ))}
          <Groups budget={data} />
        </Stack>
      )}
    </Asked>
  )
}

function OneCourse({ budget, course }: { readonly budget: Series; readonly course: BudgetCourse }): ReactElement {
  const say = useSay()
  const { money, percent } = useAmounts()
  return (
    <Card title={course.group ?? say('budget.chart', { name: budget.name })}>
      <BudgetChart budget={budget} course={course} />
      <Table fz="sm" mt="xs" aria-label={say('budget.thresholds-name')}>
        <Table.Tbody>
          {course.thresholds.map(({ share, nanoUsd, crossedAtMs }) => (
            <Table.Tr key={share}>
              <Table.Th scope="row" fw={400}>
                <span aria-hidden="true">{share >= 1 ? '◆' : '▲'}</span> {percent(share)}
              </Table.Th>
              <Table.Td ff="monospace">{money(nanoUsd)}</Table.Td>
              <Table.Td>{crossedAtMs === undefined ? <Text span c="dimmed" size="sm">{say('budget.not-crossed')}</Text> : <Moment atMs={crossedAtMs} />}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Card>
  )
}

function Groups({ budget: { courses, groupsTotal, last } }: { readonly budget: Series }): ReactElement | null {
  const say = useSay()
  const { money } = useAmounts()
  const more = groupsTotal - courses.length
  return (
    <Group gap="md">
      {more > 0 && (
        <Text size="sm" c="dimmed">
          {say('budget.groups-more', { count: more })}
        </Text>
      )}
      {last !== undefined && (
        <Text size="sm" c="dimmed">
          {say('budget.last-period', { spent: money(last.nanoUsd) })}
        </Text>
      )}
    </Group>
  )
}
