import type { Finding } from '../model/alert.ts'
import type { Event } from '../model/event.ts'
import type { Session } from '../model/session.ts'

/** What every finding about an event says of it: whose it is and where. */
export function aboutEvent(event: Event): Pick<Finding, 'sessionId' | 'agent' | 'environment' | 'tags'> {
  return {
    tags: event.tags,
    ...(event.sessionId !== undefined && { sessionId: event.sessionId }),
    ...(event.agent !== undefined && { agent: event.agent }),
    ...(event.environment !== undefined && { environment: event.environment }),
  }
}

/** The parameters that messages about an event have in common. */
export function eventParams(event: Event): { readonly at: number; readonly agent?: string; readonly session?: string } {
  return { at: event.atMs, ...(event.agent !== undefined && { agent: event.agent }), ...(event.sessionId !== undefined && { session: event.sessionId }) }
}

export function aboutSession(session: Session, tags: Finding['tags']): Pick<Finding, 'sessionId' | 'agent' | 'environment' | 'tags'> {
  return {
    sessionId: session.sessionId,
    ...(tags !== undefined && { tags }),
    ...(session.agent !== undefined && { agent: session.agent }),
    ...(session.environment !== undefined && { environment: session.environment }),
  }
}

export function sessionParams(session: Session): { readonly session: string; readonly agent?: string; readonly name?: string; readonly environment?: string } {
  return {
    session: session.sessionId,
    ...(session.agent !== undefined && { agent: session.agent }),
    ...(session.name !== undefined && { name: session.name }),
    ...(session.environment !== undefined && { environment: session.environment }),
  }
}
