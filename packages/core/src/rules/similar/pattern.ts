import { hash } from 'node:crypto'
import type { Alert, Finding } from '../../model/alert.ts'
import type { MessageId, ParamName } from '../../model/message.ts'
import type { RuleKey } from '../../model/rule-state.ts'
import type { NewAlert, Transaction } from '../../model/store.ts'
import { branchText, learn, readBranch, type Branch } from './templates.ts'
import { wordsOf } from './words.ts'

/** Under this name the templates are kept; no rule of a configuration can have it. */
const keeper = 'tocsin:similar'

/** Longest pattern without its template, in characters; the end of a longer one is a hash of it. */
const kindCharsMax = 260
const hashChars = 16

/** What a message quotes of an error: the first that is there tells its kinds apart. Absent here: its alerts differ in nothing that is told in words. */
const texts: Readonly<Partial<Record<MessageId, readonly ParamName[]>>> = {
  'session.failed': ['causeMessage', 'endReason'],
  'session.ended': ['endReason'],
  'model.failed': ['errorMessage'],
  'tool.failed': ['errorMessage'],
  'tool.failing': ['errorMessage'],
  'rule.matched': ['errorMessage'],
}

/** By what else a reader tells kinds apart. Of errors not by whom or where: that is what a line counts. */
const fields: readonly ParamName[] = [
  'errorClass', 'causeClass', 'provider', 'causeProvider', 'model', 'causeKind', 'causeName', 'tool', 'guardrail', 'endState', 'endedHow', 'repeatedTool', 'requestedModel', 'form', 'type', 'what',
]

/** Told by their numbers, or by hand, or about the product itself: each stands for itself. */
const never: ReadonlySet<MessageId> = new Set([
  'model.outage', 'model.cache-collapsed', 'budget.crossed', 'budget.forecast', 'spend.velocity', 'cost.anomaly', 'rule.threshold', 'rule.no-data', 'rule.anomaly', 'rule.absent',
  'system.channel-paused', 'system.address-bad', 'system.events-dropped', 'system.rule-failed', 'system.groups-limited', 'system.render-failed', 'system.limit-reached', 'system.store-replaced',
])

/**
 * Says of alerts that open which kind they are of: alerts with the same pattern are one line of a collection. It is the rule, the message,
 * what else tells kinds apart, and the number of the template that the text of the error fits. The text itself is not in it: who may not
 * see what a session said must not read it there. What templates are known is kept in the store, by rule, message and length, so that
 * every process and every start tells the same kinds apart.
 */
export async function withPatterns(tx: Transaction, alerts: readonly NewAlert[], nowMs: number): Promise<readonly NewAlert[]> {
  const asked = alerts.map(askedOf)
  const keys = new Map<string, RuleKey>()
  for (const one of asked) if (one?.of !== undefined) keys.set(nameOf(one.of), one.of)
  const stored = keys.size === 0 ? [] : await tx.ruleStates([...keys.values()])
  const branches = new Map<string, OpenBranch>([...keys].map(([name, of], index) => {
    const before = readBranch(stored[index])
    return [name, { of, before, branch: before }]
  }))
  const patterned = alerts.map((alert, index): NewAlert => {
    const one = asked[index]
    if (one === undefined) return alert
    const open = one.of === undefined ? undefined : branches.get(nameOf(one.of))
    if (open === undefined) return { ...alert, pattern: one.kind }
    const { template, branch } = learn(open.branch, one.words, nowMs)
    open.branch = branch
    return { ...alert, pattern: `${one.kind}${place(one.words.length, template.id)}` }
  })
  const changed = [...branches.values()].filter(({ before, branch }) => branch !== before)
  if (changed.length > 0) await tx.putRuleStates(changed.map(({ of, branch }) => ({ ...of, value: branchText(branch), atMs: nowMs })))
  return patterned
}

/** For each alert what its kind of error says, with `<*>` where that differs; nothing where its kind is not told by words, or they were forgotten. */
export async function templatesOf(tx: Transaction, alerts: readonly Pick<Alert, 'project' | 'rule' | 'message' | 'pattern'>[]): Promise<readonly (string | undefined)[]> {
  const places = alerts.map(({ project, rule, message, pattern }) => {
    const [, length, id] = /~(\d+)\.(\d+)$/.exec(pattern ?? '') ?? []
    return length === undefined ? undefined : { of: branchKey(project, rule, message, Number(length)), id: Number(id) }
  })
  const known = places.filter((one) => one !== undefined)
  const stored = known.length === 0 ? [] : await tx.ruleStates(known.map(({ of }) => of))
  return places.map((one) => {
    if (one === undefined) return undefined
    return readBranch(stored[known.indexOf(one)]).templates.find(({ id }) => id === one.id)?.words.join(' ')
  })
}

/** A branch while alerts of one transaction are looked at. */
interface OpenBranch {
  readonly of: RuleKey
  readonly before: Branch
  branch: Branch
}

interface Asked {
  /** What a pattern says besides the template. */
  readonly kind: string
  readonly words: readonly string[]
  /** Where the templates of as many words are kept; absent: there are no words. */
  readonly of?: RuleKey
}

function askedOf(alert: NewAlert): Asked | undefined {
  const { project, rule, message, params } = alert
  if (alert.pattern !== undefined || never.has(message)) return undefined
  // What somebody wrote is of one kind only where it says the same.
  if (message === 'custom') return alert.announcement === undefined || alert.announcement.direct !== undefined ? undefined : { kind: kindOf(alert, hash('sha256', alert.announcement.title, 'hex').slice(0, 16)), words: [] }
  const text = texts[message]?.map((name) => params[name]).find((value) => typeof value === 'string' && value !== '')
  const words = text === undefined ? [] : wordsOf(String(text))
  // Where no words tell it apart, whose it is does.
  if (words.length === 0) return { kind: kindOf(alert, `agent=${String(params.agent ?? '')}`), words }
  return { kind: kindOf(alert), words, of: branchKey(project, rule, message, words.length) }
}

function kindOf({ rule, message, params }: Pick<Finding, 'rule' | 'message' | 'params'>, last?: string): string {
  const said = fields.flatMap((name) => {
    const value = params[name]
    return value === undefined || value === '' ? [] : [`${name}=${String(value)}`]
  })
  const kind = [rule, message, ...said, ...(last === undefined ? [] : [last])].join('|')
  return kind.length <= kindCharsMax ? kind : `${kind.slice(0, kindCharsMax - hashChars)}${hash('sha256', kind, 'hex').slice(0, hashChars)}`
}

function place(length: number, id: number): string {
  return `~${length}.${id}`
}

function branchKey(project: string, rule: string, message: MessageId, length: number): RuleKey {
  return { project, rule: keeper, key: `${rule}|${message}|${length}` }
}

function nameOf({ project, key }: RuleKey): string {
  return `${project}|${key}`
}
