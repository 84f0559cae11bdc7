import { NativeSelect, Stack, Text } from '@mantine/core'
import { useEffect, useMemo, useRef, useState, type ReactElement } from 'react'
import { useAsk } from '../../api/ask'
import { useMay, useRole } from '../../api/me'
import { Card } from '../../parts/card'
import { Failed } from '../../parts/states'
import { useSay } from '../../words/say'
import { BacktestChart } from './backtest-chart'
import { BacktestSentence } from './backtest-sentence'
import { numbered } from './clusters'
import { FiredList } from './fired-list'
import classes from './rules.module.css'
import { useBacktest, type Mark } from './use-backtest'

/** What is tried, as it stands in the form. */
export interface Tried {
  /** What it is called on the page. */
  readonly title: string
  /** Under which it is saved, or will be. */
  readonly rule: string | undefined
  /** Absent: as it is saved. */
  readonly definition: unknown
  /** The threshold in the form, and how it is moved; absent: it has none, or the reader may not. */
  readonly limit?: { readonly value: number; readonly isBelow: boolean; readonly change: ((value: number) => void) | undefined } | undefined
}

const nothing: ReadonlySet<number> = new Set()

/** The last seven days with this rule: the sentence, the chart, the list. */
export function BacktestPanel({ tried }: { readonly tried: Tried }): ReactElement {
  const say = useSay()
  const may = useMay()
  const role = useRole()
  const mine = useAsk('/api/v1/me/person')
  const [picked, setPicked] = useState<string>()
  const own = mine.data?.person ?? ''
  const person = picked ?? own
  const { result, error, isOld, again } = useBacktest({ rule: tried.rule, definition: tried.definition, person, enabled: may('backtests:run') && (mine.data !== undefined || mine.error !== null) })
  const marks = useMemo(() => numbered(result?.marks ?? []), [result])
  const [chosen, setChosen] = useState(nothing)
  const panel = useRef<HTMLDivElement>(null)
  useEffect(() => setChosen(nothing), [result])
  if (!may('backtests:run'))
    return (
      <Card title={say('rules.try')}>
        <Text size="sm" c="dimmed">
          {say('rules.try-may-not', { role: say(`role.${role ?? 'viewer'}`) })}
        </Text>
      </Card>
    )
  const choose = ({ alerts }: Mark): void => setChosen(new Set(alerts))
  const show = (number: number): void => panel.current?.querySelector<HTMLElement>(`[data-kind="told"][data-numbers~="${number}"]`)?.focus()
  return (
    <Card title={say('rules.try')} beside={<PersonPicker own={own} person={person} pick={setPicked} known={result?.messages.map((one) => one.person) ?? []} />}>
      <Stack gap="sm" ref={panel} aria-busy={isOld && error === null}>
        {error !== null && error.status !== 422 && <Failed error={error} what={say('rules.try')} again={again} />}
        <BacktestSentence result={result} isOld={isOld} isWrong={error?.status === 422} person={person} own={own} />
        {result !== undefined && result.events > 0 && (
          <>
            <BacktestChart result={result} tried={tried} isOld={isOld} marks={marks} chosen={chosen} choose={choose} />
            <div className={isOld ? classes['old'] : undefined}>
              <Text size="sm" fw={600} mb={4}>
                {say('rules.alerts')}
              </Text>
              <FiredList alerts={result.alerts} total={result.alertsTotal} marks={marks} chosen={chosen} show={show} />
            </div>
          </>
        )}
      </Stack>
    </Card>
  )
}

interface PickerProps {
  readonly own: string
  readonly person: string
  readonly pick: (person: string) => void
  readonly known: readonly string[]
}

/** For whom it is counted. Whoever may not read people chooses among those that would have been told. */
function PersonPicker({ own, person, pick, known }: PickerProps): ReactElement {
  const say = useSay()
  const may = useMay()
  const people = useAsk('/api/v1/people', {}, { enabled: may('people:read') })
  const [seen, setSeen] = useState<readonly string[]>([])
  const names = [...new Set([...seen, ...known, ...(people.data?.items.map(({ name }) => name) ?? []), ...(person === '' ? [] : [person])])].filter((name) => name !== '*' && name !== own).toSorted()
  const all = names.join('\n')
  useEffect(() => setSeen(all === '' ? [] : all.split('\n')), [all])
  return (
    <NativeSelect
      size="xs"
      aria-label={say('rules.person')}
      value={person}
      data={[...(own === '' ? [] : [{ value: own, label: say('rules.you', { name: own }) }]), { value: '', label: say('rules.everybody') }, ...names.map((name) => ({ value: name, label: name }))]}
      onChange={(event) => pick(event.currentTarget.value)}
    />
  )
}
