import type { EventInput } from './event.ts'

/** Where everything that watches an agent puts what it saw. Never blocks, never throws, bounded. */
export interface Recorder {
  record(event: EventInput): void
}
