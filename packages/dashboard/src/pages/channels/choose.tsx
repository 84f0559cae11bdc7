import { SimpleGrid, Text, Title } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { useAsk } from '../../api/ask'
import { useProject } from '../../app/project'
import { PageLink } from '../../app/page-link'
import { Asked, PageHead } from '../../parts/states'
import { useSay } from '../../words/say'
import { inline } from '../../parts/marked'
import classes from './channels.module.css'

/** Which kind of channel is to be made. */
export function Choose(): ReactElement {
  const say = useSay()
  const project = useProject()
  const types = useAsk('/api/v1/channel-types')
  return (
    <>
      <PageHead title={say('channels.choose')} line={
          <PageLink to="/channels" underline="always">
            {say('channels.back')}
          </PageLink>
        } />
      <Asked of={types} what={say('channels.choose')}>
        {({ items }) => (
          <SimpleGrid cols={{ base: 1, xs: 2, md: 3 }} component="ul" p={0} m={0} style={{ listStyle: 'none' }}>
            {items.map(({ type, title, description }) => (
              <li key={type}>
                {/* Reason for the cast: what stands after the "?" has no type here, each page reads its own. */}
                <Link to={`/p/${project}/channels`} search={{ new: type }} className={classes['kind'] ?? ''}>
                  <Title order={2} size="h6">
                    {title}
                  </Title>
                  <Text size="xs" c="dimmed" lineClamp={3}>
                    {inline(description)}
                  </Text>
                </Link>
              </li>
            ))}
          </SimpleGrid>
        )}
      </Asked>
    </>
  )
}
