import { useSyncExternalStore, type ReactElement } from 'react'
import { useAmounts } from './amounts'

const listeners = new Set<() => void>()
let nowMs = Date.now()
let timer: ReturnType<typeof setInterval> | undefined

/** The present, once a second for all who show it. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => nowMs)
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  timer ??= setInterval(() => {
    nowMs = Date.now()
    for (const one of listeners) one()
  }, 1_000)
  return () => {
    listeners.delete(listener)
    if (listeners.size > 0) return
    clearInterval(timer)
    timer = undefined
  }
}

/** A time as `14:02`, whole in its title. */
export function Moment({ atMs }: { readonly atMs: number }): ReactElement {
  const { time, wholeTime } = useAmounts()
  return (
    <time dateTime={new Date(atMs).toISOString()} title={wholeTime(atMs)} style={{ whiteSpace: 'nowrap' }}>
      {time(atMs)}
    </time>
  )
}

/** A time as `4 s ago`; it goes on by itself. */
export function Ago({ atMs }: { readonly atMs: number }): ReactElement {
  const { ago, wholeTime } = useAmounts()
  const now = useNow()
  return (
    <time dateTime={new Date(atMs).toISOString()} title={wholeTime(atMs)} style={{ whiteSpace: 'nowrap' }}>
      {ago(Math.min(atMs, now), now)}
    </time>
  )
}
