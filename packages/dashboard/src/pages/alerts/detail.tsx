import { Stack, Text } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useCallback, useRef, type ReactElement } from 'react'
import { useAsk, type Answer } from '../../api/ask'
import { PageLink } from '../../app/page-link'
import { useProject } from '../../app/project'
import { useKeys } from '../../keys/keys'
import { Card } from '../../parts/card'
import { Given } from '../../parts/given'
import { Severity } from '../../parts/severity'
import { Asked, PageHead } from '../../parts/states'
import { useSay } from '../../words/say'
import { Acts } from './acts-panel'
import classes from './alerts.module.css'
import type { Optimistic } from './acts'
import { standingOf } from './alert-facts'
import { Facts } from './facts'
import { Inside } from './inside'
import { Similar } from './similar'
import { Timeline } from './timeline'
import { Why } from './why'

export type WholeAlert = Answer<'/api/v1/alerts/{id}'>

/** `/alerts/alt_51`: what happened, who was told and why, and what can be done. */
export function AlertDetail({ id }: { readonly id: string }): ReactElement {
  const say = useSay()
  const project = useProject()
  const navigate = useNavigate()
  const alert = useAsk('/api/v1/alerts/{id}', { path: { id } })
  const why = useRef<HTMLElement>(null)
  const optimistic = useOptimistic(id)
  useKeys([
    { keys: 'Esc', word: 'keys.back', group: 'list', run: () => void navigate({ to: `/p/${project}/alerts` }) },
    { keys: 'w', word: 'keys.why', group: 'alert', run: () => {
      why.current?.focus()
      why.current?.scrollIntoView({ block: 'start' })
    } },
  ])
  if (alert.data === undefined && alert.error !== null)
    return (
      <>
        <PageHead title={<Given>{id}</Given>} line={<PageLink to="/alerts">{say('page.alerts')}</PageLink>} />
        <Asked of={alert} what={say('alerts.one', { id })}>
          {() => null}
        </Asked>
      </>
    )
  return (
    <Asked of={alert} what={say('alerts.one', { id })} rows={10}>
      {(data) => (
        <>
          <Text size="sm" mb={4}>
            <PageLink to="/alerts" underline="always">{say('page.alerts')}</PageLink> / {data.id}
            {data.parent !== undefined && (
              <>
                {' · '}
                <PageLink to={`/alerts/${data.parent}`} underline="always">{say('alerts.part-of', { id: data.parent })}</PageLink>
              </>
            )}
          </Text>
          <PageHead
            title={<Given>{data.title}</Given>}
            line={
              <>
                <Severity of={data.severity} /> · {say(`kind.${data.kind}`)} · <Given>{standingOf(data, say)}</Given>
              </>
            }
          />
          <div className={classes['page']}>
            <Stack gap="md" className={classes['main'] ?? ''}>
                <Card title={say('alerts.cause')}>
                  <Stack gap={6}>
                    {data.words.sentences.map((sentence, index) => (
                      <Text key={index} className={classes['sentence'] ?? ''} data-long={sentence.includes('\n')}>
                        <Given>{sentence}</Given>
                      </Text>
                    ))}
                    {data.words.quotes.map((quote, index) => (
                      <Text key={index} component="blockquote" m={0} pl="sm" size="sm" ff="monospace" style={{ borderInlineStart: '3px solid var(--mantine-color-default-border)', whiteSpace: 'pre-wrap' }}>
                        <Given>{quote}</Given>
                      </Text>
                    ))}
                  </Stack>
                </Card>
                <Why of={data} place={why} />
                <Timeline of={data} />
                {(data.parts ?? 0) > 0 && <Inside of={data} />}
            </Stack>
            <div className={classes['acts']}>
              <Acts of={data} optimistic={optimistic} />
            </div>
            <Stack gap="md" className={classes['rest'] ?? ''}>
              <Facts of={data} />
              <Similar of={data} />
            </Stack>
          </div>
        </>
      )}
    </Asked>
  )
}

/** Changes the one that is shown. */
function useOptimistic(id: string): Optimistic {
  const client = useQueryClient()
  return useCallback(
    (ids, change) => {
      if (!ids.has(id)) return () => undefined
      const filters = { predicate: ({ queryKey: [path, , asked] }: { readonly queryKey: readonly unknown[] }) => path === '/api/v1/alerts/{id}' && JSON.stringify(asked) === JSON.stringify({ path: { id } }) }
      const before = client.getQueriesData<WholeAlert>(filters)
      client.setQueriesData<WholeAlert>(filters, (known) => known && { ...known, ...change(known) })
      return () => {
        for (const [key, data] of before) client.setQueryData(key, data)
      }
    },
    [client, id],
  )
}
