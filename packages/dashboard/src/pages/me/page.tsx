import { Grid, Stack } from '@mantine/core'
import type { ReactElement } from 'react'
import { useAsk } from '../../api/ask'
import { useMe } from '../../api/me'
import { Given } from '../../parts/given'
import { Asked, PageHead } from '../../parts/states'
import { useSay } from '../../words/say'
import { Addresses } from './addresses'
import { Browsers } from './browsers'
import { Logins } from './logins'
import { Looks } from './looks'
import { Sent } from './sent'
import { Times } from './times'
import { Wishes } from './wishes'

/** `/me`: where I am told, what I want to be told, and what I was told and why. */
export function Page(): ReactElement {
  const say = useSay()
  const { data: me } = useMe()
  const own = useAsk('/api/v1/me/person')
  return (
    <>
      <PageHead title={<Given>{me?.name}</Given>} line={say('me.line')} />
      <Grid>
        <Grid.Col span={{ base: 12, md: 7 }}>
          <Asked of={own} what={say('page.me')} rows={8}>
            {(person) => (
              <Stack>
                <Addresses own={person} />
                <Times own={person} />
                <Wishes own={person} />
                <Browsers />
              </Stack>
            )}
          </Asked>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 5 }}>
          <Stack>
            <Sent />
            <Looks />
            <Logins />
          </Stack>
        </Grid.Col>
      </Grid>
    </>
  )
}
