import { useDebouncedValue } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { api, type ProblemPlace } from '../api/client'
import { useProject } from '../app/project'
import { useLocale } from '../words/say'
import type { EntryPath } from './entry-calls'

/** So long after the last key it is asked, milliseconds. */
const quietMs = 400

const kinds = { '/api/v1/channels': 'channels', '/api/v1/people': 'people', '/api/v1/rules': 'rules', '/api/v1/budgets': 'budgets', '/api/v1/routes': 'routes', '/api/v1/teams': 'teams', '/api/v1/rotations': 'rotations', '/api/v1/templates': 'templates', '/api/v1/maintenance': 'maintenance', '/api/v1/settings': 'settings' } as const

/** What the server would say of this thing if it were saved as it stands, by its own checks; nothing is saved. Pointers are those of the thing. */
export function useLiveCheck(path: EntryPath, name: string, value: unknown, enabled: boolean): { readonly places: readonly ProblemPlace[]; readonly isAsking: boolean } {
  const project = useProject()
  const { locale } = useLocale()
  const [asked] = useDebouncedValue(JSON.stringify([name, value]), quietMs)
  const current = JSON.stringify([name, value])
  const { data, isFetching } = useQuery({
    queryKey: ['config-check', project, path, asked, locale],
    enabled: enabled && name !== '',
    queryFn: async ({ signal }) => {
      // Reason for the cast: it was written two lines above.
      const [of, body] = JSON.parse(asked) as [string, unknown]
      const answer = await api.POST('/api/v1/config/check', { body: { changes: [{ kind: kinds[path], name: of, value: body }] }, signal })
      return answer.data?.problems ?? []
    },
  })
  const places = (data ?? []).filter(({ pointer }) => pointer.startsWith('/changes/0/value')).map(({ pointer, detail }) => ({ pointer: pointer.slice('/changes/0/value'.length), detail }))
  return { places: enabled && asked === current ? places : [], isAsking: isFetching || asked !== current }
}
