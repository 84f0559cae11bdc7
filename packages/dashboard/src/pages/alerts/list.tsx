import { Button, Group, Paper, Text } from '@mantine/core'
import { useCallback, useMemo, useState, type ReactElement } from 'react'
import { useAddress } from '../../app/address'
import { useProject } from '../../app/project'
import { useKeys } from '../../keys/keys'
import { ActButton } from '../../parts/act-button'
import { useAmounts } from '../../parts/amounts'
import { ChoiceFilter, Filters, TextFilter } from '../../parts/filters'
import { FreshButton } from '../../parts/fresh-button'
import { Given } from '../../parts/given'
import { Ago } from '../../parts/moment'
import { useRowPages } from '../../parts/row-pages'
import { Rows, type Column } from '../../parts/rows'
import { Severity } from '../../parts/severity'
import { Empty, Failed, Loading, PageHead } from '../../parts/states'
import { useSay } from '../../words/say'
import { useActReason, useAlertActs, type Alert } from './acts'
import { costOf, standingOf } from './alert-facts'
import { Quiet } from './quiet'
import classes from './alerts.module.css'

const states = ['firing', 'acknowledged', 'resolved'] as const
const kinds = ['session', 'model', 'tool', 'cost', 'system'] as const
const severities = ['critical', 'high', 'warning', 'info'] as const
const none = { state: '', kind: '', severity: '', agent: '', rule: '', text: '', parent: '', session: '' }
/** The server looks for no single letter. */
const textMin = 2

const isLookedFor = (text: string): boolean => text.length >= textMin

const idOf = ({ id }: Alert): string => id
/** The stream does not count what is inside. */
const news = { kind: 'alert', merge: (row: Alert, now: Alert): Alert => ({ ...row, ...now }), counts: 'delivery' } as const

/** `/alerts`: what needs somebody, first. */
export function AlertList(): ReactElement {
  const say = useSay()
  const project = useProject()
  const [filter, setFilter] = useAddress(none)
  const used = Object.entries(filter).filter(([name, value]) => (name === 'text' ? isLookedFor(value) : value !== '')).length
  const groups = useMemo(() => questions(filter), [filter])
  const pages = useRowPages('/api/v1/alerts', groups, { ...groups[0], ...(filter.state === '' ? { state: undefined } : { state: many(filter.state, states) }) }, news, idOf)
  const { rows } = pages
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const [current, setCurrent] = useState('')
  const act = useAlertActs(pages.change)
  const reason = useActReason()
  const here = useMemo(() => rows.filter(({ id }) => chosen.has(id)).map(idOf), [rows, chosen])
  const acknowledge = (): void => {
    // What had the focus last may not be in the list any more.
    act('acknowledge', here.length > 0 ? here : rows.filter(({ id }) => id === current).map(idOf))
    setChosen(new Set())
  }
  useKeys([
    { keys: 'a', word: 'keys.acknowledge', group: 'alert', run: acknowledge, reason },
    ...(here.length > 0 ? [{ keys: 'Esc', word: 'rows.choose-none' as const, group: 'list' as const, run: () => setChosen(new Set()) }] : []),
  ])
  const columns = useColumns()
  const names = useMemo(() => ({ agents: known(rows.map(({ agent }) => agent)), rules: known(rows.map(({ rule }) => rule)) }), [rows])
  const { groupOf: placeOf } = pages
  const groupOf = useCallback((alert: Alert) => say(placeOf(alert) === 0 ? 'alerts.firing' : 'alerts.rest'), [placeOf, say])
  return (
    <>
      <PageHead
        title={say('alerts.list')}
        actions={<FreshButton pages={pages} />}
      />
      <Filters count={used} clear={() => setFilter(none)}>
        <TextFilter label={say('alerts.text')} value={filter.text} change={(text) => setFilter({ text }, { replace: true })} />
        <ChoiceFilter label={say('alerts.state')} value={filter.state} change={(state) => setFilter({ state })} choices={states.map((value) => ({ value, label: say(`alerts.${value}`) }))} />
        <ChoiceFilter label={say('alerts.severity')} value={filter.severity} change={(severity) => setFilter({ severity })} choices={severities.map((value) => ({ value, label: say(`severity.${value}`) }))} />
        <ChoiceFilter label={say('alerts.kind')} value={filter.kind} change={(kind) => setFilter({ kind })} choices={kinds.map((value) => ({ value, label: say(`kind.${value}`) }))} />
        <TextFilter label={say('alerts.agent')} width={140} value={filter.agent} change={(agent) => setFilter({ agent }, { replace: true })} known={names.agents} />
        <TextFilter label={say('alerts.rule')} width={140} value={filter.rule} change={(rule) => setFilter({ rule }, { replace: true })} known={names.rules} />
        {filter.parent !== '' && <Text size="xs">{say('alerts.inside', { id: filter.parent })}</Text>}
        {filter.session !== '' && <Text size="xs" maw={240} truncate>{say('alerts.of-session', { id: filter.session })}</Text>}
      </Filters>
      {pages.error !== null && <Failed error={pages.error} what={say('alerts.list')} again={pages.again} />}
      {pages.isFirst ? (
        pages.error === null && <Loading rows={10} />
      ) : rows.length === 0 && !pages.more.has ? (
        used > 0 ? <Empty action={<Button size="xs" variant="default" onClick={() => setFilter(none)}>{say('state.clear-filters', { count: used })}</Button>}>{say('state.no-match')}</Empty> : <Quiet />
      ) : (
        <Rows
          label={say('alerts.list')} rows={rows} idOf={idOf} columns={columns} linkIn="title" linkOf={({ id }) => `/p/${project}/alerts/${id}`} selection={{ chosen, choose: setChosen }} more={pages.more} showsTop={pages.fresh.shows} isStale={pages.isStale}
          isDimmed={({ state, ends, taken }) => (state === 'resolved' && ends !== 'at-once') || taken !== undefined} onCurrent={setCurrent}
          {...(groups.length > 1 && { groupOf })}
        />
      )}
      {here.length > 0 && (
        <Paper withBorder shadow="md" p="xs" className={classes['bulk'] ?? ""} role="region" aria-label={say('rows.chosen', { count: here.length })}>
          <Group gap="xs">
            <Text size="sm">{say('rows.chosen', { count: here.length })}</Text>
            <ActButton size="xs" keys="a" reason={reason} onClick={acknowledge}>
              {say('alerts.acknowledge')}
            </ActButton>
            <Button size="xs" variant="default" onClick={() => setChosen(new Set())}>
              {say('rows.choose-none')}
            </Button>
          </Group>
        </Paper>
      )}
    </>
  )
}

function useColumns(): readonly Column<Alert>[] {
  const say = useSay()
  const { count, dollars } = useAmounts()
  return useMemo(
    () => [
      { id: 'severity', head: say('alerts.severity'), width: '5.75rem', card: 'first', cell: ({ severity }) => <Severity of={severity} /> },
      {
        id: 'title', head: say('alerts.title'), width: 'minmax(0, 1fr)', card: 'title',
        cell: (alert) => (
          <>
            <Given lines={2}>{alert.title}</Given>
            <Text component="span" size="xs" c="dimmed" display="block" truncate>
              <Given>{standingOf(alert, say)}</Given>
            </Text>
          </>
        ),
      },
      { id: 'agent', head: say('alerts.agent'), width: 'minmax(0, 9rem)', cell: ({ agent }) => agent !== undefined && <Given lines={1}>{agent}</Given> },
      { id: 'parts', head: say('alerts.parts'), width: '4rem', align: 'end', card: 'labelled', cell: ({ parts }) => parts !== undefined && parts > 0 && count(parts) },
      {
        id: 'cost', head: say('alerts.cost'), width: '5rem', align: 'end',
        cell: (alert) => {
          const usd = costOf(alert)
          return usd !== undefined && dollars(usd)
        },
      },
      { id: 'told', head: say('alerts.told'), width: '4.5rem', align: 'end', card: 'labelled', cell: ({ told }) => told !== undefined && told.sent + told.waiting > 0 && (told.waiting > 0 ? say('alerts.told-waiting', { sent: count(told.sent), waiting: count(told.waiting) }) : count(told.sent)) },
      { id: 'since', head: say('alerts.since'), width: '6.5rem', align: 'end', cell: ({ openedAtMs }) => <Ago atMs={openedAtMs} /> },
    ],
    [say, count, dollars],
  )
}

/** What fires first, then the rest, each newest first: the server orders by time alone. What is part of another stands within it, unless something is looked for. */
function questions({ state, kind, severity, agent, rule, text, parent, session }: typeof none) {
  const isWithin = [agent, rule, text, session].every((value) => value === '')
  const of = {
    ...(kind !== '' && { kind: many(kind, kinds) }), ...(severity !== '' && { severity: many(severity, severities) }), ...(agent !== '' && { agent }), ...(rule !== '' && { rule }),
    ...(isLookedFor(text) && { text }), ...(parent !== '' ? { parent } : isWithin ? { parent: 'none' } : {}), ...(session !== '' && { session }),
  }
  const wanted = state === '' ? states : many(state, states)
  const rest = wanted.filter((one) => one !== 'firing')
  return [...(wanted.includes('firing') ? [{ ...of, state: ['firing' as const] }] : []), ...(rest.length > 0 ? [{ ...of, state: rest }] : [])]
}

/** An address that somebody changed by hand may hold other words: the server says so. */
function many<Choice extends string>(value: string, _of: readonly Choice[]): Choice[] {
  // Reason for the cast: the server looks at each.
  return value.split(',') as Choice[]
}

function known(names: readonly (string | undefined)[]): readonly string[] {
  return [...new Set(names.filter((name) => name !== undefined))].sort()
}
