import { alertKinds } from '../model/alert.ts'
import type { EventRule } from './rule.ts'
import { aboutEvent, eventParams } from './about.ts'

/** A message that somebody asked for. Its tag `kind` says what it is about, and so who may be told; `session` without one. */
export function custom(): EventRule {
  return {
    name: 'custom',
    looksAt: 'events',
    on: ['custom'],
    find(event) {
      const { announcement } = event
      if (announcement === undefined) return undefined
      return {
        rule: 'custom',
        key: event.id,
        kind: alertKinds.find((kind) => kind === event.tags['kind']) ?? 'session',
        severity: announcement.severity,
        message: 'custom',
        params: { ...eventParams(event), title: announcement.title, ...(announcement.body !== undefined && { body: announcement.body }) },
        ends: 'at-once',
        quietMs: 0,
        evidence: { event: event.id },
        announcement,
        ...aboutEvent(event),
      }
    },
  }
}
