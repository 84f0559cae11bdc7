import { Text } from '@mantine/core'
import { useMemo, type ReactElement } from 'react'
import { useAsk } from '../../api/ask'
import { useMay, useRole } from '../../api/me'
import { useAddress } from '../../app/address'
import { useProject } from '../../app/project'
import { ActButton } from '../../parts/act-button'
import { ChoiceFilter, Filters, TextFilter } from '../../parts/filters'
import { Given } from '../../parts/given'
import { Rows, type Column } from '../../parts/rows'
import { Asked, Empty, PageHead } from '../../parts/states'
import { useSay } from '../../words/say'
import { ReachCell, type PersonReach } from './reach-cell'

const none = { new: '', q: '', reached: '' }
const reachedWords = ['none', 'shared', 'own'] as const

/** Everybody at each kind of channel of the project: who cannot be told is first. */
export function PeopleList(): ReactElement {
  const say = useSay()
  const may = useMay()
  const role = useRole()
  const project = useProject()
  const [address, setAddress] = useAddress(none)
  const reach = useAsk('/api/v1/reach')
  const people = useAsk('/api/v1/people')
  const types = useAsk('/api/v1/channel-types')
  const all = reach.data?.items
  const rows = useMemo(() => (all ?? []).filter((one) => isMeant(one, address.q, address.reached)), [all, address.q, address.reached])
  const columns = useMemo((): readonly Column<PersonReach>[] => {
    const titles = new Map(types.data?.items.map(({ type, title }) => [type, title]))
    return [
      { id: 'person', head: say('people.name'), width: 'minmax(7rem, 1fr)', card: 'title', cell: ({ person }) => <Given lines={1}>{person}</Given> },
      { id: 'role', head: say('people.role'), width: '6.5rem', card: 'labelled', cell: (one) => say(`role.${one.role}`) },
      {
        id: 'reached', head: say('people.reached'), width: 'minmax(8rem, 1fr)', card: 'labelled',
        cell: ({ reached }) => (
          <Text span size="sm" {...(reached === 'none' ? { c: 'red', fw: 600 } : {})} data-reached={reached}>
            <span aria-hidden="true">{reached === 'none' ? '✕' : reached === 'shared' ? '◇' : '✓'}</span> {say(`people.reached-${reached}`)}
          </Text>
        ),
      },
      ...(all?.[0]?.by ?? []).map(({ type, address: kind }): Column<PersonReach> => ({ id: `${type} ${kind}`, head: titles.get(type) ?? type, width: 'minmax(8rem, 1.4fr)', card: 'labelled', cell: ({ by }) => <ReachCell reach={by.find((one) => one.type === type && one.address === kind)} /> })),
    ]
  }, [all, types.data, say])
  const filters = [address.q, address.reached].filter((one) => one !== '').length
  const clear = (): void => setAddress({ q: '', reached: '' })
  return (
    <>
      <PageHead
        title={say('page.people')}
        line={say('people.line')}
        actions={
          <ActButton reason={may('people:write') ? undefined : say('people.may-not', { role: say(`role.${role ?? 'viewer'}`) })} onClick={() => setAddress({ new: '1' })}>
            {say('people.new')}
          </ActButton>
        }
      />
      <Filters count={filters} clear={clear}>
        <TextFilter label={say('people.filter-name')} value={address.q} change={(q) => setAddress({ q })} />
        <ChoiceFilter label={say('people.filter-reached')} value={address.reached} choices={reachedWords.map((value) => ({ value, label: say(`people.reached-${value}`) }))} change={(reached) => setAddress({ reached })} />
      </Filters>
      <Asked of={reach} what={say('page.people')}>
        {() => (
          <>
            {people.data?.items.every(({ origin }) => origin === 'default') === true && (
              <Text size="sm" c="dimmed" mb="md" data-state="empty">
                {say('people.default')}
              </Text>
            )}
            {rows.length === 0 && filters > 0 ? (
              <Empty action={<ActButton variant="default" onClick={clear}>{say('state.clear-filters', { count: filters })}</ActButton>}>{say('state.no-match')}</Empty>
            ) : (
              <Rows label={say('page.people')} rows={rows} idOf={({ person }) => person} columns={columns} linkIn="person" linkOf={({ person }) => `/p/${project}/people/${encodeURIComponent(person)}`} />
            )}
          </>
        )}
      </Asked>
    </>
  )
}

function isMeant({ person, reached, by }: PersonReach, text: string, wanted: string): boolean {
  if (wanted !== '' && !wanted.split(',').includes(reached)) return false
  const searched = text.toLowerCase()
  return searched === '' || person.toLowerCase().includes(searched) || by.some(({ addresses }) => addresses.some(({ address }) => address.toLowerCase().includes(searched)))
}
