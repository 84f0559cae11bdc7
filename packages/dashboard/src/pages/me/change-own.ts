import { useMutation, type UseMutationResult } from '@tanstack/react-query'
import { useChanged, type Answer } from '../../api/ask'
import { api, type ProblemError } from '../../api/client'
import type { paths } from '../../api/schema'
import { said } from '../../parts/said'
import { useTell } from '../../parts/toasts'
import { useSay } from '../../words/say'

export type Own = Answer<'/api/v1/me/person'>
export type OwnChange = NonNullable<paths['/api/v1/me/person']['patch']['requestBody']>['content']['application/json']

/** Changes how I am told, and offers the way back. */
export function useChangeOwn(own: Own): UseMutationResult<Own | undefined, ProblemError, { readonly change: OwnChange; readonly back: OwnChange }> {
  const say = useSay()
  const changed = useChanged()
  const { tell } = useTell()
  const send = async (change: OwnChange, etag: string | undefined): Promise<Own | undefined> => (await api.PATCH('/api/v1/me/person', { body: change, headers: etag === undefined ? {} : { 'if-match': etag } })).data
  return useMutation({
    mutationFn: async ({ change }) => send(change, own.etag),
    onSuccess: async (now, { back }) => {
      await changed('/api/v1/me/person')
      const undo = async (): Promise<void> => {
        await send(back, now?.etag)
        await changed('/api/v1/me/person')
      }
      tell({ text: say('me.saved'), undo: () => void undo().catch((error: unknown) => tell({ text: said(error), isBad: true })) })
    },
    onError: async (error) => {
      tell({ text: error.status === 412 ? say('state.changed-meanwhile') : said(error), isBad: true })
      await changed('/api/v1/me/person')
    },
  })
}
