import { Alert, Group, Stack, Text } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useQuery, type UseQueryResult } from '@tanstack/react-query'
import type { ReactElement } from 'react'
import { api, type ProblemError } from '../../api/client'
import type { paths } from '../../api/schema'
import { useProject } from '../../app/project'
import { PageLink } from '../../app/page-link'
import { useAmounts } from '../../parts/amounts'
import { Card } from '../../parts/card'
import { Given } from '../../parts/given'
import { Moment } from '../../parts/moment'
import { Severity, type SeverityName } from '../../parts/severity'
import { Failed, Loading } from '../../parts/states'
import { useAnnounced } from '../../parts/toasts'
import { useLocale, useSay } from '../../words/say'
import { listed } from '../../words/sentences'

type Preview = paths['/api/v1/silences/preview']['post']['responses'][200]['content']['application/json']

const quietMs = 400

/** What a condition would have hidden of the last day: by the engine, over what happened. */
export function usePreview(match: string, enabled: boolean): UseQueryResult<Preview, ProblemError> & { readonly isBehind: boolean } {
  const project = useProject()
  // Warnings are in the reader's language.
  const { locale } = useLocale()
  const [asked] = useDebouncedValue(match.trim(), quietMs)
  const query = useQuery<Preview, ProblemError>({
    queryKey: ['/api/v1/silences', project, 'preview', asked, locale],
    enabled: enabled && asked !== '',
    queryFn: async ({ signal }) => {
      const { data } = await api.POST('/api/v1/silences/preview', { body: { match: asked }, signal })
      return data as Preview // an answer of 200 has this body
    },
    placeholderData: keepPreviousData,
    retry: false,
  })
  return { ...query, isBehind: query.isFetching || asked !== match.trim() }
}

export function PreviewCard({ match, preview }: { readonly match: string; readonly preview: ReturnType<typeof usePreview> }): ReactElement {
  const say = useSay()
  const { error, data, isBehind } = preview
  const isCondition = error?.places.some(({ pointer }) => pointer === '/match') === true
  return (
    <Card title={say('silences.preview')} minHeight={180}>
      {match.trim() === '' ? (
        <Text size="sm" c="dimmed">
          {say('silences.preview-unknown')}
        </Text>
      ) : error !== null && !isCondition && !isBehind ? (
        <Failed error={error} what={say('silences.preview')} again={() => void preview.refetch()} />
      ) : data === undefined ? (
        isCondition ? null : <Loading rows={3} />
      ) : (
        <div style={{ opacity: isBehind || isCondition ? 0.55 : 1 }}>
          <Result preview={data} />
        </div>
      )}
    </Card>
  )
}

function Result({ preview: { sinceMs, hasMore, hidden, messagesSaved, messagesShortened, warnings } }: { readonly preview: Preview }): ReactElement {
  const say = useSay()
  const amounts = useAmounts()
  const sum = hidden.length === 0 ? say('silences.preview-none') : say('silences.preview-sum', { count: hidden.length, saved: messagesSaved, shortened: messagesShortened })
  useAnnounced(sum)
  return (
    <Stack gap="sm">
      {warnings.map((warning) => (
        <Alert key={warning} color="orange" variant="light" p="xs" data-warning>
          <Text size="sm">
            {warning}
          </Text>
        </Alert>
      ))}
      <Text size="sm" fw={600}>
        {sum}
      </Text>
      <Text size="xs" c="dimmed">
        {say('silences.preview-since', { time: amounts.time(sinceMs) })} {hasMore && say('silences.preview-more')}
      </Text>
      <ul style={{ listStyle: 'none', margin: 0, padding: 0, maxHeight: '24rem', overflow: 'auto' }} tabIndex={0} aria-label={say('silences.preview')}>
        {hidden.map(({ alert, atMs, severity, title, told }) => (
          <li key={alert} style={{ padding: '0.25rem 0' }}>
            <Group gap={6}>
              <Severity of={severity as SeverityName} />
              <Text span size="xs" c="dimmed">
                <Moment atMs={atMs} />
              </Text>
            </Group>
            <PageLink to={`/alerts/${alert}`} size="sm">
              <Given lines={2}>{title}</Given>
            </PageLink>
            {told.length > 0 && (
              <Text size="xs" c="dimmed">
                <Given>{say('silences.preview-told', { list: listed(told.map(({ person, channel }) => `${person || '*'} · ${channel}`)) })}</Given>
              </Text>
            )}
          </li>
        ))}
      </ul>
    </Stack>
  )
}
