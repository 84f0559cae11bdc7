/** What a command gives back: lines for people, a value for scripts, and whether it went well. */
export interface Report {
  readonly lines: readonly string[]
  readonly value: unknown
  readonly ok: boolean
}
