/** Jobs per second of another queue, or why there are none. */
export type Rival = { readonly perSecond: number; /** Processor time of the measuring thread, microseconds a job. */ readonly cpuUs?: number; /** How it was set up, in a few words. */ readonly settings: string } | { readonly skipped: string }

/** What each job carries, as JSON: about as much as one event. */
export function jobPayload(number: number): { readonly number: number; readonly text: string } {
  return { number, text: 'x'.repeat(600) }
}

/** So many jobs are added by one call. */
export const jobsAtOnce = 1_000
