import { useNavigate } from '@tanstack/react-router'
import { useEffect, type ReactElement } from 'react'
import { useMe } from '../api/me'
import { Asked, Empty } from '../parts/states'
import { useSay } from '../words/say'
import { kept } from './kept'

/** `/`: to the project that was looked at last, else the first; who has not logged in, does that first. */
export function Entry(): ReactElement | null {
  const say = useSay()
  const navigate = useNavigate()
  const me = useMe()
  const isOut = me.error?.status === 401
  const last = kept('project')
  const project = (me.data?.projects.find(({ name }) => name === last) ?? me.data?.projects[0])?.name
  useEffect(() => {
    if (isOut) void navigate({ to: '/login', replace: true })
    else if (project !== undefined) void navigate({ to: '/p/$project', params: { project }, replace: true })
  }, [isOut, project, navigate])
  if (isOut || project !== undefined) return null
  return (
    <Asked of={me} what={say('what.account')}>
      {() => <Empty>{say('state.no-projects')}</Empty>}
    </Asked>
  )
}
