import type { ReactElement } from 'react'
import { usePlace } from '../../app/params'
import { useAsk } from '../../api/ask'
import { useMay } from '../../api/me'
import { useAddress } from '../../app/address'
import { PageLink } from '../../app/page-link'
import { Asked, Empty, PageHead } from '../../parts/states'
import { useSay } from '../../words/say'
import { MessageDetail } from './detail'
import { Inbox } from './inbox'
import { MessageList } from './list'

/** `/messages` and one of them: what people were told, what waits, what failed. */
export function Page(): ReactElement {
  const say = useSay()
  const may = useMay()
  const isForAll = may('messages:read')
  const mine = useAsk('/api/v1/me/person', {}, { enabled: !isForAll })
  if (isForAll) return <Messages />
  // Others see their own: who is none of the people was told nothing.
  return (
    <Asked of={mine} what={say('message.list')} rows={10}>
      {({ person }) =>
        person !== undefined ? (
          <Messages />
        ) : (
          <>
            <PageHead title={say('message.list')} line={say('message.line')} />
            <Empty action={<PageLink to="/me">{say('page.me')}</PageLink>}>{say('message.nobody')}</Empty>
          </>
        )
      }
    </Asked>
  )
}

function Messages(): ReactElement {
  const { id } = usePlace()
  const [{ view }] = useAddress({ view: '' })
  if (id !== undefined) return <MessageDetail key={id} id={id} />
  return view === 'inbox' ? <Inbox /> : <MessageList />
}
