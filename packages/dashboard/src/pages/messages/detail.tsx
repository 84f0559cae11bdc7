import { Grid, Stack, Table, Text } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import type { ReactElement, ReactNode } from 'react'
import { useAsk, type Answer } from '../../api/ask'
import { PageLink } from '../../app/page-link'
import { useProject } from '../../app/project'
import { useKeys } from '../../keys/keys'
import { useAmounts } from '../../parts/amounts'
import { Card } from '../../parts/card'
import { Given } from '../../parts/given'
import { SeenMessage } from '../../parts/message/seen-message'
import { Moment } from '../../parts/moment'
import { Severity } from '../../parts/severity'
import { Asked, PageHead } from '../../parts/states'
import { useSay } from '../../words/say'
import { Resend } from './resend'

type Delivery = Answer<'/api/v1/deliveries/{id}'>

/** One message: as its reader sees it, how it was sent, and what became of it. */
export function MessageDetail({ id }: { readonly id: string }): ReactElement {
  const say = useSay()
  const project = useProject()
  const navigate = useNavigate()
  const delivery = useAsk('/api/v1/deliveries/{id}', { path: { id } })
  const message = useAsk('/api/v1/deliveries/{id}/message', { path: { id } })
  useKeys([{ keys: 'Esc', word: 'keys.back', group: 'list', run: () => void navigate({ to: `/p/${project}/messages` }) }])
  return (
    <>
      <Text size="sm" mb="xs">
        <PageLink to="/messages">← {say('message.back')}</PageLink>
      </Text>
      {delivery.data === undefined && <PageHead title={<Given>{id}</Given>} />}
      <Asked of={delivery} what={id}>
        {(data) => (
          <>
            <PageHead title={<Given>{data.title ?? id}</Given>} line={data.verdict} actions={<Resend delivery={data} />} />
            <Grid>
              <Grid.Col span={{ base: 12, md: 8 }}>
                <Stack>
                  <Card title={say('message.as-read')} minHeight={200}>
                    <Asked of={message} what={say('message.as-read')}>
                      {(seen) => <SeenMessage seen={seen} />}
                    </Asked>
                  </Card>
                  <Attempts delivery={data} />
                </Stack>
              </Grid.Col>
              <Grid.Col span={{ base: 12, md: 4 }}>
                <Facts delivery={data} />
              </Grid.Col>
            </Grid>
          </>
        )}
      </Asked>
    </>
  )
}

function Attempts({ delivery: { attempts, dueMs } }: { readonly delivery: Delivery }): ReactElement {
  const say = useSay()
  const { duration, time } = useAmounts()
  return (
    <Card title={say('message.attempts')}>
      {attempts.length === 0 ? (
        <Text c="dimmed" size="sm">
          {say('message.no-attempt', { time: time(dueMs) })}
        </Text>
      ) : (
        <Table.ScrollContainer minWidth={420} scrollAreaProps={{ viewportProps: { tabIndex: 0, role: 'region', 'aria-label': say('message.attempts') } }}>
          <Table fz="sm" aria-label={say('message.attempts')}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{say('message.attempt')}</Table.Th>
                <Table.Th>{say('message.when')}</Table.Th>
                <Table.Th>{say('message.took')}</Table.Th>
                <Table.Th>{say('message.outcome')}</Table.Th>
                <Table.Th>{say('message.detail')}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {attempts.map(({ number, atMs, tookMs, outcome, code, detail }) => (
                <Table.Tr key={number}>
                  <Table.Td>{number}</Table.Td>
                  <Table.Td>
                    <Moment atMs={atMs} />
                  </Table.Td>
                  <Table.Td>{duration(tookMs)}</Table.Td>
                  <Table.Td>
                    {outcome}
                    {code !== undefined && ` (${code})`}
                  </Table.Td>
                  <Table.Td>
                    <Given>{detail}</Given>
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
    </Card>
  )
}

function Facts({ delivery }: { readonly delivery: Delivery }): ReactElement {
  const say = useSay()
  const { id, person, address, channel, route, createdAtMs, dueMs, carries, moreAlerts } = delivery
  return (
    <Card title={say('message.facts')}>
      <Stack gap={6}>
        <Fact name={say('message.to')}>
          <Given>{[person, address].filter((part) => part !== undefined && part !== '').join(', ')}</Given>
        </Fact>
        <Fact name={say('message.channel')}>
          <PageLink to={`/channels/${encodeURIComponent(channel)}`}>
            <Given>{channel}</Given>
          </PageLink>
        </Fact>
        <Fact name={say('message.route')}>
          <Given>{route}</Given>
        </Fact>
        <Fact name={say('message.when')}>
          <Moment atMs={createdAtMs} />
        </Fact>
        <Fact name={say('message.due')}>
          <Moment atMs={dueMs} />
        </Fact>
        <Fact name="id">
          <code>{id}</code>
        </Fact>
        <Text size="sm" fw={600} mt="xs">
          {say('message.tells-of')}
        </Text>
        {carries.map(({ id: alert, severity, title }) => (
          <Text key={alert} size="sm">
            <Severity of={severity} />{' '}
            <PageLink to={`/alerts/${alert}`}>
              <Given lines={2}>{title}</Given>
            </PageLink>
          </Text>
        ))}
        {moreAlerts > 0 && (
          <Text size="sm" c="dimmed">
            {say('message.tells-more', { count: moreAlerts })}
          </Text>
        )}
      </Stack>
    </Card>
  )
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }): ReactElement {
  return (
    <Text size="sm" component="div" style={{ display: 'flex', gap: '0.5rem', minWidth: 0 }}>
      <Text span c="dimmed" size="sm" style={{ whiteSpace: 'nowrap' }}>
        {name}
      </Text>
      <span style={{ minWidth: 0 }}>{children}</span>
    </Text>
  )
}
