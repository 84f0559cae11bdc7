import { Alert, Stack, Text, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useEffect, useRef, useState, type ReactElement } from 'react'
import { useAsk, useChanged, type Item } from '../../api/ask'
import { api, type ProblemError } from '../../api/client'
import type { paths } from '../../api/schema'
import { useProject } from '../../app/project'
import { ActButton } from '../../parts/act-button'
import { Card } from '../../parts/card'
import { Failed } from '../../parts/states'
import { useAnnounced } from '../../parts/toasts'
import { useSay } from '../../words/say'
import classes from './channels.module.css'

type Result = paths['/api/v1/channels/{name}/test']['post']['responses'][200]['content']['application/json']
type AddressKind = 'email' | 'phone' | 'slack' | 'telegram' | 'push' | 'webPush' | 'none'

interface TestPanelProps {
  readonly name: string
  readonly type: Item<'/api/v1/channel-types'> | undefined
  /** Why it cannot be sent now. */
  readonly reason: string | undefined
}

/** One message, at once, and everything that was said. “Accepted” is what a server can say; nobody here calls it delivered. */
export function TestPanel({ name, type, reason }: TestPanelProps): ReactElement {
  const say = useSay()
  const project = useProject()
  const changed = useChanged()
  // Reason for the cast: the server's list says it as a text; another kind is shown as it is called.
  const kind = (type?.address ?? 'none') as AddressKind
  const { data: me } = useAsk('/api/v1/me/person', {}, { enabled: kind !== 'none' })
  const own = me?.addresses.find((one) => one.kind === kind)?.address
  const [typed, setTyped] = useState<string>()
  const to = typed ?? own ?? ''
  const test = useMutation<Result | undefined, ProblemError>({
    mutationKey: ['channel-test', project, name],
    mutationFn: async () => (await api.POST('/api/v1/channels/{name}/test', { params: { path: { name } }, body: to === '' ? {} : { to } })).data,
    onSettled: async () => changed('/api/v1/overview', '/api/v1/channels'),
  })
  const end = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (test.data !== undefined) end.current?.scrollIntoView({ block: 'nearest' })
  }, [test.data])
  return (
    <Card title={say('channels.test')}>
      <Stack gap="sm">
        <Text size="sm" c="dimmed">
          {say('channels.test-line')}
        </Text>
        {kind !== 'none' && <TextInput label={say('channels.test-to', { address: say(`address.${kind}`) })} value={to} error={test.error?.places.find(({ pointer }) => pointer.endsWith('to'))?.detail} onChange={(event) => setTyped(event.currentTarget.value)} />}
        <div>
          <ActButton variant="default" reason={reason} loading={test.isPending} onClick={() => test.mutate()}>
            {say('channels.test')}
          </ActButton>
        </div>
        <div ref={end}>
          {test.error !== null && <Failed error={test.error} what={say('channels.test')} />}
          {test.data !== undefined && <Said result={test.data} staysHere={type?.address === 'none' && type.fields.length === 0} />}
        </div>
      </Stack>
    </Card>
  )
}

const known = ['sent', 'retry', 'bad-address', 'bad-content', 'bad-config', 'in-doubt'] as const

function Said({ result: { ok, outcome, conversation }, staysHere }: { readonly result: Result; readonly staysHere: boolean }): ReactElement {
  const say = useSay()
  const kind = known.find((one) => one === outcome.kind) ?? 'in-doubt'
  const verdict = say(kind === 'sent' && staysHere ? 'channels.test-sent-here' : `channels.test-${kind}`)
  useAnnounced(verdict)
  return (
    <Stack gap="sm">
      <Alert color={ok ? 'green' : 'red'} variant="light" p="sm" data-outcome={kind}>
        <Text size="sm" fw={600}>
          {verdict}
        </Text>
        {outcome.detail !== undefined && (
          <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
            {outcome.detail}
          </Text>
        )}
        {outcome.code !== undefined && (
          <Text size="xs" c="dimmed">
            {say('channels.test-code', { code: outcome.code })}
          </Text>
        )}
      </Alert>
      <section aria-label={say('channels.conversation')}>
        {conversation.length === 0 ? (
          <Text size="sm" c="dimmed">
            {say('channels.silent')}
          </Text>
        ) : (
          <ol className={classes['talk']} tabIndex={0} aria-label={say('channels.conversation')}>
            {conversation.map(({ from, text }, index) => (
              <li key={`${index} ${from}`} data-from={from}>
                <Text span size="xs" c="dimmed">
                  {say(`channels.${from}`)}
                </Text>
                <pre translate="no">{text}</pre>
              </li>
            ))}
          </ol>
        )}
      </section>
    </Stack>
  )
}
