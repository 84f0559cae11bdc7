import { Grid, Stack } from '@mantine/core'
import type { ReactElement } from 'react'
import { useAsk } from '../../api/ask'
import { PageLink } from '../../app/page-link'
import { Asked, PageHead } from '../../parts/states'
import { useSay } from '../../words/say'
import { Budgets } from './budgets'
import { Channels } from './channels'
import { NeedsYou } from './needs-you'
import { Outcomes } from './outcomes'
import { SpendToday } from './spend-today'
import { Told } from './told'

/** What the stream does not tell: time that passes, and what it costs. */
const againMs = 15_000

/** `/`: is anything wrong now, and what does it cost. */
export function Page(): ReactElement {
  const say = useSay()
  const overview = useAsk('/api/v1/overview', {}, { everyMs: againMs })
  return (
    <Asked of={overview} what={say('overview.what')} rows={10}>
      {(data) => (
        <>
          <PageHead
            title={data.sentence}
            actions={
              <PageLink to="/alerts" size="sm">
                {say('overview.all')}
              </PageLink>
            }
          />
          <Stack gap="md">
            <NeedsYou open={data.open} />
            <Grid>
              <Grid.Col span={{ base: 12, md: 8 }}>
                <SpendToday overview={data} />
              </Grid.Col>
              <Grid.Col span={{ base: 12, md: 4 }}>
                <Told told={data.told} />
              </Grid.Col>
              {data.sessions !== undefined && (
                <Grid.Col span={{ base: 12, md: 8 }}>
                  <Outcomes sessions={data.sessions} failures={data.failures ?? []} sinceMs={data.sinceMs} />
                </Grid.Col>
              )}
              {data.channels !== undefined && (
                <Grid.Col span={{ base: 12, md: 4 }}>
                  <Channels channels={data.channels} />
                </Grid.Col>
              )}
              {data.budgets !== undefined && (
                <Grid.Col span={12}>
                  <Budgets budgets={data.budgets} />
                </Grid.Col>
              )}
            </Grid>
          </Stack>
        </>
      )}
    </Asked>
  )
}
