import { Button, NativeSelect, Switch, Text, Tooltip, VisuallyHidden } from '@mantine/core'
import { useMemo, useId, type ReactElement } from 'react'
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
import { ruleRows, type RuleRow } from './rule-rows'
import { kinds, severities } from './rule-value'
import { Says } from './says'
import { useSwitching } from './switching'

const origins = ['own', 'pack'] as const
const none = { text: '', kind: '', from: '', severity: '' }

/** `/rules`: what is noisy, switched and graded where it stands. */
export function RuleList(): ReactElement {
  const say = useSay()
  const project = useProject()
  const [, setNew] = useAddress({ new: '' })
  const [filter, setFilter] = useAddress(none)
  const used = Object.values(filter).filter((value) => value !== '').length
  const entries = useAsk('/api/v1/rules')
  const pack = useAsk('/api/v1/built-in-rules')
  const counts = useAsk('/api/v1/rule-counts', {}, { everyMs: 60_000 })
  const reason = useReason()
  const columns = useColumns(reason)
  const all = useMemo(() => ruleRows(entries.data?.items ?? [], pack.data?.items ?? [], counts.data), [entries.data, pack.data, counts.data])
  const rows = useMemo(() => all.filter((row) => passes(row, filter)), [all, filter])
  return (
    <>
      <PageHead
        title={say('page.rules')}
        line={say('rules.line')}
        actions={
          <ActButton reason={reason} onClick={() => setNew({ new: '1' })}>
            {say('rules.new')}
          </ActButton>
        }
      />
      <Filters count={used} clear={() => setFilter(none)}>
        <TextFilter label={say('rules.text')} value={filter.text} change={(text) => setFilter({ text }, { replace: true })} />
        <ChoiceFilter label={say('rules.origin')} value={filter.from} change={(from) => setFilter({ from })} choices={origins.map((value) => ({ value, label: say(`rules.origin-${value}`) }))} />
        <ChoiceFilter label={say('rules.kind')} value={filter.kind} change={(kind) => setFilter({ kind })} choices={kinds.map((value) => ({ value, label: say(`kind.${value}`) }))} />
        <ChoiceFilter label={say('rules.severity')} value={filter.severity} change={(severity) => setFilter({ severity })} choices={severities.map((value) => ({ value, label: say(`severity.${value}`) }))} />
      </Filters>
      <Asked of={pack} what={say('page.rules')} rows={12}>
        {() => (
          <Asked of={entries} what={say('page.rules')} rows={12}>
            {() =>
              rows.length === 0 ? (
                <Empty action={<Button size="xs" variant="default" onClick={() => setFilter(none)}>{say('state.clear-filters', { count: used })}</Button>}>{say('state.no-match')}</Empty>
              ) : (
                <Rows label={say('page.rules')} rows={rows} idOf={({ name }) => name} columns={columns} linkIn="name" linkOf={({ name }) => `/p/${project}/rules/${encodeURIComponent(name)}`} isDimmed={({ isOn }) => !isOn} />
              )
            }
          </Asked>
        )}
      </Asked>
      {counts.data?.isCut === true && (
        <Text size="xs" c="dimmed" mt="xs">
          {say('rules.noise-more')}
        </Text>
      )}
    </>
  )
}

/** Why the reader changes no rules; `undefined`: they may. */
export function useReason(): string | undefined {
  const say = useSay()
  const may = useMay()
  const role = useRole()
  return may('rules:write') ? undefined : say('rules.may-not', { role: say(`role.${role ?? 'viewer'}`) })
}

function useColumns(mayNot: string | undefined): readonly Column<RuleRow>[] {
  const say = useSay()
  const { underWay, turn, grade } = useSwitching()
  const shown = (row: RuleRow): Pick<RuleRow, 'isOn' | 'severity'> => underWay.get(row.name) ?? row
  const fixed = ({ entry }: RuleRow): string | undefined => (entry?.readOnly === true ? say('state.read-only') : mayNot)
  return [
    {
      id: 'on', head: say('rules.on'), width: '3.25rem', card: 'first',
      cell: (row) => <OnSwitch row={row} isOn={shown(row).isOn} reason={fixed(row)} turn={(isOn) => turn(row, isOn)} />,
    },
    {
      id: 'name', head: say('rules.name'), width: 'minmax(0, 1fr)', card: 'title',
      cell: (row) => (
        <>
          <Given lines={1}>{row.name}</Given>
          <Text component="span" size="xs" c="dimmed" display="block" lineClamp={2} fw={400}>
            <Says row={row} />
          </Text>
        </>
      ),
    },
    { id: 'kind', head: say('rules.kind'), width: '5rem', card: 'labelled', cell: ({ kind }) => (kind === undefined ? '–' : say(`kind.${kind}`)) },
    {
      id: 'severity', head: say('rules.severity'), width: '7.5rem', card: 'labelled',
      cell: (row) => <SeverityChoice row={row} severity={shown(row).severity} reason={fixed(row) ?? (shown(row).isOn ? undefined : say('rules.is-off'))} grade={(severity) => grade(row, severity)} />,
    },
    { id: 'origin', head: say('rules.origin'), width: '6rem', card: 'none', cell: (row) => say(row.pack === undefined ? 'rules.origin-own' : 'rules.origin-pack') },
    {
      id: 'noise', head: say('rules.noise'), width: '10.5rem', align: 'end', card: 'labelled',
      cell: ({ opened, told }) => (
        <Text span size="sm" {...(opened === 0 && told === 0 && { c: 'dimmed' })}>
          {say('rules.noise-of', { opened, told })}
        </Text>
      ),
    },
  ]
}

interface SwitchProps {
  readonly row: RuleRow
  readonly isOn: boolean
  readonly reason: string | undefined
  readonly turn: (isOn: boolean) => void
}

/** A switch that says why it does nothing, where it does nothing. */
function OnSwitch({ row: { name }, isOn, reason, turn }: SwitchProps): ReactElement {
  const say = useSay()
  const id = useId()
  const isOff = reason !== undefined
  return (
    <Tooltip label={reason} disabled={!isOff} multiline maw={320} withArrow events={{ hover: true, focus: true, touch: true }}>
      <span>
        <Switch checked={isOn} withThumbIndicator={false} aria-label={say('rules.switch', { name })} {...(isOff && { 'aria-disabled': true, 'aria-describedby': id, styles: { track: { opacity: 0.6, cursor: 'not-allowed' } } })} onChange={(event) => void (!isOff && turn(event.currentTarget.checked))} />
        {isOff && <VisuallyHidden id={id}>{reason}</VisuallyHidden>}
      </span>
    </Tooltip>
  )
}

function SeverityChoice({ row: { name }, severity, reason, grade }: { readonly row: RuleRow; readonly severity: RuleRow['severity']; readonly reason: string | undefined; readonly grade: (severity: RuleRow['severity']) => void }): ReactElement {
  const say = useSay()
  const id = useId()
  const isOff = reason !== undefined
  return (
    <Tooltip label={reason} disabled={!isOff} multiline maw={320} withArrow events={{ hover: true, focus: true, touch: true }}>
      <span>
        <NativeSelect
          size="xs"
          aria-label={say('rules.severity-of', { name })}
          value={severity}
          data={severities.map((value) => ({ value, label: say(`severity.${value}`) }))}
          {...(isOff && { 'aria-disabled': true, 'aria-describedby': id, styles: { input: { opacity: 0.7, cursor: 'not-allowed' } } })}
          // One that says no stays a field that can be reached: it opens nothing and changes nothing.
          onMouseDown={(event) => void (isOff && event.preventDefault())}
          onClick={(event) => event.stopPropagation()}
          onChange={(event) => {
            const chosen = severities.find((one) => one === event.currentTarget.value)
            if (!isOff && chosen !== undefined) grade(chosen)
          }}
        />
        {isOff && <VisuallyHidden id={id}>{reason}</VisuallyHidden>}
      </span>
    </Tooltip>
  )
}

function passes({ name, kind, pack, severity, entry }: RuleRow, filter: typeof none): boolean {
  const one = (wanted: string, found: string): boolean => wanted === '' || wanted.split(',').includes(found)
  const said = `${name} ${pack?.says ?? JSON.stringify(entry?.value)}`.toLowerCase()
  return said.includes(filter.text.toLowerCase()) && one(filter.kind, kind ?? '') && one(filter.severity, severity) && one(filter.from, pack === undefined ? 'own' : 'pack')
}
