import { Text } from '@mantine/core'
import type { ReactElement } from 'react'
import { PageLink } from '../../app/page-link'
import { useAmounts } from '../../parts/amounts'
import { Card } from '../../parts/card'
import { Given } from '../../parts/given'
import { Moment } from '../../parts/moment'
import { useSay } from '../../words/say'
import type { WholeAlert } from './detail'
import classes from './alerts.module.css'

/** What is known of it: in words first, then as the rule wrote it down. */
export function Facts({ of }: { readonly of: WholeAlert }): ReactElement {
  const say = useSay()
  const { count } = useAmounts()
  const { words, evidence, tags = {}, openedAtMs, updatedAtMs, resolvedAtMs, sessionId, agent, environment, cycles } = of
  const isSaid = (text: string): boolean => words.facts.some(({ value }) => value === text)
  return (
    <Card title={say('alerts.facts')}>
      <dl className={classes['facts']}>
        {words.facts.map(({ label, value }, index) => (
          <Fact key={index} name={label}>
            {value === agent || value === sessionId ? (
              <PageLink {...(value === agent ? { to: '/alerts', search: { agent: value } } : { to: `/sessions/${encodeURIComponent(value)}` })} size="sm">
                <Given>{value}</Given>
              </PageLink>
            ) : (
              <Given>{value}</Given>
            )}
          </Fact>
        ))}
        {agent !== undefined && !isSaid(agent) && (
          <Fact name={say('alerts.agent')}>
            <PageLink to="/alerts" search={{ agent }} size="sm">
              <Given>{agent}</Given>
            </PageLink>
          </Fact>
        )}
        {sessionId !== undefined && !isSaid(sessionId) && (
          <Fact name={say('alerts.session')}>
            <PageLink to={`/sessions/${encodeURIComponent(sessionId)}`} size="sm">
              <Given>{sessionId}</Given>
            </PageLink>
          </Fact>
        )}
        {environment !== undefined && (
          <Fact name={say('alerts.environment')}>
            <Given>{environment}</Given>
          </Fact>
        )}
        <Fact name={say('alerts.opened-at')}>
          <Moment atMs={openedAtMs} />
        </Fact>
        {updatedAtMs !== openedAtMs && (
          <Fact name={say('alerts.last')}>
            <Moment atMs={updatedAtMs} />
          </Fact>
        )}
        {resolvedAtMs !== undefined && of.ends !== 'at-once' && (
          <Fact name={say('alerts.until')}>
            <Moment atMs={resolvedAtMs} />
          </Fact>
        )}
        {cycles !== undefined && <Fact name={say('alerts.again')}>{count(cycles)}</Fact>}
        <Fact name={say('alerts.rule')}>
          <PageLink to={`/rules/${encodeURIComponent(of.rule)}`} size="sm">
            <Given>{of.rule}</Given>
          </PageLink>
        </Fact>
        {Object.entries(tags).map(([name, value]) => (
          <Fact key={name} name={name}>
            <Given>{value}</Given>
          </Fact>
        ))}
      </dl>
      {Object.keys(evidence).length > 0 && (
        <details className={classes['evidence']}>
          <summary>{say('alerts.evidence')}</summary>
          <dl className={classes['facts']}>
            {Object.entries(evidence).map(([name, value]) => (
              <Fact key={name} name={name}>
                <Text component="span" size="xs" ff="monospace">
                  <Given>{typeof value === 'number' && !name.endsWith('Ms') ? count(value) : String(value)}</Given>
                </Text>
              </Fact>
            ))}
          </dl>
        </details>
      )}
    </Card>
  )
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactElement | string }): ReactElement {
  return (
    <div>
      <dt>
        <Given>{name}</Given>
      </dt>
      <dd>{children}</dd>
    </div>
  )
}
