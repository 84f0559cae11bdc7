import type { MessageParams } from '../model/message.ts'
import type { RuleKey } from '../model/rule-state.ts'
import type { Transaction } from '../model/store.ts'
import type { ProjectFinding } from './rule.ts'
import { groupNameOf } from './view.ts'

/** Where groups beyond the most that a rule keeps apart are counted together. */
export const otherGroup = 'other'

/** One group of a rule that is about to be written, and what it kept so far. */
export interface Row<Entry> extends RuleKey {
  readonly stored: string | undefined
  readonly entries: readonly Entry[]
}

/**
 * Finds the rows of these groups: its own for each that has one, or for which there is room; `other` for the rest. A key
 * with a million values so costs `groupsMax` rows. That it is full is told when `other` begins.
 */
export async function rowsOf<Entry extends { readonly project: string; readonly key: string }>(
  tx: Transaction,
  rule: string,
  entries: readonly Entry[],
  groupsMax: number,
  nowMs: number,
): Promise<{ readonly rows: readonly Row<Entry>[]; readonly findings: readonly ProjectFinding[] }> {
  const sorted = entries.toSorted((a, b) => compare(a.project, b.project) || compare(a.key, b.key))
  const keys = sorted.map(({ project, key }) => ({ project, rule, key }))
  const stored = await tx.ruleStates(keys)
  const room = new Map<string, number>()
  const rows: Row<Entry>[] = []
  const beyond = new Map<string, Entry[]>()
  for (const [index, entry] of sorted.entries()) {
    const { project, key } = entry
    const known = stored[index]
    if (known === undefined) {
      const free = room.get(project) ?? groupsMax - (await tx.countRuleKeys({ project, rule, most: groupsMax }))
      room.set(project, free - 1)
      if (free <= 0 && key !== '') {
        beyond.set(project, [...(beyond.get(project) ?? []), entry])
        continue
      }
    }
    rows.push({ project, rule, key, stored: known, entries: [entry] })
  }
  const findings: ProjectFinding[] = []
  for (const [project, more] of beyond) {
    // A group that really has this name is in the same row.
    const same = rows.findIndex((row) => row.project === project && row.key === otherGroup)
    const [kept] = same < 0 ? await tx.ruleStates([{ project, rule, key: otherGroup }]) : [rows[same]?.stored]
    const before = same < 0 ? [] : rows.splice(same, 1).flatMap((row) => row.entries)
    rows.push({ project, rule, key: otherGroup, stored: kept, entries: [...before, ...more] })
    if (kept === undefined) findings.push(groupsLimited(project, rule, groupsMax, nowMs))
  }
  return { rows, findings }
}

/** What a message says of a group; a name that is somebody's, or content, is for those who may see it. */
export function groupParams(names: readonly string[], key: string, values: readonly string[]): MessageParams {
  if (names.length > 0 && values.length === 0) return { group: key }
  const params: Record<string, string> = {}
  for (const [index, name] of names.entries()) {
    const value = values[index] ?? ''
    if (value === '') continue
    const param = paramOf[groupNameOf(name)] ?? 'group'
    params[param] = params[param] === undefined ? value : `${params[param]} / ${value}`
  }
  return params
}

const paramOf: Readonly<Record<string, string>> = {
  agent: 'agent', provider: 'provider', model: 'model', tool: 'tool', user: 'groupUser',
  excerpt: 'groupContent', errorMessage: 'groupContent', endReason: 'groupContent', detail: 'groupContent',
}

/** What findings about a group say for routes: its agent, environment and tags, where it is grouped by them. */
export function aboutGroup(names: readonly string[], values: readonly string[]): Pick<ProjectFinding, 'agent' | 'environment' | 'tags' | 'sessionId'> {
  const about: { agent?: string; environment?: string; sessionId?: string } = {}
  const tags: Record<string, string> = {}
  for (const [index, given] of names.entries()) {
    const value = values[index] ?? ''
    const name = given.replace(/^event\./, '')
    if (value === '') continue
    if (name === 'agent' || name === 'environment' || name === 'sessionId') about[name] = value
    else if (name.startsWith('tags.')) tags[name.slice('tags.'.length)] = value
  }
  return { ...about, tags }
}

/** That a rule has more groups than it keeps apart: once a day, for the admins. */
export function groupsLimited(project: string, rule: string, groupsMax: number, nowMs: number): ProjectFinding {
  return {
    project, rule: 'groups-limited', key: rule, kind: 'system', severity: 'warning', message: 'system.groups-limited',
    params: { rule, count: groupsMax, at: nowMs }, ends: 'told', quietMs: 86_400_000, evidence: { rule, groupsMax },
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
