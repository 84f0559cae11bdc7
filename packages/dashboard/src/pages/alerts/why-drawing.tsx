import type { CSSProperties, ReactElement, ReactNode } from 'react'
import { useAmounts } from '../../parts/amounts'
import { Given } from '../../parts/given'
import { useSay } from '../../words/say'
import type { WholeAlert } from './detail'
import { stages, type Lane, type Stage } from './lanes'
import { betweenSentences } from '../../words/sentences'
import classes from './why.module.css'

/** Lines that run into one are drawn up to so many. */
const mergingMax = 6
/** Each lane takes a row for its cells and one for its sentences, below the row of heads. */
const rowsOfLane = 2

/**
 * The way of an alert to each person as a drawing: rule, cause, route, person, timing, channel. Lines that merge, merge; one that is stopped ends at its
 * sentence; a clock holds. It is for eyes alone: the same stands beside it as a list.
 */
export function Drawing({ of, lanes }: { readonly of: WholeAlert; readonly lanes: readonly Lane[] }): ReactElement {
  const say = useSay()
  const { count } = useAmounts()
  const { parts = 0, count: times, rule, parent } = of
  const rows = `2 / span ${Math.max(1, lanes.length * rowsOfLane)}`
  return (
    <div className={classes['drawing']} aria-hidden="true" data-drawing>
      {stages.map((stage) => (
        <div key={stage} className={classes['head']} style={{ gridColumn: stages.indexOf(stage) + 1, gridRow: 1 }}>
          {say(`alerts.stage-${stage}`)}
        </div>
      ))}
      <div className={`${classes['cell']} ${classes['from']}`} style={{ gridColumn: 1, gridRow: rows }}>
        {parts > 0 ? say('alerts.why-many', { count: parts }) : <Given>{rule}</Given>}
        {parts === 0 && times > 1 && <div>{say('alerts.times', { count: times })}</div>}
      </div>
      <div className={`${classes['cell']} ${parts > 0 ? classes['part'] : ''} ${classes['cause']}`} style={{ gridColumn: 2, gridRow: rows }}>
        {parts > 0 && <Merging lines={Math.min(mergingMax, parts)} />}
        {parts > 0 ? <Given>{rule}</Given> : say(parent === undefined ? 'alerts.why-itself' : 'alerts.why-part', { parent: parent ?? '' })}
        {parts > 0 && <div>{say('alerts.why-one', { count: count(parts) })}</div>}
      </div>
      {lanes.map((lane, index) => (
        <LaneCells key={lane.key} lane={lane} row={2 + index * rowsOfLane} place={lanes.length === 1 ? 'only' : index === 0 ? 'first' : index === lanes.length - 1 ? 'last' : 'middle'} />
      ))}
    </div>
  )
}

function LaneCells({ lane, row, place }: { readonly lane: Lane; readonly row: number; readonly place: string }): ReactElement {
  const say = useSay()
  const { duration, time } = useAmounts()
  const { person, role, route, held, channel, outcome, tookMs, atMs, end, joins, decisions } = lane
  const endsAt = end === undefined ? stages.length : Math.max(stages.indexOf('route'), stages.indexOf(end.stage))
  // There is no room for a sentence in the last columns: it stands below.
  const isNarrow = end !== undefined && endsAt >= stages.indexOf('timing')
  const cell = (stage: Stage, children: ReactNode): ReactNode => {
    const at = stages.indexOf(stage)
    if (at > endsAt) return null
    const isEnd = at === endsAt && end !== undefined
    const style: CSSProperties = { gridRow: row, gridColumn: isEnd ? `${at + 1} / -1` : at + 1 }
    return (
      <div key={stage} className={`${classes['cell']} ${isEnd && joins !== undefined ? classes['joins'] : ''}`} style={style}>
        {isEnd ? (
          <div className={classes['end']} data-ends={stage}>
            {at < stages.indexOf('timing') && person !== '' && <strong>{person} </strong>}
            {joins !== undefined ? say('alerts.why-joins', { person: joins }) : isNarrow ? end.decision?.verdict : <Given>{end.decision?.sentence ?? say('alerts.why-not-said')}</Given>}
          </div>
        ) : (
          children
        )}
      </div>
    )
  }
  const until = held === undefined ? undefined : [held.params['until'], held.params['time']].find((value) => typeof value === 'number')
  const took = tookMs === undefined ? '' : duration(tookMs)
  return (
    <>
      {cell('route', <Given>{route ?? '–'}</Given>)}
      {cell('person', <Given>{role === undefined || person === '' ? person : `${person}, ${roleName(role, say)}`}</Given>)}
      {cell('timing', held === undefined ? say('alerts.why-at-once') : `◷ ${[held.verdict, until === undefined ? '' : time(until)].filter((part) => part !== '').join(' ')}`)}
      {cell(
        'channel',
        <>
          <Given>{channel}</Given> <span className={classes[outcome]}>{outcome === 'told' ? say('alerts.why-told', { took: took === '' ? 'none' : took }) : say('alerts.why-waiting', { time: atMs === undefined ? 'none' : time(atMs) })}</span>
        </>,
      )}
      <div className={classes['spine']} style={{ gridRow: row }} data-place={place} />
      {place !== 'last' && place !== 'only' && <div className={classes['spine']} style={{ gridRow: row + 1 }} data-place="middle" />}
      {(end === undefined || isNarrow) && decisions.length > 0 && (
        <p className={classes['sentences']} style={{ gridRow: row + 1 }}>
          {decisions.map((decision, index) => (
            <span key={index}>
              <Given>{decision.sentence}</Given>
              {betweenSentences()}
            </span>
          ))}
        </p>
      )}
    </>
  )
}

function roleName(role: string, say: ReturnType<typeof useSay>): string {
  return role === 'owner' || role === 'admin' || role === 'developer' || role === 'billing' || role === 'viewer' ? say(`role.${role}`) : role
}

/** Several lines that become one. */
function Merging({ lines }: { readonly lines: number }): ReactElement {
  const middle = 20
  return (
    <svg className={classes['merging']} viewBox="0 0 24 40" preserveAspectRatio="none">
      {Array.from({ length: lines }, (_, index) => {
        const y = lines === 1 ? middle : 2 + (36 * index) / (lines - 1)
        return <path key={index} d={`M0 ${y} C12 ${y} 10 ${middle} 24 ${middle}`} />
      })}
    </svg>
  )
}
