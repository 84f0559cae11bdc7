import { Button, SegmentedControl, Text, Tooltip } from '@mantine/core'
import { useMemo, type ReactElement } from 'react'
import { useAsk } from '../../api/ask'
import { useRole, useSees } from '../../api/me'
import { useAddress } from '../../app/address'
import { PageLink } from '../../app/page-link'
import { useProject } from '../../app/project'
import { useAmounts } from '../../parts/amounts'
import { ChoiceFilter, Filters, TextFilter } from '../../parts/filters'
import { FreshButton } from '../../parts/fresh-button'
import { Given } from '../../parts/given'
import { Ago, Moment } from '../../parts/moment'
import { useRowPages } from '../../parts/row-pages'
import { Rows, type Column } from '../../parts/rows'
import { Empty, Failed, Loading, PageHead } from '../../parts/states'
import { useSay } from '../../words/say'
import { Outcome } from './outcome'
import { classText, costText, lengthMs, type Session } from './session-facts'

const states = ['running', 'success', 'fail', 'indeterminate'] as const
const none = { state: '', agent: '', cost: '', since: '' }

const idOf = ({ id }: Session): string => id
const news = { kind: 'session', merge: (_row: Session, now: Session): Session => now } as const

/** `/sessions`: what agents did, newest or dearest first. */
export function SessionList(): ReactElement {
  const say = useSay()
  const role = useRole()
  const project = useProject()
  const seesCost = useSees()('costDetail')
  const [filter, setFilter] = useAddress(none)
  const [{ sort }, setSort] = useAddress({ sort: 'newest' })
  const isByCost = sort === 'cost' && seesCost
  const used = usedOf(filter)
  const asked = useMemo(() => question(filter, isByCost), [filter, isByCost])
  const groups = useMemo(() => [asked], [asked])
  const pages = useRowPages('/api/v1/sessions', groups, isByCost ? undefined : asked, news, idOf)
  const dearest = useAsk('/api/v1/sessions', { query: { ...asked, limit: 1 } }, { enabled: isByCost })
  const columns = useColumns(seesCost)
  const { rows } = pages
  const agents = useMemo(() => [...new Set(rows.flatMap(({ agent }) => agent ?? []))].sort(), [rows])
  const hidden = say('sessions.role-no-cost', { role: say(`role.${role ?? 'viewer'}`) })
  const order = <SegmentedControl size="xs" aria-label={say('sessions.order')} value={isByCost ? 'cost' : 'newest'} onChange={(value) => setSort({ sort: value })} data={[{ value: 'newest', label: say('sessions.newest') }, { value: 'cost', label: say('sessions.dearest'), disabled: !seesCost }]} />
  return (
    <>
      <PageHead
        title={say('sessions.list')}
        actions={<FreshButton pages={pages} />}
      />
      <Filters count={used} clear={() => setFilter(none)}>
        <TextFilter label={say('sessions.agent')} value={filter.agent} change={(agent) => setFilter({ agent }, { replace: true })} known={agents} />
        <ChoiceFilter label={say('sessions.outcome')} value={filter.state} change={(state) => setFilter({ state })} choices={states.map((value) => ({ value, label: say(`sessions.${value}`) }))} />
        {seesCost && <TextFilter label={say('sessions.least-cost')} width={150} value={filter.cost} change={(cost) => setFilter({ cost }, { replace: true })} />}
        {seesCost ? order : <Tooltip label={hidden}><div>{order}</div></Tooltip>}
        {isTime(filter.since) && <Text size="xs">{say('sessions.from')} <Moment atMs={Number(filter.since)} /></Text>}
        {!seesCost && <Text size="xs" c="dimmed">{hidden}</Text>}
      </Filters>
      {isByCost && dearest.data?.fromMs !== undefined && <Text size="xs" c="dimmed" mb="xs">{say('sessions.since')} <Moment atMs={dearest.data.fromMs} /></Text>}
      {pages.error !== null && <Failed error={pages.error} what={say('sessions.list')} again={pages.again} />}
      {pages.isFirst ? (
        pages.error === null && <Loading rows={10} />
      ) : rows.length === 0 && !pages.more.has ? (
        used > 0 ? <Empty action={<Button size="xs" variant="default" onClick={() => setFilter(none)}>{say('state.clear-filters', { count: used })}</Button>}>{say('state.no-match')}</Empty> : <Empty action={<PageLink to="/start">{say('sessions.connect')}</PageLink>}>{say('sessions.none')}</Empty>
      ) : (
        <Rows label={say('sessions.list')} rows={rows} idOf={idOf} columns={columns} linkIn="title" linkOf={({ id }) => `/p/${project}/sessions/${encodeURIComponent(id)}`} more={pages.more} showsTop={pages.fresh.shows} isStale={pages.isStale} />
      )}
    </>
  )
}

function useColumns(seesCost: boolean): readonly Column<Session>[] {
  const say = useSay()
  const amounts = useAmounts()
  return useMemo(() => {
    const { count, duration } = amounts
    const columns: Column<Session>[] = [
      { id: 'outcome', head: say('sessions.outcome'), width: '7.5rem', card: 'first', cell: ({ state }) => <Outcome of={state} /> },
      {
        id: 'title', head: say('sessions.what'), width: 'minmax(0, 1fr)', card: 'title',
        cell: ({ agent, name, id, firstFailure }) => (
          <>
            <Given lines={1}>{name ?? agent ?? id}</Given>
            <Text component="span" size="xs" c="dimmed" display="block" truncate>
              <Given>{firstFailure === undefined ? id : say('sessions.first-failure', { name: firstFailure.name, class: classText(firstFailure.class, say), id })}</Given>
            </Text>
          </>
        ),
      },
      { id: 'agent', head: say('sessions.agent'), width: 'minmax(0, 9rem)', cell: ({ agent }) => agent !== undefined && <Given lines={1}>{agent}</Given> },
      { id: 'calls', head: say('sessions.calls'), width: '4rem', align: 'end', card: 'labelled', cell: ({ calls }) => count(calls) },
      { id: 'errors', head: say('sessions.errors'), width: '4rem', align: 'end', card: 'labelled', cell: ({ errors }) => errors > 0 && count(errors) },
      { id: 'length', head: say('sessions.length'), width: '6rem', align: 'end', cell: (session) => duration(lengthMs(session)) },
    ]
    if (seesCost) columns.push({ id: 'cost', head: say('sessions.cost'), width: '6.5rem', align: 'end', cell: (session) => costText(session, say, amounts) })
    columns.push({ id: 'at', head: say('sessions.began'), width: '6.5rem', align: 'end', cell: ({ firstAtMs }) => <Ago atMs={firstAtMs} /> })
    return columns
  }, [say, amounts, seesCost])
}

function question({ state, agent, cost, since }: typeof none, isByCost: boolean) {
  const minCostUsd = leastOf(cost)
  return {
    // Reason for the cast: the server looks at each word of an address that somebody changed by hand.
    ...(state !== '' && { state: state.split(',') as Session['state'][] }), ...(agent !== '' && { agent }),
    ...(isTime(since) && { since: Number(since) }),
    ...(minCostUsd !== undefined && { minCostUsd }), ...(isByCost && { sort: 'cost' as const }),
  }
}

/** How many of them pass only some: what is no amount and no time passes all. */
function usedOf({ cost, since, ...rest }: typeof none): number {
  return [...Object.values(rest).map((value) => value !== ''), leastOf(cost) !== undefined, isTime(since)].filter(Boolean).length
}

/** Dollars, as they are typed. */
function leastOf(cost: string): number | undefined {
  const usd = Number(cost.replace('$', ''))
  return cost !== '' && Number.isFinite(usd) && usd > 0 ? usd : undefined
}

function isTime(since: string): boolean {
  return /^\d{1,15}$/.test(since)
}
