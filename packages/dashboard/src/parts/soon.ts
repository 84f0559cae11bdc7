import { useCallback, useEffect, useRef } from 'react'

/** Does it once for all that ask for it within `withinMs`, milliseconds, after the first of them; and not for a part that is gone. */
export function useSoon(act: () => void, withinMs: number): () => void {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const latest = useRef(act)
  latest.current = act
  useEffect(
    () => () => {
      clearTimeout(timer.current)
      timer.current = undefined
    },
    [],
  )
  return useCallback(() => {
    timer.current ??= setTimeout(() => {
      timer.current = undefined
      latest.current()
    }, withinMs)
  }, [withinMs])
}
