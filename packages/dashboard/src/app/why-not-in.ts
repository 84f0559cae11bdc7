import { useCallback } from 'react'
import { ProblemError } from '../api/client'
import { said } from '../parts/said'
import { useSay } from '../words/say'
import type { Word } from '../words/catalogues'

const known: Readonly<Record<string, Word>> = { 'wrong-password': 'login.wrong', 'link-gone': 'login.link-gone', 'too-many': 'login.too-many', 'busy': 'login.busy', 'away': 'login.away' }

/** Why somebody is not let in: of what is said everywhere, some has words of its own at the door. */
export function useWhyNotIn(): (error: unknown) => string {
  const say = useSay()
  return useCallback(
    (error) => {
      const word = error instanceof ProblemError && Object.hasOwn(known, error.code) ? known[error.code] : undefined
      return word === undefined || !(error instanceof ProblemError) ? said(error) : say(word, { seconds: error.retryAfterSeconds ?? 0 })
    },
    [say],
  )
}
