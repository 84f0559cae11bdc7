import type { ReactElement } from 'react'
import { usePlace } from '../../app/params'
import { SessionDetail } from './detail'
import { SessionList } from './list'

/** `/sessions` and one of them. */
export function Page(): ReactElement {
  const { id } = usePlace()
  return id === undefined ? <SessionList /> : <SessionDetail key={id} id={id} />
}
