import { Grid, Stack, Text } from '@mantine/core'
import type { ReactElement, ReactNode } from 'react'
import { useAsk, type Answer } from '../../../api/ask'
import { useAmounts } from '../../../parts/amounts'
import { Card } from '../../../parts/card'
import { DataTable } from '../../../parts/data-table'
import { Given } from '../../../parts/given'
import { Ago, Moment } from '../../../parts/moment'
import { Asked, PageHead } from '../../../parts/states'
import { sayIfKnown, useSay } from '../../../words/say'

type Health = Answer<'/api/v1/health'>

const againMs = 10_000

/** `/admin/health`: how the server itself is. */
export function Page(): ReactElement {
  const say = useSay()
  const health = useAsk('/api/v1/health', {}, { everyMs: againMs })
  return (
    <Asked of={health} what={say('page.health')} rows={10}>
      {(data) => (
        <>
          <PageHead title={say('page.health')} line={say('admin.line-health', { version: data.version })} />
          {data.configurationTrouble !== undefined && (
            <Text c="red" role="alert" mb="sm">
              <Given>{data.configurationTrouble}</Given>
            </Text>
          )}
          <Grid>
            <Grid.Col span={{ base: 12, md: 7 }}>
              <Stack>
                <Queue queue={data.queue} />
                <Nodes nodes={data.nodes} />
              </Stack>
            </Grid.Col>
            <Grid.Col span={{ base: 12, md: 5 }}>
              <Stack>
                <Database database={data.database} />
                <Watching health={data} />
                <RefusedKeys keys={data.refusedKeys} />
              </Stack>
            </Grid.Col>
          </Grid>
        </>
      )}
    </Asked>
  )
}

function Queue({ queue }: { readonly queue: Health['queue'] }): ReactElement {
  const say = useSay()
  const { count, duration } = useAmounts()
  return (
    <Card title={say('admin.queue')}>
      {queue.every(({ waiting }) => waiting === 0) && <Quiet>{say('admin.queue-empty')}</Quiet>}
      <DataTable
        label={say('admin.queue')}
        rows={queue}
        idOf={({ channel }) => channel}
        minWidth={380}
        columns={[
          { id: 'channel', head: say('message.channel'), cell: ({ channel, isConfigured }) => (
            <>
              <Given>{channel}</Given>
              {!isConfigured && <Text size="xs" c="dimmed">{say('admin.not-configured')}</Text>}
            </>
          ) },
          { id: 'state', head: say('admin.state'), cell: ({ state, sinceMs }) => (
            <>
              {say(`overview.channel-${state}`)} {sinceMs !== undefined && state !== 'working' && <Moment atMs={sinceMs} />}
            </>
          ) },
          { id: 'waiting', head: say('admin.waiting'), cell: ({ waiting }) => count(waiting) },
          { id: 'late', head: say('admin.late'), cell: ({ lateMs }) => (lateMs === undefined || lateMs <= 0 ? '' : duration(lateMs)) },
        ]}
      />
    </Card>
  )
}

function Nodes({ nodes }: { readonly nodes: Health['nodes'] }): ReactElement {
  const say = useSay()
  const { count, duration, time } = useAmounts()
  return (
    <Card title={say('admin.nodes')}>
      <Stack gap="xs">
        {nodes.map(({ id, host, version, startedMs, seenMs, isThis, intake }) => (
          <div key={id}>
            <Text size="sm">
              <Given>{host}</Given> {version} {isThis && <strong>({say('admin.node-this')})</strong>} · {say('admin.node-started', { time: time(startedMs) })} · <Ago atMs={seenMs} />
            </Text>
            <Text size="xs" c="dimmed">
              {say('admin.lately', { events: say('admin.events-lately', { events: intake.events, window: duration(intake.windowMs) }), refused: say('admin.refused-lately', { busy: count(intake.refused.busy), malformed: count(intake.refused.malformed), invalid: count(intake.refused.invalid) }) })}
            </Text>
          </div>
        ))}
      </Stack>
    </Card>
  )
}

function Database({ database: { kind, bytes, schema } }: { readonly database: Health['database'] }): ReactElement {
  const say = useSay()
  return (
    <Card title={say('admin.database')}>
      <Text size="sm">{say('admin.database-line', { kind: kind === 'sqlite' ? 'SQLite' : 'PostgreSQL', size: sizeText(bytes), engine: schema.engine, server: schema.server })}</Text>
    </Card>
  )
}

function Watching({ health: { heartbeat, selfTest } }: { readonly health: Health }): ReactElement {
  const say = useSay()
  const { duration, time } = useAmounts()
  return (
    <>
      <Card title={say('admin.heartbeat')}>
        {heartbeat === undefined ? (
          <Quiet>{say('admin.heartbeat-none')}</Quiet>
        ) : (
          <Text size="sm">
            {heartbeat.lastMs === undefined ? say('admin.heartbeat-never', { host: heartbeat.host, every: duration(heartbeat.everyMs) }) : say('admin.heartbeat-line', { host: heartbeat.host, every: duration(heartbeat.everyMs), time: time(heartbeat.lastMs) })}{' '}
            {heartbeat.failures > 0 && <strong>{say('admin.heartbeat-failures', { count: heartbeat.failures })}</strong>}
          </Text>
        )}
      </Card>
      <Card title={say('admin.self-test')}>
        {selfTest === undefined ? (
          <Quiet>{say('admin.self-test-none')}</Quiet>
        ) : (
          <>
            <Text size="sm">{say('admin.self-test-at', { at: selfTest.at })}</Text>
            {selfTest.results.map(({ channel, atMs, result }) => (
              <Text key={channel} size="sm">
                <Given>{say('state.named', { name: channel, text: sayIfKnown(result === 'none' || result === 'waiting' ? `admin.self-test-${result}-yet` : `message.result-${result}`) ?? result })}</Given> {atMs !== undefined && <Moment atMs={atMs} />}
              </Text>
            ))}
          </>
        )}
      </Card>
    </>
  )
}

function RefusedKeys({ keys }: { readonly keys: Health['refusedKeys'] }): ReactElement {
  const say = useSay()
  return (
    <Card title={say('admin.refused-keys')}>
      {keys.length === 0 && <Quiet>{say('admin.refused-none')}</Quiet>}
      {keys.map(({ atMs, state, last4 }, index) => (
        <Text key={`${atMs} ${index}`} size="sm">
          <Moment atMs={atMs} /> {say('admin.refused-line', { last4: last4 ?? '????', state: say(`admin.refused-${state}`) })}
        </Text>
      ))}
    </Card>
  )
}

function Quiet({ children }: { readonly children: ReactNode }): ReactElement {
  return (
    <Text size="sm" c="dimmed">
      {children}
    </Text>
  )
}

function sizeText(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB'] as const
  const step = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3))
  return `${Math.round((bytes / 1_000 ** step) * 10) / 10} ${units[step]}`
}
