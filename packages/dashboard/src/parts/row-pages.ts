import { keepPreviousData, useInfiniteQuery, useQueryClient, type InfiniteData } from '@tanstack/react-query'
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { read, useAsk, type Asked, type Item, type ListPath } from '../api/ask'
import type { ProblemError } from '../api/client'
import { useNews, type LiveNews } from '../api/live'
import { useProject } from '../app/project'
import { useLocale } from '../words/say'

export interface RowPages<Row> {
  readonly rows: readonly Row[]
  /** The place among the groups of the one in which a row came: it stays there, whatever changes in it. */
  readonly groupOf: (row: Row) => number
  /** Nothing has come yet. */
  readonly isFirst: boolean
  /** These are the rows of another question; those of this one are on their way. */
  readonly isStale: boolean
  readonly error: ProblemError | null
  readonly again: () => void
  readonly more: { readonly has: boolean; readonly isLoading: boolean; readonly load: () => void }
  /** What came since, which waits: rows never jump. */
  readonly fresh: {
    readonly count: number
    readonly isMore: boolean
    readonly show: () => void
    /** How often it was shown, counted when it is there: the reader goes on from the top. */
    readonly shows: number
  }
  /** Changes rows that are shown, before the server says so. @returns puts them back */
  readonly change: (ids: ReadonlySet<string>, change: (row: Row) => Row) => () => void
}

/** Longer lists are not asked for anew as a whole: what is new waits above them all the same. */
const pagesAskedAgainMax = 10
const freshMs = 5_000
const headRows = 50
/** Of the first page, which is waited for; further ones are as long as the server makes them, so that a long list is read in few. */
const firstRows = 50
const furtherRows = 200
const headPatienceMs = 250

interface Page<Row> {
  readonly items: readonly Row[]
  readonly next?: string | undefined
  readonly group: number
}
type Place = { readonly group: number; readonly cursor?: string }

/**
 * The pages of a list, one after the other as one scrolls, kept live by the stream: rows that are there change in place, others wait behind a button.
 *
 * @param groups what is asked for, one group after the other: such as what fires, then the rest
 * @param head what the top of all of them is, newest first, to see what is new; `undefined`: nothing is looked for
 * @param news what changes rows; `counts`: what else changes what is counted in those at the top
 * @param idOf the same function at each drawing, as `merge` does what it says
 */
export function useRowPages<P extends ListPath, K extends keyof LiveNews>(
  path: P, groups: readonly NonNullable<Asked<P>['query']>[], head: NonNullable<Asked<P>['query']> | undefined, news: { readonly kind: K; merge(row: Item<P>, news: LiveNews[K]): Item<P>; readonly counts?: keyof LiveNews }, idOf: (row: Item<P>) => string,
): RowPages<Item<P>> {
  type Row = Item<P>
  const { locale, timezone } = useLocale()
  const project = useProject()
  const client = useQueryClient()
  const asked = JSON.stringify([groups, head])
  const key = useMemo<readonly unknown[]>(() => [path, project, JSON.parse(asked) as unknown, locale, timezone, 'rows'], [path, project, asked, locale, timezone])
  const list = useInfiniteQuery<Page<Row>, ProblemError, InfiniteData<Page<Row>, Place>, readonly unknown[], Place>({
    queryKey: key,
    async queryFn({ signal, pageParam: { group, cursor } }) {
      // Reason for the casts: the question of this path with the cursor that it gave, and every list answers with items.
      const query = { ...groups[group], limit: cursor === undefined ? firstRows : furtherRows, ...(cursor !== undefined && { cursor }) }
      const { items, next } = (await read(path, { query } as unknown as Asked<P>, { locale, timezone, signal })) as unknown as { readonly items: readonly Row[]; readonly next?: string }
      return { items, next, group }
    },
    initialPageParam: { group: 0 },
    getNextPageParam: ({ next, group }) => (next !== undefined ? { group, cursor: next } : group + 1 < groups.length ? { group: group + 1 } : undefined),
    placeholderData: keepPreviousData,
    staleTime: ({ state: { data } }) => ((data?.pages.length ?? 0) > pagesAskedAgainMax ? 'static' : freshMs),
    refetchOnWindowFocus: false,
  })
  const { data, fetchNextPage, isFetchingNextPage, isFetchNextPageError, refetch } = list
  const rows = useMemo(() => unique(data?.pages.flatMap(({ items }) => items) ?? [], idOf), [data, idOf])
  const known = useMemo(() => new Set(rows.map(idOf)), [rows, idOf])
  const groupOf = useMemo(() => {
    // The first page that has it is the one where it stands.
    const places = new Map((data?.pages ?? []).toReversed().flatMap(({ items, group }) => items.map((row) => [idOf(row), group] as const)))
    return (row: Row): number => places.get(idOf(row)) ?? 0
  }, [data, idOf])

  const change = useCallback(
    (changed: ReadonlyMap<string, (row: Row) => Row>) =>
      client.setQueryData<InfiniteData<Page<Row>, Place>>(key, (before) => {
        if (before === undefined) return undefined
        const pages = before.pages.map((page) => {
          const items = page.items.map((row) => changed.get(idOf(row))?.(row) ?? row)
          return items.every((row, index) => row === page.items[index]) ? page : { ...page, items }
        })
        // Where nothing changed nothing is drawn anew, however long the list.
        return pages.every((page, index) => page === before.pages[index]) ? before : { ...before, pages }
      }),
    [client, key, idOf],
  )

  // The top as it was when the list came: what stands there later and did not then, is new.
  const top = useAsk(path, { query: { ...head, limit: headRows } } as unknown as Asked<P>, { enabled: head !== undefined }) // the same question, from its top
  // Reason for the cast: what every list answers with.
  const topIds = (top.data as { readonly items: readonly Row[] } | undefined)?.items.map(idOf)
  const [base, setBase] = useState<{ readonly asked: string; readonly ids: ReadonlySet<string> }>({ asked: '', ids: new Set() })
  const isBase = base.asked === asked
  useEffect(() => {
    if (!isBase && topIds !== undefined && !top.isPlaceholderData) setBase({ asked, ids: new Set(topIds) })
  }, [isBase, topIds, top.isPlaceholderData, asked])
  const fresh = !isBase || topIds === undefined || top.isPlaceholderData ? [] : topIds.filter((id) => !base.ids.has(id) && !known.has(id))

  const { refetch: askTop, data: topData } = top
  useEffect(() => {
    // What is counted is not in the stream, and stands at the top anew.
    const items = (topData as { readonly items: readonly Row[] } | undefined)?.items ?? []
    if (items.length > 0) change(new Map(items.map((item) => [idOf(item), (row: Row) => (JSON.stringify(row) === JSON.stringify(item) ? row : item)])))
  }, [topData, change, idOf])
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const waiting = useRef(new Map<string, (row: Row) => Row>())
  const frame = useRef(0)
  const askTopSoon = (): void => {
    if (head === undefined) return
    timer.current ??= setTimeout(() => {
      timer.current = undefined
      void askTop()
    }, headPatienceMs)
  }
  useNews(news.counts ?? news.kind, () => {
    if (news.counts !== undefined) askTopSoon()
  })
  useNews(news.kind, (one) => {
    const id = one.id ?? ''
    if (!known.has(id)) {
      askTopSoon()
      return
    }
    waiting.current.set(id, (row) => news.merge(row, one))
    if (frame.current !== 0) return
    frame.current = requestAnimationFrame(() => {
      frame.current = 0
      change(waiting.current)
      waiting.current = new Map()
    })
  })
  useEffect(
    () => () => {
      clearTimeout(timer.current)
      timer.current = undefined
      cancelAnimationFrame(frame.current)
      frame.current = 0
    },
    [],
  )

  const show = useCallback(() => {
    setBase({ asked: '', ids: new Set() })
    client.setQueryData<InfiniteData<Page<Row>, Place>>(key, (before) => before && { pages: before.pages.slice(0, 1), pageParams: before.pageParams.slice(0, 1) })
    void refetch()
  }, [client, key, refetch])
  const [isShowing, setIsShowing] = useState(false)
  const [shows, setShows] = useState(0)
  const { isFetching } = list
  useEffect(() => {
    if (!isShowing || isFetching) return
    setIsShowing(false)
    setShows((times) => times + 1)
  }, [isShowing, isFetching])
  const isEmpty = data !== undefined && rows.length === 0 && !list.hasNextPage
  useEffect(() => {
    // Nothing is there that could jump.
    if (isEmpty && fresh.length > 0) show()
  }, [isEmpty, fresh.length, show])

  return {
    rows,
    groupOf,
    isFirst: data === undefined,
    isStale: list.isPlaceholderData,
    error: list.error,
    again: () => void (isFetchNextPageError ? fetchNextPage() : refetch()),
    more: { has: list.hasNextPage && !isFetchNextPageError, isLoading: isFetchingNextPage, load: useCallback(() => void fetchNextPage(), [fetchNextPage]) },
    fresh: { count: fresh.length, isMore: fresh.length >= headRows, shows, show: useCallback(() => {
      show()
      setIsShowing(true)
    }, [show]) },
    change(ids, how) {
      const before = new Map(rows.filter((row) => ids.has(idOf(row))).map((row) => [idOf(row), row]))
      change(new Map([...ids].map((id) => [id, how])))
      return () => void change(new Map([...before].map(([id, row]) => [id, () => row])))
    },
  }
}

/** What moved from one group to another while pages were read stands where it was found first. */
function unique<Row>(rows: readonly Row[], idOf: (row: Row) => string): readonly Row[] {
  return [...new Map(rows.toReversed().map((row) => [idOf(row), row])).values()].toReversed()
}
