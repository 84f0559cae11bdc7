import { useEffect, useRef } from 'react'
import { useMe } from '../api/me'
import { startAnew } from '../parts/unsaved'

/** Who logs in as somebody else, over this page or in another one, finds nothing of what the one before read and typed. */
export function useSamePerson(): void {
  const { data: me } = useMe()
  const first = useRef<string>(undefined)
  const id = me?.id
  useEffect(() => {
    if (id === undefined) return
    first.current ??= id
    if (first.current !== id) startAnew()
  }, [id])
}
