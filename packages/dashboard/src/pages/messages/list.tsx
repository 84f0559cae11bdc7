import { Button, Group, Text } from '@mantine/core'
import { useMemo, type ReactElement } from 'react'
import type { Item } from '../../api/ask'
import { useAddress } from '../../app/address'
import { useProject } from '../../app/project'
import { ChoiceFilter, Filters, TextFilter } from '../../parts/filters'
import { FreshButton } from '../../parts/fresh-button'
import { Given } from '../../parts/given'
import { Ago } from '../../parts/moment'
import { useRowPages } from '../../parts/row-pages'
import { Rows, type Column } from '../../parts/rows'
import { Empty, Failed, Loading, PageHead } from '../../parts/states'
import { useSay } from '../../words/say'
import { Views } from './views'

export type Delivery = Item<'/api/v1/deliveries'>

const states = ['waiting', 'claimed', 'done'] as const
const results = ['sent', 'in-doubt', 'failed', 'bad-address', 'too-old', 'superseded', 'resolved-before-told', 'role-changed', 'acknowledged', 'silenced', 'opted-out', 'muted', 'dry-run', 'erased'] as const
const none = { person: '', channel: '', state: '', result: '', alert: '' }

const idOf = ({ id }: Delivery): string => id
const news = { kind: 'delivery', merge: (row: Delivery, now: Delivery): Delivery => ({ ...row, ...now }) } as const

/** Every message, newest first. */
export function MessageList(): ReactElement {
  const say = useSay()
  const project = useProject()
  const [filter, setFilter] = useAddress(none)
  const used = Object.values(filter).filter((value) => value !== '').length
  const question = useMemo(() => questionOf(filter), [filter])
  const groups = useMemo(() => [question], [question])
  const pages = useRowPages('/api/v1/deliveries', groups, question, news, idOf)
  const { rows } = pages
  const columns = useColumns()
  return (
    <>
      <PageHead
        title={say('message.list')}
        line={say('message.line')}
        actions={
          <Group gap="xs">
            <FreshButton pages={pages} />
            <Views />
          </Group>
        }
      />
      <Filters count={used} clear={() => setFilter(none)}>
        <TextFilter label={say('message.person')} width={140} value={filter.person} change={(person) => setFilter({ person }, { replace: true })} known={known(rows.map(({ person }) => person))} />
        <TextFilter label={say('message.channel')} width={140} value={filter.channel} change={(channel) => setFilter({ channel }, { replace: true })} known={known(rows.map(({ channel }) => channel))} />
        <ChoiceFilter label={say('message.state')} value={filter.state} change={(state) => setFilter({ state: state.split(',').at(-1) ?? '' })} choices={states.map((value) => ({ value, label: say(`message.state-${value}`) }))} />
        <ChoiceFilter label={say('message.result')} value={filter.result} change={(result) => setFilter({ result })} choices={results.map((value) => ({ value, label: say(`message.result-${value}`) }))} />
        {filter.alert !== '' && <Text size="xs">{filter.alert}</Text>}
      </Filters>
      {pages.error !== null && <Failed error={pages.error} what={say('message.list')} again={pages.again} />}
      {pages.isFirst ? (
        pages.error === null && <Loading rows={10} />
      ) : rows.length === 0 && !pages.more.has ? (
        used > 0 ? <Empty action={<Button size="xs" variant="default" onClick={() => setFilter(none)}>{say('state.clear-filters', { count: used })}</Button>}>{say('state.no-match')}</Empty> : <Empty>{say('message.none')}</Empty>
      ) : (
        <Rows label={say('message.list')} rows={rows} idOf={idOf} columns={columns} linkIn="title" linkOf={({ id }) => `/p/${project}/messages/${id}`} more={pages.more} showsTop={pages.fresh.shows} isStale={pages.isStale} isDimmed={({ result }) => result === 'superseded'} />
      )}
    </>
  )
}

function useColumns(): readonly Column<Delivery>[] {
  const say = useSay()
  return useMemo(
    () => [
      { id: 'person', head: say('message.person'), width: 'minmax(0, 8rem)', card: 'first', cell: ({ person, address }) => <Given lines={1}>{person === '' ? (address ?? say('message.by-hand')) : person}</Given> },
      { id: 'channel', head: say('message.channel'), width: 'minmax(0, 8rem)', card: 'first', cell: ({ channel }) => <Given lines={1}>{channel}</Given> },
      { id: 'title', head: say('message.about'), width: 'minmax(0, 1fr)', card: 'title', cell: ({ title, id }) => <Given lines={2}>{title ?? id}</Given> },
      { id: 'verdict', head: say('message.verdict'), width: 'minmax(0, 14rem)', cell: ({ verdict, result }) => <Text size="sm" component="span" {...(result === 'failed' || result === 'bad-address' ? { c: 'red', fw: 600 } : {})}>{verdict}</Text> },
      { id: 'when', head: say('message.when'), width: '6.5rem', align: 'end', cell: ({ doneAtMs, createdAtMs }) => <Ago atMs={doneAtMs ?? createdAtMs} /> },
    ],
    [say],
  )
}

function questionOf({ person, channel, state, result, alert }: typeof none) {
  // Reason for the casts: the server looks at each word of the address.
  return {
    ...(person !== '' && { person }), ...(channel !== '' && { channel }), ...(alert !== '' && { alert }),
    ...(state !== '' && { state: state as (typeof states)[number] }), ...(result !== '' && { result: result.split(',') as (typeof results)[number][] }),
  }
}

function known(names: readonly string[]): readonly string[] {
  return [...new Set(names.filter((name) => name !== ''))].sort()
}
