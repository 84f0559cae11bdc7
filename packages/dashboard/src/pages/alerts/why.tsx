import { Code, Text } from '@mantine/core'
import { useMemo, type ReactElement, type Ref } from 'react'
import { PageLink } from '../../app/page-link'
import { Card } from '../../parts/card'
import { Given } from '../../parts/given'
import { useSay } from '../../words/say'
import { betweenSentences, colon, sentences } from '../../words/sentences'
import type { WholeAlert } from './detail'
import { lanesOf } from './lanes'
import { Drawing } from './why-drawing'
import classes from './why.module.css'

/** Who was told and why: the answer first, then the way to each person. */
export function Why({ of, place }: { readonly of: WholeAlert; readonly place: Ref<HTMLElement> }): ReactElement {
  const say = useSay()
  const lanes = useMemo(() => lanesOf(of), [of])
  const near = of.decisions.find(({ reason, params }) => reason === 'refused.no_route' && typeof params['condition'] === 'string')
  return (
    <section ref={place} tabIndex={-1} aria-label={say('alerts.why')}>
      <Card title={say('alerts.why')} beside={of.parent !== undefined && <PageLink to={`/alerts/${of.parent}`} size="sm">{say('alerts.why-parent', { id: of.parent })}</PageLink>}>
        <Text fw={600} data-answer>
          <Given>{sentences(...of.answer)}</Given>
        </Text>
        {near !== undefined && (
          <Text size="sm" mt={4} data-nearly>
            {say('alerts.would-be-told', { route: String(near.params['route']) })} <Code>{readable(String(near.params['condition']))}</Code>
          </Text>
        )}
        {lanes.length > 0 && <Drawing of={of} lanes={lanes} />}
        <ol className={classes['words']}>
          {lanes.map(({ key, person, decisions, channel, outcome }) => (
            <li key={key}>
              {person !== '' && (
                <strong>
                  <Given>{person}</Given>
                  {colon()}
                </strong>
              )}
              {decisions.length === 0 ? (
                <Given>{say('alerts.why-only', { outcome, channel: channel ?? '' })}</Given>
              ) : (
                decisions.map((decision, index) => (
                  <span key={index}>
                    <Given>{decision.sentence}</Given>
                    {betweenSentences()}
                  </span>
                ))
              )}
            </li>
          ))}
        </ol>
      </Card>
    </section>
  )
}

/** `alert.severity in ['critical', 'high']`, as people write it: what it is about is known here. */
function readable(condition: string): string {
  return condition.replaceAll(/\balert\./g, '').replaceAll('>=', '≥').replaceAll('<=', '≤').replaceAll('&&', '∧')
}
