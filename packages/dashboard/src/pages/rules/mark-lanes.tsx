import { Text } from '@mantine/core'
import { useRef, useState, type KeyboardEvent, type ReactElement } from 'react'
import type { Frame } from '../../parts/chart/plot'
import { useAmounts } from '../../parts/amounts'
import { useSay } from '../../words/say'
import type { Backtest, Mark } from './use-backtest'
import { clustersOf, type Cluster, type Numbered } from './clusters'
import classes from './rules.module.css'

interface MarkLanesProps {
  readonly frame: Frame
  readonly marks: readonly Numbered[]
  readonly totals: Backtest['markTotals']
  /** Of the alerts list: what is selected there or here. */
  readonly chosen: ReadonlySet<number>
  readonly choose: (mark: Mark) => void
}

const kinds = ['told', 'merged', 'held'] as const
const signs = { told: '▲', merged: '○', held: '◷' } as const

/** When somebody would have been told, what was merged, what was held: buttons in line with the plot, each a way into the list. */
export function MarkLanes({ frame, marks, totals, chosen, choose }: MarkLanesProps): ReactElement {
  return (
    <div>
      {kinds.map((kind) => (totals[kind] === 0 ? null : <Lane key={kind} kind={kind} frame={frame} marks={marks.filter(({ mark }) => mark.kind === kind)} chosen={chosen} choose={choose} />))}
      <Cut marks={marks} totals={totals} />
    </div>
  )
}

function Lane({ kind, frame, marks, chosen, choose }: Omit<MarkLanesProps, 'totals'> & { readonly kind: Mark['kind'] }): ReactElement {
  const say = useSay()
  const names = useMarkName()
  const lane = useRef<HTMLDivElement>(null)
  const [current, setCurrent] = useState(0)
  const clusters = clustersOf(marks, frame)
  const reached = Math.min(current, clusters.length - 1)
  const pressed = (event: KeyboardEvent): void => {
    const to = { ArrowRight: reached + 1, ArrowLeft: reached - 1, Home: 0, End: clusters.length - 1 }[event.key]
    if (to === undefined || to < 0 || to >= clusters.length) return
    event.preventDefault()
    setCurrent(to)
    lane.current?.querySelectorAll('button')[to]?.focus()
  }
  return (
    <div ref={lane} className={classes['lane']} role="toolbar" aria-label={say(`rules.mark-${kind}`)} onKeyDown={pressed}>
      <span className={classes['lane-name']} aria-hidden="true">
        {say(`rules.mark-${kind}`)}
      </span>
      {clusters.map((cluster, index) => {
        const [first] = cluster.marks
        return (
          <button
            key={first?.number ?? index}
            type="button"
            className={classes['mark']}
            data-kind={kind}
            data-numbers={cluster.marks.map(({ number }) => number).join(' ')}
            style={{ left: cluster.x }}
            tabIndex={index === reached ? 0 : -1}
            title={names(cluster)}
            // What is seen comes first: who speaks to the page says that.
            aria-label={`${shortOf(kind, cluster)} ${names(cluster)}`}
            aria-pressed={cluster.marks.some(({ mark }) => mark.alerts.some((place) => chosen.has(place)))}
            onFocus={() => setCurrent(index)}
            onClick={() => first !== undefined && choose({ ...first.mark, alerts: [...new Set(cluster.marks.flatMap(({ mark }) => mark.alerts))] })}
          >
            {shortOf(kind, cluster)}
          </button>
        )
      })}
    </div>
  )
}

function shortOf(kind: Mark['kind'], { marks }: Cluster): string {
  const [first, last] = [marks[0]?.number, marks.at(-1)?.number]
  if (kind === 'told') return `${signs.told}${first === last ? first : `${first}–${last}`}`
  return marks.length === 1 ? signs[kind] : `${signs[kind]}×${marks.length}`
}

function useMarkName(): (cluster: Cluster) => string {
  const say = useSay()
  const { time } = useAmounts()
  return ({ marks }) => {
    const [first] = marks
    if (first === undefined) return ''
    const { kind, atMs, untilMs, person, channel, alerts, moreAlerts } = first.mark
    const who = person === '*' ? say('rules.everybody') : person
    const one = kind === 'told' ? say('rules.mark-told-at', { number: first.number, time: time(atMs), person: who, channel, alerts: alerts.length + moreAlerts }) : say(`rules.mark-${kind}-at`, { time: time(atMs), person: who, until: untilMs === undefined ? 'none' : time(untilMs) })
    return marks.length === 1 ? one : say('rules.mark-many', { mark: one, more: marks.length - 1, time: time(marks.at(-1)?.mark.atMs ?? atMs) })
  }
}

function Cut({ marks, totals }: Pick<MarkLanesProps, 'marks' | 'totals'>): ReactElement | null {
  const say = useSay()
  const most = Math.max(totals.told, totals.merged, totals.held)
  const shown = Math.max(...kinds.map((kind) => marks.filter(({ mark }) => mark.kind === kind).length))
  if (shown >= most || shown < 500) return null
  return (
    <Text size="xs" c="dimmed">
      {say('rules.marks-cut', { count: shown })}
    </Text>
  )
}
