import { useInfiniteQuery, useQuery, useQueryClient, type UseInfiniteQueryResult, type UseQueryResult, type InfiniteData } from '@tanstack/react-query'
import { useCallback } from 'react'
import type { paths } from './schema'
import { api, ProblemError } from './client'
import { useLocale } from '../words/say'
import { useProject } from '../app/project'

type GetPath = { [P in keyof paths]: paths[P] extends { get: { responses: { 200: { content: { 'application/json': unknown } } } } } ? P : never }[keyof paths]
type Get<P extends GetPath> = paths[P] extends { get: infer Operation } ? Operation : never

/** What `GET path` answers. @example type Alert = Answer<'/api/v1/alerts'>['items'][number] */
export type Answer<P extends GetPath> = Get<P> extends { responses: { 200: { content: { 'application/json': infer Body } } } } ? Body : never

/** One row of the list at `path`. */
export type Item<P extends GetPath> = Answer<P> extends { items: (infer Row)[] } ? Row : never

/** What answers with pages of rows. */
export type ListPath = { [P in GetPath]: Answer<P> extends { items: unknown[] } ? P : never }[GetPath]

type QueryOf<P extends GetPath> = Get<P> extends { parameters: { query?: infer Query } } ? Query : never
type PathOf<P extends GetPath> = Get<P> extends { parameters: { path: infer Path } } ? Path : never

/** Parameters in the path and after the `?`. The language, zone and project of the reader are added where the route takes them. */
export type Asked<P extends GetPath> = { readonly query?: Partial<NonNullable<QueryOf<P>>> } & ([PathOf<P>] extends [never] ? { readonly path?: never } : [PathOf<P>] extends [undefined] ? { readonly path?: never } : { readonly path: PathOf<P> })

interface AskOptions {
  /** Nothing is asked while it is false. @default true */
  readonly enabled?: boolean
  /** Asked again so often, milliseconds, for what the stream does not tell. @default never */
  readonly everyMs?: number
}

/** Where sentences of the server are in the reader's language; other lists refuse the parameters. */
const spoken = /^\/api\/v1\/(?:alerts|deliveries|notifications|sessions|decisions|reports|overview|events|inbox)/

const keyOf = (path: string, project: string, asked: unknown, locale: string, timezone: string): readonly unknown[] => [path, project, asked, locale, timezone]

/** What was shown stays until what is asked for comes; but nothing of another project under the name of this one. */
const keptOf = (project: string) => <Data>(before: Data | undefined, query: { readonly queryKey: readonly unknown[] } | undefined): Data | undefined => (query?.queryKey[1] === project ? before : undefined)

/**
 * Reads `path` and keeps what was answered; all that ask the same share one request.
 *
 * @example const { data, error } = useAsk('/api/v1/alerts/{id}', { path: { id } })
 */
export function useAsk<P extends GetPath>(path: P, asked?: Asked<P>, { enabled = true, everyMs }: AskOptions = {}): UseQueryResult<Answer<P>, ProblemError> {
  const { locale, timezone } = useLocale()
  const project = useProject()
  return useQuery<Answer<P>, ProblemError>({
    queryKey: keyOf(path, project, asked, locale, timezone),
    queryFn: async ({ signal }) => read(path, asked, { locale, timezone, signal }),
    enabled,
    placeholderData: keptOf(project),
    // What failed stays said until it is asked again on purpose: else the page would go to and fro.
    ...(everyMs !== undefined && { refetchInterval: ({ state }) => (state.status === 'error' && state.data === undefined ? false : everyMs) }),
  })
}

/** Reads the pages of a list one after the other: `fetchNextPage()` of what it returns. */
export function useList<P extends GetPath>(path: P, asked?: Asked<P>, { enabled = true, everyMs }: AskOptions = {}): UseInfiniteQueryResult<InfiniteData<Answer<P>>, ProblemError> {
  const { locale, timezone } = useLocale()
  const project = useProject()
  return useInfiniteQuery<Answer<P>, ProblemError, InfiniteData<Answer<P>>, readonly unknown[], string | undefined>({
    queryKey: [...keyOf(path, project, asked, locale, timezone), 'pages'],
    queryFn: async ({ signal, pageParam }) => read(path, { ...asked, query: { ...asked?.query, ...(pageParam !== undefined && { cursor: pageParam }) } } as Asked<P>, { locale, timezone, signal }), // the same, with a cursor
    initialPageParam: undefined,
    getNextPageParam: (last) => nextOf(last),
    enabled,
    placeholderData: keptOf(project),
    ...(everyMs !== undefined && { refetchInterval: everyMs }),
  })
}

function nextOf(page: unknown): string | undefined {
  const next: unknown = typeof page === 'object' && page !== null ? Reflect.get(page, 'next') : undefined
  return typeof next === 'string' ? next : undefined
}

/** Says that one thing of a list was taken away: the list is read again, and of the thing nothing is asked any more. */
export function useGone(): (path: GetPath) => Promise<void> {
  const client = useQueryClient()
  return useCallback(async (path) => client.invalidateQueries({ predicate: ({ queryKey: [first] }) => first === path }), [client])
}

/** Says that what was read of these paths may have changed: it is read again where it is shown. */
export function useChanged(): (...paths: readonly GetPath[]) => Promise<void> {
  const client = useQueryClient()
  return useCallback(
    async (...changed) => {
      await Promise.all(changed.map(async (path) => client.invalidateQueries({ predicate: ({ queryKey: [first] }) => first === path || (typeof first === 'string' && first.startsWith(`${path}/`)) })))
    },
    [client],
  )
}

/** Reads `path` once, past what is kept: for what keeps its answers itself. */
export async function read<P extends GetPath>(path: P, asked: Asked<P> | undefined, reader: { readonly locale: string; readonly timezone: string; readonly signal: AbortSignal }): Promise<Answer<P>> {
  const { signal, locale, timezone } = reader
  // Reason for the casts: that path, parameters and answer belong together is said by the types above; the client cannot follow them through a variable.
  const params = { ...(asked?.path !== undefined && { path: asked.path }), query: { ...(spoken.test(path) && { locale, timezone }), ...asked?.query } }
  const ask = api.GET as unknown as (path: string, init: unknown) => Promise<{ readonly data?: Answer<P> }>
  const { data } = await ask(path, { params, signal })
  if (data === undefined) throw new ProblemError({ status: 0, code: 'away', detail: 'The server answered with nothing.' })
  return data
}
