import { useQuery, type UseQueryResult } from '@tanstack/react-query'
import { useProject } from '../app/project'
import { useLocale } from '../words/say'
import { api, type ProblemError } from './client'
import type { Answer } from './ask'
import { spaced } from '../words/sentences'

export type Me = Answer<'/api/v1/me'>
export type Operation = Me['projects'][number]['operations'][number]
export type Role = Me['projects'][number]['role']

/** Who is logged in. */
export function useMe(): UseQueryResult<Me, ProblemError> {
  return useQuery<Me, ProblemError>({ queryKey: ['/api/v1/me'], queryFn: readMe, staleTime: 60_000 })
}

async function readMe(): Promise<Me> {
  const { data } = await api.GET('/api/v1/me')
  if (data === undefined) throw new Error('expected an answer with a body')
  return data
}

/** What the reader may do in the project of the address. The server decides; this says which buttons give their reason. */
export function useMay(): (operation: Operation) => boolean {
  const { data } = useMe()
  const project = useProject()
  const mine = data?.projects.find(({ name }) => name === project)?.operations ?? []
  return (operation) => mine.includes(operation)
}

type Part = Me['projects'][number]['sees'][number]

/** Which parts of sessions and alerts the reader may see: where they may not, the page says so. */
export function useSees(): (part: Part) => boolean {
  const { data } = useMe()
  const project = useProject()
  const mine = data?.projects.find(({ name }) => name === project)?.sees ?? []
  return (part) => mine.includes(part)
}

/** Whom to ask for what the reader may not, by name; in words where nobody is named. */
export function useWhomToAsk(): string {
  const { data } = useMe()
  const project = useProject()
  const { locale, say } = useLocale()
  const names = data?.projects.find(({ name }) => name === project)?.admins ?? []
  return names.length === 0 ? say('state.owner-or-admin') : spaced(new Intl.ListFormat(locale, { type: 'disjunction' }).format(names))
}

export function useRole(): Role | undefined {
  const { data } = useMe()
  const project = useProject()
  return data?.projects.find(({ name }) => name === project)?.role
}

/** What the server calls the reader where it says who did something: the person they are in this project, else the name of their account. */
export function useOwnName(): string {
  const { data } = useMe()
  const project = useProject()
  return data?.projects.find(({ name }) => name === project)?.person ?? data?.name ?? ''
}
