import { Anchor } from '@mantine/core'
import { useEffect, type ReactElement } from 'react'
import { Empty, PageHead } from '../parts/states'
import { useSay } from '../words/say'

/** There is no such page. */
export function Nothing(): ReactElement {
  const say = useSay()
  useEffect(() => {
    document.title = 'Tocsin'
  }, [])
  return (
    <>
      <PageHead title={say('state.no-page')} />
      <Empty action={<Anchor href="/">{say('state.to-start')}</Anchor>}>{location.pathname}</Empty>
    </>
  )
}
