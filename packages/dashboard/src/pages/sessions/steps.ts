import { useEffect, useMemo, useRef, useState } from 'react'
import { read, type Answer } from '../../api/ask'
import { useLocale } from '../../words/say'

export type WholeSession = Answer<'/api/v1/sessions/{id}'>
export type Step = WholeSession['steps'][number]

interface Steps {
  /** As they began, first to last. */
  readonly steps: readonly Step[]
  readonly isLoading: boolean
  /** There are more than are read by themselves. */
  readonly hasMore: boolean
  readonly error: unknown
  readonly again: () => void
}

const pageSteps = 200
/** Read by themselves; then one has to ask for more. */
const stepsMax = 12_000
/** What ends late may be told after what ended later. */
const lateMs = 60_000

/** All steps of a session, one page after the other, and those that come while it runs. */
export function useSteps(session: WholeSession): Steps {
  const { locale, timezone } = useLocale()
  const { id, steps: first, nextSteps } = session
  const [more, setMore] = useState<ReadonlyMap<string, Step>>(new Map())
  const [isLoading, setIsLoading] = useState(nextSteps !== undefined)
  const [hasMore, setHasMore] = useState(false)
  const [error, setError] = useState<unknown>()
  const [turn, setTurn] = useState(0)
  const cursor = useRef<string | undefined>(nextSteps)
  const size = useRef(first.length)
  const [tail, setTail] = useState(0)
  const isLong = nextSteps !== undefined

  useEffect(() => {
    if (!isLong) return undefined
    const stop = new AbortController()
    const load = async (): Promise<void> => {
      setIsLoading(true)
      setError(undefined)
      cursor.current ??= nextSteps
      const from = size.current
      try {
        while (cursor.current !== undefined && size.current - from < stepsMax) {
          const page: Answer<'/api/v1/events'> = await read('/api/v1/events', { query: { session: id, limit: pageSteps, cursor: cursor.current } }, { locale, timezone, signal: stop.signal })
          if (stop.signal.aborted) return
          size.current += page.items.length
          setMore((known) => new Map([...known, ...page.items.map((step) => [step.id, step] as const)]))
          cursor.current = page.next
          if (page.next === undefined) break
        }
        setHasMore(cursor.current !== undefined)
      } catch (failure) {
        if (!stop.signal.aborted) setError(failure)
      } finally {
        if (!stop.signal.aborted) setIsLoading(false)
      }
    }
    void load()
    return () => stop.abort()
    // The rest of a session is read once; what comes later is read below.
  }, [id, isLong, turn, locale, timezone])

  const steps = useMemo(() => {
    const all = new Map<string, Step>(more)
    // Of the first it is known which is the cause.
    for (const step of first) all.set(step.id, step)
    return [...all.values()].sort((one, other) => one.atMs - one.durationMs - (other.atMs - other.durationMs) || (one.depth ?? 0) - (other.depth ?? 0))
  }, [first, more])

  const lastMs = useRef(0)
  lastMs.current = steps.reduce((last, { atMs }) => Math.max(last, atMs), 0)
  const { calls, lastAtMs } = session
  const seen = useRef(`${calls} ${lastAtMs}`)
  useEffect(() => {
    if (!isLong || seen.current === `${calls} ${lastAtMs}`) return
    seen.current = `${calls} ${lastAtMs}`
    setTail((known) => known + 1)
  }, [isLong, calls, lastAtMs])
  useEffect(() => {
    if (tail === 0) return undefined
    const stop = new AbortController()
    read('/api/v1/events', { query: { session: id, limit: pageSteps, since: Math.max(0, lastMs.current - lateMs) } }, { locale, timezone, signal: stop.signal }).then(
      ({ items }) => setMore((known) => new Map([...known, ...items.map((step) => [step.id, step] as const)])),
      // The next step asks again.
      () => undefined,
    )
    return () => stop.abort()
  }, [tail, id, locale, timezone])

  return { steps, isLoading, hasMore, error, again: () => setTurn((known) => known + 1) }
}
