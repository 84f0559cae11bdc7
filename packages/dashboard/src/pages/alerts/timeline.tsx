import type { ReactElement, ReactNode } from 'react'
import { PageLink } from '../../app/page-link'
import { Card } from '../../parts/card'
import { Given } from '../../parts/given'
import { Moment } from '../../parts/moment'
import { useSay, type Say } from '../../words/say'
import type { WholeAlert } from './detail'
import classes from './alerts.module.css'

interface Entry {
  readonly atMs: number
  readonly key: string
  readonly text: ReactNode
}

/** What happened, in order: that it opened, whom it reached, what people did, that it ended. */
export function Timeline({ of }: { readonly of: WholeAlert }): ReactElement {
  const say = useSay()
  return (
    <Card title={say('alerts.timeline')}>
      <ol className={classes['timeline']}>
        {entriesOf(of, say).map(({ atMs, key, text }) => (
          <li key={key}>
            <Moment atMs={atMs} />
            <div>{text}</div>
          </li>
        ))}
      </ol>
    </Card>
  )
}

function entriesOf(of: WholeAlert, say: Say): readonly Entry[] {
  const { openedAtMs, resolvedAtMs, ends, rule, count, actions, deliveries } = of
  return [
    { atMs: openedAtMs, key: 'opened', text: <Given>{say('alerts.opened', { rule, count: count - 1 })}</Given> },
    ...deliveries.flatMap(({ id, person, address, channel, verdict, news, createdAtMs, doneAtMs, attempts }): Entry[] => [
      {
        atMs: doneAtMs ?? createdAtMs, key: id,
        text: (
          <>
            <Given>{say('alerts.delivery', { person: person || (address ?? channel), channel, verdict, news })}</Given> <PageLink to={`/messages/${id}`} size="sm" underline="always">{id}</PageLink>
          </>
        ),
      },
      ...attempts.filter(({ outcome }) => outcome !== 'sent').map((one): Entry => ({ atMs: one.atMs, key: `${id}-${one.number}`, text: <Given>{say('alerts.attempt', { number: one.number, outcome: one.outcome, detail: one.detail })}</Given> })),
    ]),
    ...actions.map(({ atMs, sentence }, index): Entry => ({ atMs, key: `act ${index}`, text: <Given>{sentence}</Given> })),
    ...(resolvedAtMs !== undefined && ends !== 'at-once' ? [{ atMs: resolvedAtMs, key: 'over', text: say('alerts.over') }] : []),
  ].sort((one, other) => one.atMs - other.atMs)
}
