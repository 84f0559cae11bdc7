import { Alert, Group, SegmentedControl, Select, Text } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import type { ReactElement } from 'react'
import { useAsk, type Answer } from '../../api/ask'
import { api, type ProblemError } from '../../api/client'
import { useAddress } from '../../app/address'
import { useProject } from '../../app/project'
import { Card } from '../../parts/card'
import { Given } from '../../parts/given'
import { MessageView } from '../../parts/message/seen-message'
import { said } from '../../parts/said'
import { Loading } from '../../parts/states'
import { localeNames, locales } from '../../words/catalogues'
import { useLocale, useSay } from '../../words/say'
import type { Forms } from './template-form'

type MessageName = Answer<'/api/v1/messages/names'>['messages'][number]

const roles = ['owner', 'admin', 'developer', 'billing', 'viewer'] as const
/** So long after the last letter it is written anew, milliseconds. */
const settledMs = 400
/** For what holds for all, one that everybody knows. */
const likely = 'session.failed'

/** The message as its readers would see it: each language, channel and role, by what writes messages. */
export function Preview({ name, draft }: { readonly name: string; readonly draft: Forms }): ReactElement {
  const say = useSay()
  const project = useProject()
  const { locale: own, timezone } = useLocale()
  const [address, setAddress] = useAddress({ by: 'email', locale: '', role: 'admin', news: 'firing' })
  const types = useAsk('/api/v1/channel-types')
  const [settled] = useDebouncedValue(draft, settledMs)
  const locale = address.locale === '' ? own : address.locale
  const message = (name === '*' ? likely : name) as MessageName // one of the names of this page's choice
  // A file is read where the configuration is: a draft is what is typed here.
  const forms = Object.fromEntries(Object.entries(settled).filter(([, text]) => typeof text === 'string'))
  const body = { message, channelType: address.by, locale, timezone, role: roles.find((one) => one === address.role) ?? 'admin', news: address.news === 'resolved' ? 'resolved' : 'firing', ...(Object.keys(forms).length > 0 && { template: { name, forms } }) }
  const seen = useQuery({
    queryKey: ['/api/v1/messages/preview', project, body],
    // Reason for the cast: the name of the template is one of those that the server gave.
    queryFn: async () => (await api.POST('/api/v1/messages/preview', { body: body as never })).data,
    placeholderData: keepPreviousData,
    retry: false,
  })
  const { data, isPlaceholderData } = seen
  const error: ProblemError | Error | null = seen.error
  return (
    <Card title={say('templates.preview')}>
      <Group gap="xs" mb="md" align="flex-end">
        <Select size="xs" w={140} label={say('templates.by')} allowDeselect={false} data={(types.data?.items ?? []).map(({ type, title }) => ({ value: type, label: title }))} value={address.by} onChange={(by) => setAddress({ by: by ?? 'email' }, { replace: true })} />
        <Select size="xs" w={120} label={say('templates.locale')} allowDeselect={false} data={locales.map((one) => ({ value: one, label: localeNames[one] }))} value={locale} onChange={(value) => setAddress({ locale: value ?? '' }, { replace: true })} />
        <Select size="xs" w={120} label={say('templates.role')} allowDeselect={false} data={roles.map((one) => ({ value: one, label: say(`role.${one}`) }))} value={body.role} onChange={(role) => setAddress({ role: role ?? 'admin' }, { replace: true })} />
        <SegmentedControl size="xs" aria-label={say('templates.news')} data={[{ value: 'firing', label: say('templates.news-firing') }, { value: 'resolved', label: say('templates.news-resolved') }]} value={body.news} onChange={(news) => setAddress({ news }, { replace: true })} />
      </Group>
      {error !== null && (
        <Text size="sm" c="red" role="alert" mb="sm" style={{ overflowWrap: 'anywhere' }}>
          {say('templates.not-previewed', { why: said(error) })}
        </Text>
      )}
      {data === undefined ? (
        error === null && <Loading rows={4} />
      ) : (
        <div style={{ opacity: isPlaceholderData ? 0.55 : 1 }} aria-busy={isPlaceholderData}>
          {!data.isForThem && (
            <Text size="sm" c="dimmed" mb="sm">
              {say('templates.not-for-them')}
            </Text>
          )}
          {data.faults.length > 0 && (
            <Alert color="orange" variant="light" mb="sm" title={say('templates.faults')}>
              {data.faults.map((fault) => (
                <Text key={fault} size="sm">
                  <Given>{fault}</Given>
                </Text>
              ))}
            </Alert>
          )}
          <MessageView message={data.message} />
        </div>
      )}
    </Card>
  )
}
