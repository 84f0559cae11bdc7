import type { ReactElement } from 'react'
import { useAsk } from '../../api/ask'
import { PageLink } from '../../app/page-link'
import { useAmounts } from '../../parts/amounts'
import { useNow } from '../../parts/moment'
import { Empty } from '../../parts/states'
import { useSay } from '../../words/say'

/** Nothing fires: which proves nothing unless something is watched. */
export function Quiet(): ReactElement {
  const say = useSay()
  const { ago } = useAmounts()
  const now = useNow()
  const { data: start } = useAsk('/api/v1/start')
  const { data: builtIn } = useAsk('/api/v1/built-in-rules')
  const { data: own } = useAsk('/api/v1/rules')
  const names = new Set(builtIn?.items.map(({ name }) => name))
  const watching = (builtIn?.items.filter(({ on }) => on).length ?? 0) + (own?.items.filter(({ name }) => !names.has(name)).length ?? 0)
  if (start === undefined || builtIn === undefined) return <Empty>{' '}</Empty>
  const last = start.lastEvent
  return (
    <Empty action={last === undefined && <PageLink to="/start">{say('page.start')}</PageLink>}>
      {say('alerts.quiet', { event: last === undefined ? 'none' : 'some', ago: last === undefined ? '' : ago(Math.min(last.atMs, now), now), rules: watching })}
    </Empty>
  )
}
