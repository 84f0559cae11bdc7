import { useQueryClient } from '@tanstack/react-query'
import { createContext, useContext, useEffect, useMemo, useRef, useState, type ReactElement, type ReactNode } from 'react'
import { useProject } from '../app/project'
import { useLocale } from '../words/say'
import type { Item } from './ask'

export interface LiveNews {
  alert: Item<'/api/v1/alerts'>
  delivery: Item<'/api/v1/deliveries'>
  session: Item<'/api/v1/sessions'>
  'first-event': Partial<Item<'/api/v1/events'>>
}

type Kind = keyof LiveNews

interface Live {
  /** Since when nothing has been heard, milliseconds since 1970; `undefined`: it is live. */
  readonly staleSinceMs: number | undefined
  readonly listen: <K extends Kind>(kind: K, listener: (news: LiveNews[K]) => void) => () => void
}

const context = createContext<Live | undefined>(undefined)

/** Lists of what the stream tells are read again at most so often, milliseconds. */
const readAgainMs = 400
/** A connection that breaks for less is not worth a word. */
const patienceMs = 3_000

/** Which paths hold what a kind of news changes. */
const changed: Readonly<Record<Exclude<Kind, 'first-event'>, readonly string[]>> = {
  alert: ['/api/v1/overview', '/api/v1/alerts/{id}'],
  delivery: ['/api/v1/overview', '/api/v1/alerts/{id}', '/api/v1/deliveries/{id}', '/api/v1/decisions'],
  session: ['/api/v1/overview', '/api/v1/sessions/{id}'],
}

/** Rows that are read stay where they are: what is new to them waits behind a button. */
export function doesNotJump({ queryKey }: { readonly queryKey: readonly unknown[] }): boolean {
  return queryKey.at(-1) !== 'rows'
}

/** One stream of the project for all of the page: `GET /api/v1/stream`, which the browser resumes by itself. */
export function LiveUpdates({ children }: { readonly children: ReactNode }): ReactElement {
  const project = useProject()
  const { locale, timezone } = useLocale()
  const client = useQueryClient()
  const [staleSinceMs, setStaleSinceMs] = useState<number | undefined>()
  const listeners = useRef(new Map<Kind, Set<(news: never) => void>>())

  useEffect(() => {
    if (project === '') return undefined
    let timer: ReturnType<typeof setTimeout> | undefined
    let patience: ReturnType<typeof setTimeout> | undefined
    let again: ReturnType<typeof setTimeout> | undefined
    let source: EventSource | undefined
    let isOver = false
    const due = new Set<string>()
    const readAgain = (paths: readonly string[]): void => {
      for (const path of paths) due.add(path)
      timer ??= setTimeout(() => {
        timer = undefined
        for (const path of due) {
          const predicate = ({ queryKey: [first, of] }: { readonly queryKey: readonly unknown[] }): boolean => first === path && of === project
          // Asked anew before it has answered, a slow server would never be heard while news come.
          if (client.isFetching({ predicate }) > 0) continue
          due.delete(path)
          void client.invalidateQueries({ predicate })
        }
        if (due.size > 0) readAgain([])
      }, readAgainMs)
    }
    const lost = (): void => {
      const sinceMs = Date.now()
      patience ??= setTimeout(() => setStaleSinceMs(sinceMs), patienceMs)
    }
    const found = (): void => {
      clearTimeout(patience)
      patience = undefined
      setStaleSinceMs(undefined)
    }
    const open = (): void => {
      if (isOver) return
      const query = new URLSearchParams({ project, locale, timezone })
      source = new EventSource(`/api/v1/stream?${query.toString()}`)
      source.addEventListener('open', () => {
        // What changed while nobody listened may be more than the stream kept.
        if (patience !== undefined) void client.invalidateQueries({ predicate: doesNotJump })
        found()
      })
      source.addEventListener('error', () => {
        lost()
        // Refused rather than broken: the browser does not come back by itself.
        if (source?.readyState !== EventSource.CLOSED) return
        source.close()
        // Perhaps because nobody is logged in any more: then that is said, and asked for.
        void client.invalidateQueries({ queryKey: ['/api/v1/me'] })
        again = setTimeout(open, 2_000 + Math.random() * 3_000)
      })
      source.addEventListener('reload', () => void client.invalidateQueries({ predicate: doesNotJump }))
      for (const kind of ['alert', 'delivery', 'session', 'first-event'] as const) {
        source.addEventListener(kind, ({ data }: MessageEvent<string>) => {
          // Reason for the cast: the server's own shape, and every listener is of this kind.
          const news = JSON.parse(data) as never
          if (kind !== 'first-event') readAgain(changed[kind])
          for (const listener of listeners.current.get(kind) ?? []) listener(news)
        })
      }
    }
    // A connection that exists may seem to go on for minutes without a network: the browser knows before.
    const isBack = (): void => {
      source?.close()
      clearTimeout(again)
      open()
    }
    window.addEventListener('offline', lost)
    window.addEventListener('online', isBack)
    open()
    return () => {
      isOver = true
      window.removeEventListener('offline', lost)
      window.removeEventListener('online', isBack)
      source?.close()
      clearTimeout(timer)
      clearTimeout(patience)
      clearTimeout(again)
    }
  }, [project, locale, timezone, client])

  const live = useMemo<Live>(
    () => ({
      staleSinceMs,
      listen(kind, listener) {
        const known = listeners.current.get(kind) ?? new Set()
        known.add(listener)
        listeners.current.set(kind, known)
        return () => known.delete(listener)
      },
    }),
    [staleSinceMs],
  )
  return <context.Provider value={live}>{children}</context.Provider>
}

export function useLive(): Live {
  const live = useContext(context)
  if (live === undefined) throw new Error('expected to be inside <LiveUpdates>')
  return live
}

/** Calls `listener` with each piece of news of this kind while the part is shown. */
export function useNews<K extends Kind>(kind: K, listener: (news: LiveNews[K]) => void): void {
  const { listen } = useLive()
  const latest = useRef(listener)
  latest.current = listener
  useEffect(() => listen(kind, (news) => latest.current(news)), [listen, kind])
}
