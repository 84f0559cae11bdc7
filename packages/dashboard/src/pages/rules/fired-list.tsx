import { Button, Group, Text } from '@mantine/core'
import { useEffect, useRef, useState, type ReactElement } from 'react'
import { useAmounts } from '../../parts/amounts'
import { Given } from '../../parts/given'
import { Moment } from '../../parts/moment'
import { Severity } from '../../parts/severity'
import { useSay } from '../../words/say'
import type { Numbered } from './clusters'
import type { Backtest } from './use-backtest'
import classes from './rules.module.css'

interface FiredListProps {
  readonly alerts: Backtest['alerts']
  readonly total: number
  readonly marks: readonly Numbered[]
  readonly chosen: ReadonlySet<number>
  /** Shows the message of this number under the chart. */
  readonly show: (number: number) => void
}

const pageRows = 50

/** The alerts that would have been opened, in the order of time, each with the messages that told of it. */
export function FiredList({ alerts, total, marks, chosen, show }: FiredListProps): ReactElement {
  const say = useSay()
  const { count } = useAmounts()
  const list = useRef<HTMLUListElement>(null)
  const [shown, setShown] = useState(pageRows)
  const [first] = chosen
  const seen = Math.min(alerts.length, Math.max(shown, first === undefined ? 0 : first + 1))
  useEffect(() => {
    // Within the list: the page stays where it is.
    if (first === undefined || list.current === null) return
    const row = list.current.querySelector<HTMLElement>(`[data-place="${first}"]`)
    if (row !== null) list.current.scrollTop = row.offsetTop - list.current.offsetTop - 40
    row?.focus({ preventScroll: false })
  }, [first, chosen])
  if (total === 0)
    return (
      <Text size="sm" c="dimmed">
        {say('rules.alerts-none')}
      </Text>
    )
  const told = new Map<number, number[]>()
  for (const { mark, number } of marks) if (mark.kind === 'told') for (const place of mark.alerts) told.set(place, [...(told.get(place) ?? []), number])
  const more = total - seen
  return (
    <>
      <ul ref={list} className={classes['fired']} aria-label={say('rules.alerts')}>
        {alerts.slice(0, seen).map((alert, place) => (
          <li key={`${alert.atMs} ${alert.key} ${place}`} data-place={place} data-chosen={chosen.has(place)} tabIndex={-1} aria-current={chosen.has(place)}>
            <Moment atMs={alert.atMs} />
            <Severity of={alert.severity} />
            <span>
              <Given lines={2}>{alert.title}</Given>{' '}
              <Text span size="xs" c="dimmed">
                {alert.count > 1 && say('rules.alert-count', { count: count(alert.count) })} {alert.overAtMs !== undefined && <Over atMs={alert.overAtMs} />}
              </Text>
            </span>
            <Group gap={4} justify="flex-end">
              {(told.get(place) ?? []).slice(0, 3).map((number) => (
                <Button key={number} size="compact-xs" variant="default" aria-label={say('rules.alert-told', { number })} onClick={() => show(number)}>
                  ▲{number}
                </Button>
              ))}
            </Group>
          </li>
        ))}
      </ul>
      {more > 0 && (
        <Group mt="xs" gap="xs">
          <Text size="sm" c="dimmed">
            {say('rules.alerts-more', { count: more })}
          </Text>
          {seen < alerts.length && (
            <Button size="compact-xs" variant="default" onClick={() => setShown(seen + pageRows)}>
              {say('act.more')}
            </Button>
          )}
        </Group>
      )}
    </>
  )
}

function Over({ atMs }: { readonly atMs: number }): ReactElement {
  const say = useSay()
  const { time } = useAmounts()
  return <>{say('rules.alert-over', { time: time(atMs) })}</>
}
