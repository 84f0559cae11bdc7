import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { api, ProblemError } from '../../api/client'
import type { components } from '../../api/schema'
import { useProject } from '../../app/project'
import { useLocale } from '../../words/say'

export type Backtest = components['schemas']['Backtest']
export type Mark = Backtest['marks'][number]

/** So long after the last key it is asked, milliseconds. */
const quietMs = 400
/** What was tried a minute ago holds for as long as nobody changes anything. */
const freshMs = 60_000

interface BacktestAsk {
  /** Under which it is saved, or will be; absent: nobody has said. */
  readonly rule: string | undefined
  /** As it stands in the form; absent: what is saved is tried. */
  readonly definition: unknown
  /** Only messages to this person; empty: all. */
  readonly person: string
  readonly enabled: boolean
}

/** What a rule would have told, tried by the server while one edits; the old answer stays until the new one is there. */
export function useBacktest({ rule, definition, person, enabled }: BacktestAsk): { readonly result: Backtest | undefined; readonly error: ProblemError | null; readonly isOld: boolean; readonly again: () => void } {
  const project = useProject()
  const { locale, timezone } = useLocale()
  const asked = JSON.stringify({ ...(rule !== undefined && { rule }), ...(definition !== undefined && { definition }), ...(person !== '' && { person }), locale, timezone })
  const [settled] = useDebouncedValue(asked, quietMs)
  const { data, error, isFetching, isPlaceholderData, refetch } = useQuery<Backtest, ProblemError>({
    queryKey: ['/api/v1/backtests', project, settled],
    enabled,
    staleTime: freshMs,
    refetchOnWindowFocus: false,
    placeholderData: keepPreviousData,
    async queryFn({ signal }) {
      // Reason for the cast: it was written above; what a definition is, the server says.
      const answer = await api.POST('/api/v1/backtests', { body: JSON.parse(settled) as never, signal })
      if (answer.data === undefined) throw new ProblemError({ status: 0, code: 'away', detail: 'The server answered with nothing.' })
      return answer.data
    },
  })
  return { result: data, error: asked === settled && !isFetching ? error : null, isOld: isFetching || isPlaceholderData || asked !== settled || error !== null, again: () => void refetch() }
}
