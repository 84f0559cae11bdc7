import { alertKinds, type Finding } from '../model/alert.ts'
import type { Announcement, Event } from '../model/event.ts'
import type { RuleKey } from '../model/rule-state.ts'
import type { BatchRule, EventRule, ProjectFinding } from './rule.ts'
import { aboutEvent, eventParams } from './about.ts'

const rule = 'custom'

/** A message that somebody asked for. Its tag `kind` says what it is about, and so who may be told; `session` without one. */
export function custom(): EventRule {
  return {
    name: rule,
    looksAt: 'events',
    on: ['custom'],
    find(event) {
      const { announcement } = event
      if (announcement === undefined || announcement.about !== undefined) return undefined
      return { ...findingOf(event, announcement), key: event.id, ends: 'at-once' }
    },
  }
}

/** The same about something that lasts, until it is said to be over: what other systems watch and tell of. Of several in one batch the newest counts. */
export function lasting(): BatchRule {
  return {
    name: `${rule}-lasting`,
    looksAt: 'batches',
    on: ['custom'],
    book() {
      const newest = new Map<string, Event>()
      return {
        add(event) {
          const about = event.announcement?.about
          if (about === undefined) return
          const key = JSON.stringify([event.project, about])
          const before = newest.get(key)
          if (before === undefined || before.atMs <= event.atMs) newest.set(key, event)
        },
        async apply() {
          const findings: ProjectFinding[] = []
          const over: RuleKey[] = []
          for (const event of newest.values()) {
            const { project, announcement } = event
            const { about = '' } = announcement ?? {}
            if (announcement?.over === true) over.push({ project, rule, key: about })
            else if (announcement !== undefined) findings.push({ ...findingOf(event, announcement), project, key: about, ends: 'known' })
          }
          return { findings, over }
        },
      }
    },
  }
}

function findingOf(event: Event, announcement: Announcement): Omit<Finding, 'key' | 'ends'> {
  return {
    rule,
    kind: alertKinds.find((kind) => kind === event.tags['kind']) ?? 'session',
    severity: announcement.severity,
    message: 'custom',
    params: { ...eventParams(event), title: announcement.title, ...(announcement.body !== undefined && { body: announcement.body }) },
    quietMs: 0,
    evidence: { event: event.id },
    announcement,
    ...aboutEvent(event),
  }
}
