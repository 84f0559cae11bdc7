import { useParams } from '@tanstack/react-router'

/** What an address names: its project, and the thing that is looked at. */
export interface Params {
  readonly project?: string
  readonly id?: string
  readonly name?: string
}

/** The names in the address, decoded. */
export function usePlace(): Params {
  // Reason for the cast: routes are made of a table, so the router knows no types of theirs; these are the names that stand in it.
  return useParams({ strict: false }) as Params
}
