import { Text } from '@mantine/core'
import type { ReactElement, ReactNode } from 'react'
import { useRole, useSees, useWhomToAsk } from '../../api/me'
import { useAmounts } from '../../parts/amounts'
import { Card } from '../../parts/card'
import { Given } from '../../parts/given'
import { Moment } from '../../parts/moment'
import { useSay } from '../../words/say'
import { classText, isOutcome, typeText } from './session-facts'
import classes from './sessions.module.css'
import type { Step } from './steps'
import { nameOf } from './waterfall'

/** One step in full; what its reader may not see is said and not left out in silence. */
export function Inspector({ step, fromMs }: { readonly step: Step | undefined; readonly fromMs: number }): ReactElement {
  const say = useSay()
  const sees = useSees()
  const role = useRole()
  const who = useWhomToAsk()
  const { duration, count, money } = useAmounts()
  if (step === undefined)
    return (
      <Card title={say('sessions.inspector')}>
        <Text size="sm" c="dimmed">
          {say('sessions.choose-step')}
        </Text>
      </Card>
    )
  const { llm, tool, error, excerpt, detail = {}, tags, endState, endReason, announcement } = step
  const tokens = (name: 'inputTokens' | 'outputTokens' | 'retries'): ReactNode => {
    const value = llm?.[name]
    return typeof value === 'number' ? count(value) : undefined
  }
  const cost = llm === undefined ? undefined : typeof llm['costNanoUsd'] === 'number' ? say('sessions.cost-from', { cost: money(llm['costNanoUsd']), source: say(llm['costSource'] === 'reported' ? 'sessions.cost-reported' : 'sessions.cost-priced') }) : say('sessions.cost-unknown')
  const hidden = [...(sees('sessionContent') ? [] : [say('sessions.content')]), ...(sees('costDetail') || llm === undefined ? [] : [say('sessions.cost')]), ...(sees('personalData') ? [] : [say('sessions.user')])]
  return (
    <Card title={nameOf(step, say)}>
      <dl className={classes['facts']} data-inspected={step.id}>
        <Fact name={say('sessions.kind')}>{typeText(step.type, say)}</Fact>
        <Fact name={say('sessions.began')}>
          <Moment atMs={step.atMs - step.durationMs} /> (+{duration(step.atMs - step.durationMs - fromMs)})
        </Fact>
        <Fact name={say('sessions.length')}>{duration(step.durationMs)}</Fact>
        <Fact name={say('sessions.outcome')}>{isOutcome(endState) ? say(`sessions.${endState}`) : say(step.status === 'error' ? 'sessions.failed-mark' : 'sessions.ok-mark')}</Fact>
        <Fact name={say('sessions.agent')}>{step.agent}</Fact>
        <Fact name={say('sessions.user')}>{step.user}</Fact>
        <Fact name={say('sessions.provider')}>{llm?.provider}</Fact>
        <Fact name={say('sessions.model')}>{llm?.model}</Fact>
        <Fact name={say('sessions.tool')}>{tool?.name}</Fact>
        <Fact name={say('sessions.tokens-in')}>{tokens('inputTokens')}</Fact>
        <Fact name={say('sessions.tokens-out')}>{tokens('outputTokens')}</Fact>
        <Fact name={say('sessions.retries')}>{tokens('retries')}</Fact>
        <Fact name={say('sessions.finish')}>{typeof llm?.['finishReason'] === 'string' ? llm['finishReason'] : undefined}</Fact>
        <Fact name={say('sessions.cost')}>{sees('costDetail') ? cost : undefined}</Fact>
        <Fact name={say('sessions.error')}>{error === undefined ? undefined : [classText(error.class, say), error.statusCode, error.code].filter((part) => part !== undefined).join(' ')}</Fact>
        <Fact name={say('sessions.reason')}>{endReason}</Fact>
        {Object.entries({ ...tags, ...detail }).map(([name, value]) => (
          <Fact key={name} name={name}>
            {value}
          </Fact>
        ))}
        <Fact name="id">{step.id}</Fact>
      </dl>
      <Said name={say('sessions.error')} text={error?.message} />
      <Said name={say('sessions.excerpt')} text={excerpt} />
      <Said name={say('sessions.announced')} text={typeof announcement?.['title'] === 'string' ? announcement['title'] : undefined} />
      {hidden.length > 0 && (
        <Text size="xs" c="dimmed" mt="sm" data-hidden>
          {say('sessions.role-may-not-see', { role: say(`role.${role ?? 'viewer'}`), what: hidden.join(say('sessions.and')), who })}
        </Text>
      )}
    </Card>
  )
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }): ReactElement | null {
  if (children === undefined || children === '') return null
  return (
    <div>
      <dt>
        <Given>{name}</Given>
      </dt>
      <dd>{typeof children === 'string' ? <Given>{children}</Given> : children}</dd>
    </div>
  )
}

function Said({ name, text }: { readonly name: string; readonly text: string | undefined }): ReactElement | null {
  if (text === undefined || text === '') return null
  return (
    <>
      <Text size="xs" c="dimmed" mt="sm" mb={2}>
        {name}
      </Text>
      <pre className={classes['said']} tabIndex={0} aria-label={name}>
        <Given>{text}</Given>
      </pre>
    </>
  )
}
