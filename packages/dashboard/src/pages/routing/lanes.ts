import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useQuery, type UseQueryResult } from '@tanstack/react-query'
import { api, type ProblemError } from '../../api/client'
import type { paths } from '../../api/schema'
import { useProject } from '../../app/project'
import { useLocale } from '../../words/say'

type Body = paths['/api/v1/routes/test']['post']['requestBody']['content']['application/json']
export type RoutedAlert = paths['/api/v1/routes/test']['post']['responses'][200]['content']['application/json']
/** What one route says of the tested alert. */
export type Lane = RoutedAlert['routes'][number]

/** So long after the last letter it is asked, milliseconds. */
const quietMs = 250

/** What the tester asks about, as it stands in the address. */
export const testedDefaults = { kind: 'session', severity: 'high', agent: '', environment: '', rule: '', model: '', tags: '', id: '' }
export type Tested = typeof testedDefaults

/** Who would be told of this alert: by the engine's own router, of what is saved. */
export function useRouted(tested: Tested): UseQueryResult<RoutedAlert, ProblemError> & { readonly isBehind: boolean } {
  const project = useProject()
  const { locale, timezone } = useLocale()
  const current = JSON.stringify(bodyOf(tested))
  const [asked] = useDebouncedValue(current, quietMs)
  const query = useQuery<RoutedAlert, ProblemError>({
    // With the routes: what is asked again with them is answered anew.
    queryKey: ['/api/v1/routes', project, 'tested', asked, locale],
    queryFn: async ({ signal }) => {
      // Reason for the casts: it was written above as this; and what was answered has a body.
      const { data } = await api.POST('/api/v1/routes/test', { params: { query: { locale, timezone } }, body: JSON.parse(asked) as Body, signal })
      return data as RoutedAlert
    },
    placeholderData: keepPreviousData,
    retry: false,
  })
  return { ...query, isBehind: query.isFetching || asked !== current }
}

function bodyOf({ id, kind, severity, tags, ...texts }: Tested): unknown {
  if (id.trim() !== '') return { id: id.trim() }
  const given = Object.fromEntries(Object.entries(texts).flatMap(([name, text]) => (text.trim() === '' ? [] : [[name, text.trim()] as const])))
  const pairs = tags.split(/[,\s]+/).flatMap((pair): readonly (readonly [string, string])[] => {
    const at = pair.indexOf('=')
    return at < 1 ? [] : [[pair.slice(0, at), pair.slice(at + 1)]]
  })
  return { alert: { kind, severity, ...given, ...(pairs.length > 0 && { tags: Object.fromEntries(pairs) }) } }
}
