import { Badge, Button, Grid, Group, Paper, Stack, Text, Title } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useId, type ReactElement, type ReactNode } from 'react'
import { useAsk } from '../../api/ask'
import { useProject } from '../../app/project'
import { PageHead } from '../../parts/states'
import { useSay } from '../../words/say'
import { BreakIt } from './break-it'
import { Connect } from './connect'
import { LivePanel } from './live-panel'
import { Starters } from './starters'
import classes from './start.module.css'

/** The first two minutes: four steps, none of which is asked before another, and what arrives beside them. */
export function Page(): ReactElement {
  const say = useSay()
  const project = useProject()
  const { data: start } = useAsk('/api/v1/start')
  const channels = start?.configured.channels ?? 0
  const routes = start?.configured.routes ?? 0
  return (
    <>
      <PageHead title={say('page.start')} line={say('start.line')} />
      <Grid gap="md">
        <Grid.Col span={{ base: 12, lg: 8 }} order={{ base: 2, lg: 1 }}>
          <Stack gap="md" component="ol" className={classes['steps'] ?? ''}>
            <Step number={1} title={say('start.connect')} line={say('start.connect-line')} isDone={start?.firstEvent !== undefined}>
              <Connect url={start?.url ?? location.origin} />
            </Step>
            <Step number={2} title={say('start.channel')} line={channels > 0 ? say('start.channel-count', { count: channels }) : say('start.channel-line')} isDone={channels > 0}>
              <Group gap="sm">
                <Button size="xs" component={Link} to={`/p/${project}/channels`} search={{ new: '1' } as never} variant={channels > 0 ? 'default' : 'filled'}>
                  {say('start.add-channel')}
                </Button>
                <Button size="xs" variant="subtle" component={Link} to={`/p/${project}/channels`}>
                  {say('start.see-channels')}
                </Button>
              </Group>
            </Step>
            <Step number={3} title={say('start.starter')} line={routes > 0 ? say('start.starter-done', { count: routes }) : say('start.starter-line')} isDone={routes > 0}>
              <Starters routes={routes} />
            </Step>
            <Step number={4} title={say('start.break')} line={say('start.break-line')} isDone={false}>
              <BreakIt />
            </Step>
          </Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, lg: 4 }} order={{ base: 1, lg: 2 }}>
          <div className={classes['beside']}>
            <LivePanel />
          </div>
        </Grid.Col>
      </Grid>
    </>
  )
}

function Step({ number, title, line, isDone, children }: { readonly number: number; readonly title: string; readonly line: string; readonly isDone: boolean; readonly children: ReactNode }): ReactElement {
  const say = useSay()
  const id = useId()
  return (
    <Paper component="li" withBorder p="md" aria-labelledby={id} className={classes['step'] ?? ''}>
      <Group gap="sm" wrap="nowrap" align="flex-start">
        <span className={classes['number']} data-done={isDone} aria-hidden="true">
          {isDone ? '✓' : number}
        </span>
        <div className={classes['body']}>
          <Group gap="xs">
            <Title order={2} size="h6" id={id}>
              {title}
            </Title>
            {isDone && (
              <Badge size="sm" variant="default" tt="none" fw={500}>
                {say('start.done')}
              </Badge>
            )}
          </Group>
          <Text size="sm" c="dimmed" mb="sm">
            {line}
          </Text>
          {children}
        </div>
      </Group>
    </Paper>
  )
}
