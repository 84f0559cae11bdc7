import { useCallback } from 'react'
import { ProblemError } from '../api/client'
import { useSay } from '../words/say'
import type { Word } from '../words/catalogues'

const known: Readonly<Record<string, Word>> = { 'wrong-password': 'login.wrong', 'link-gone': 'login.link-gone', 'too-many': 'login.too-many', 'busy': 'login.busy', 'away': 'login.away' }

/** Why somebody is not let in, in their language: the server says it in English. */
export function useWhyNotIn(): (error: unknown) => string {
  const say = useSay()
  return useCallback(
    (error) => {
      if (!(error instanceof ProblemError)) return String(error)
      const word = Object.hasOwn(known, error.code) ? known[error.code] : undefined
      return word === undefined ? error.message : say(word, { seconds: error.retryAfterSeconds ?? 0 })
    },
    [say],
  )
}
