import { useMutation, useQuery, type UseMutationResult, type UseQueryResult } from '@tanstack/react-query'
import type { Item } from '../../api/ask'
import { useChanged } from '../../api/ask'
import { api, ProblemError } from '../../api/client'
import { useProject } from '../../app/project'
import { said } from '../../parts/said'
import { useTell } from '../../parts/toasts'
import { useSay } from '../../words/say'

export type Route = Item<'/api/v1/routes'>
type Written = Route['value']
/** As it is written: what is absent is as by default. */
export type RouteValue = Pick<Written, 'to' | 'via'> & Partial<Omit<Written, 'to' | 'via'>>

interface OrderedRoutes {
  readonly items: readonly Route[]
  /** Of the whole list: for its order. */
  readonly etag: string
}

/** The routes in their order, and what says that it is still this order. */
export function useRoutes(): UseQueryResult<OrderedRoutes, ProblemError> {
  const project = useProject()
  return useQuery<OrderedRoutes, ProblemError>({
    queryKey: ['/api/v1/routes', project, 'ordered'],
    queryFn: async ({ signal }) => {
      const { data, response } = await api.GET('/api/v1/routes', { signal })
      return { items: data?.items ?? [], etag: response.headers.get('etag') ?? '' }
    },
  })
}

interface Move {
  readonly names: readonly string[]
  /** Which was moved: it is said where it is now. */
  readonly moved: string
  readonly etag: string
  /** As it was: undo puts it back. */
  readonly before?: readonly string[]
}

/** Puts them in another order; undo puts them back. */
export function useOrder(): UseMutationResult<OrderedRoutes, Error, Move> {
  const say = useSay()
  const teller = useTell()
  const changed = useChanged()
  const order = useMutation<OrderedRoutes, Error, Move>({
    mutationFn: async ({ names, etag }) => {
      // Reason for the cast: the header is no part of the document.
      const { data, response } = await api.PUT('/api/v1/routes/order', { body: { names: [...names] }, headers: { 'if-match': etag } } as never) as unknown as { readonly data?: { readonly items: readonly Route[] }; readonly response: Response }
      return { items: data?.items ?? [], etag: response.headers.get('etag') ?? '' }
    },
    onSuccess: async ({ items, etag }, { moved, before }) => {
      const number = items.findIndex(({ name }) => name === moved) + 1
      teller.tell({ text: say('routing.moved', { name: moved, number }), ...(before !== undefined && { undo: () => order.mutate({ names: before, moved, etag }) }) })
      await changed('/api/v1/routes')
    },
    onError: async (error) => {
      teller.tell({ text: error instanceof ProblemError && error.status === 412 ? say('routing.order-changed') : said(error), isBad: true })
      await changed('/api/v1/routes')
    },
  })
  return order
}
