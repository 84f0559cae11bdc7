import { useMutation, useMutationState, useQueryClient, type QueryClient, type UseMutationResult } from '@tanstack/react-query'
import { useChanged, type Answer } from '../../api/ask'
import { api, ProblemError } from '../../api/client'
import type { paths } from '../../api/schema'
import { useProject } from '../../app/project'
import { said } from '../../parts/said'
import { useTell } from '../../parts/toasts'
import { useSay } from '../../words/say'

export type Own = Answer<'/api/v1/me/person'>
type OwnChange = NonNullable<paths['/api/v1/me/person']['patch']['requestBody']>['content']['application/json']
type Off = Own['off'][number]

/** One box that was pressed: whether this kind is off by this channel from then on. */
interface Press extends Off {
  readonly isOff: boolean
}

/** A change of how I am told. */
export interface OwnEdit {
  /** What of all that is changed, seen what there is now; `undefined`: somebody else has changed just that meanwhile. */
  readonly to: (now: Own) => OwnChange | undefined
  readonly press?: Press
  /** The way back from this one, and from no other. Absent: it is a way back itself. */
  readonly back?: OwnEdit
}

const keyOf = (project: string): readonly string[] => ['change-own', project]
const triesMax = 5

/** Changes how I am told, and offers the way back. What is pressed quickly is done one after the other, each in what the one before left. */
export function useChangeOwn(): UseMutationResult<void, ProblemError, OwnEdit> {
  const say = useSay()
  const changed = useChanged()
  const project = useProject()
  const { tell } = useTell()
  const mutation = useMutation<void, ProblemError, OwnEdit>({
    mutationKey: keyOf(project),
    scope: { id: keyOf(project).join(' ') },
    mutationFn: async ({ to }) => sendInNewest(to),
    onSuccess: async (_, { back }) => {
      await changed('/api/v1/me/person')
      if (back !== undefined) tell({ text: say('me.saved'), undo: () => mutation.mutate(back) })
    },
    onError: async (error, { back }) => {
      tell({ text: error.status === 412 && back !== undefined ? say('state.changed-meanwhile') : said(error), isBad: true })
      await changed('/api/v1/me/person')
    },
  })
  return mutation
}

/** Made in what there is now, and again where another change came in between. */
async function sendInNewest(to: OwnEdit['to']): Promise<void> {
  for (let tries = 1; ; tries++) {
    const { data: now } = await api.GET('/api/v1/me/person')
    const body = now && to(now)
    if (body === undefined) throw new ProblemError({ status: 412, code: 'changed', detail: 'It was changed meanwhile.' })
    try {
      await api.PATCH('/api/v1/me/person', { body, headers: now?.etag === undefined ? {} : { 'if-match': now.etag } })
      return
    } catch (error) {
      if (!(error instanceof ProblemError) || error.status !== 412 || tries >= triesMax) throw error
    }
  }
}

/** What is off, with the boxes that were pressed and are not saved yet: shown at once. */
export function useShownOff(off: readonly Off[]): readonly Off[] {
  const filters = { mutationKey: [...keyOf(useProject())], status: 'pending' } as const
  return withPresses(off, useMutationState({ filters, select: ({ state }) => state.variables }))
}

/** The same as it is at this instant: the next press may come before the last is drawn. */
export function useNewestOff(off: readonly Off[]): () => readonly Off[] {
  const client: QueryClient = useQueryClient()
  const project = useProject()
  return () => withPresses(off, client.getMutationCache().findAll({ mutationKey: [...keyOf(project)], status: 'pending' }).map(({ state }) => state.variables))
}

function withPresses(off: readonly Off[], edits: readonly unknown[]): readonly Off[] {
  // Reason for the cast: under this key there is nothing else.
  return (edits as readonly (OwnEdit | undefined)[]).reduce((before, edit) => (edit?.press === undefined ? before : withPress(before, edit.press)), off)
}

export function withPress(off: readonly Off[], { kind, channel, isOff }: Press): readonly Off[] {
  const others = off.filter((one) => one.kind !== kind || one.channel !== channel)
  return isOff ? [...others, { kind, channel }] : others
}
