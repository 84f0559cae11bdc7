import { ProblemError } from '../api/client'

/** What went wrong, for people: what is said of its places, else of the whole. */
export function said(error: unknown): string {
  if (!(error instanceof ProblemError)) return String(error)
  return error.places.length > 0 ? error.places.map(({ detail }) => detail).join(' ') : error.message
}
