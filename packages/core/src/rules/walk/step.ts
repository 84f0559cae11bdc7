import type { Event } from '../../model/event.ts'

/** What of an event makes a step of a session's walk; callers of `explainFailure` have no more of it either. */
export type Step = Pick<Event, 'id' | 'type' | 'atMs' | 'durationMs' | 'status' | 'name' | 'agent' | 'error' | 'llm' | 'tool' | 'detail' | 'depth'>
