import { Text } from '@mantine/core'
import type { ReactElement } from 'react'
import { useAmounts } from '../../parts/amounts'
import { Given } from '../../parts/given'
import { useAnnounced } from '../../parts/toasts'
import { useSay } from '../../words/say'
import type { Backtest } from './use-backtest'
import classes from './rules.module.css'

interface BacktestSentenceProps {
  readonly result: Backtest | undefined
  readonly isOld: boolean
  /** The server does not take what stands in the form. */
  readonly isWrong: boolean
  readonly person: string
  readonly own: string
}

/** Days of which the last is about over are whole. */
const wholeDays = 6.9

/** What it comes to, and what is left out. */
export function BacktestSentence({ result, isOld, isWrong, person, own }: BacktestSentenceProps): ReactElement {
  const say = useSay()
  const { time } = useAmounts()
  const sentence = result === undefined ? undefined : result.events === 0 ? say('rules.no-events') : would(result)
  useAnnounced(isOld ? undefined : sentence)
  return (
    <div className={classes['sentence']} data-state="backtest" data-dimmed={isOld && result !== undefined}>
      {isWrong && (
        <Text size="sm" c="dimmed">
          {say('rules.try-mend')}
        </Text>
      )}
      {result === undefined ? (
        <Text c="dimmed">{say(isWrong ? 'rules.try-first' : 'rules.try-asking')}</Text>
      ) : result.events === 0 ? (
        <Text>{sentence}</Text>
      ) : (
        <>
          <Text fw={500}>
            <Given>{sentence}</Given>
          </Text>
          {result.daysOfData < wholeDays && <Text size="sm">{say('rules.days', { days: Math.round(result.daysOfData) })}</Text>}
          {result.cutMs !== undefined && <Text size="sm">{say('rules.cut', { time: time(result.cutMs) })}</Text>}
          {result.notices.map((notice) => (
            <Text key={notice} size="sm" c="dimmed">
              <Given lines={3}>{notice}</Given>
            </Text>
          ))}
        </>
      )}
    </div>
  )

  function would({ messagesTotal, marks, markTotals, saved }: Backtest): string {
    // Of everybody all are counted; of one person those that are listed.
    const merged = person === '' ? markTotals.merged : marks.filter(({ kind }) => kind === 'merged').length
    const who = person === '' ? 'all' : person === own ? 'you' : 'other'
    const said = say('rules.would', { who, name: person, times: messagesTotal + merged, merged, messages: messagesTotal })
    return saved === undefined ? said : `${said} ${say('rules.would-saved', { messages: saved.messagesTotal })}`
  }
}
