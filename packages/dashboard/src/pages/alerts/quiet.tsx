import type { ReactElement } from 'react'
import { PageLink } from '../../app/page-link'
import { useQuietSentence } from '../../parts/quiet-sentence'
import { Empty } from '../../parts/states'
import { useSay } from '../../words/say'

/** Nothing fires: said so that it proves something. */
export function Quiet(): ReactElement {
  const say = useSay()
  const { sentence, last } = useQuietSentence()
  if (sentence === undefined) return <Empty>{' '}</Empty>
  return <Empty action={last === undefined && <PageLink to="/start">{say('page.start')}</PageLink>}>{sentence}</Empty>
}
