import type { ReactElement } from 'react'
import { usePlace } from '../../app/params'
import { AlertDetail } from './detail'
import { AlertList } from './list'

/** `/alerts` and one of them. */
export function Page(): ReactElement {
  const { id } = usePlace()
  return id === undefined ? <AlertList /> : <AlertDetail key={id} id={id} />
}
