import { eventBounds, type EventInput } from '../model/event.ts'
import { nanoFromUsd } from '../model/money.ts'
import type { FlatPoint, MappedPoints, UnusedPoints } from './flat-metric.ts'
import { peopleTags } from './log-tags.ts'
import { first, known, sum, text } from './read.ts'

const costMetric = 'claude_code.cost.usage'
const tokenMetric = 'claude_code.token.usage'
const sessionMetric = 'claude_code.session.count'
const readMetrics: readonly string[] = [costMetric, tokenMetric, sessionMetric]

/** Whether points of this metric are read at all. Of Codex none are: their points name no conversation, and its log records tell each call. */
export function isReadMetric(name: string): boolean {
  return readMetrics.includes(name)
}

type Usage = 'input' | 'output' | 'cacheRead' | 'cacheCreation'
const usages: readonly Usage[] = ['input', 'output', 'cacheRead', 'cacheCreation']

/** Points of one session, model, origin and time: what becomes one event. */
interface Group {
  readonly id: string
  readonly sessionId: string
  readonly of: FlatPoint
  readonly startMs: number
  readonly endMs: number
  readonly tokens: Map<Usage, number>
  costUsd?: number
  points: number
}

/**
 * The metrics of Claude Code. Money and tokens of one session, model and stretch of time, apart by all else that their attributes say,
 * are one `llm.usage`: how many calls it was, they do not say. A session that is counted gives a sign of life; as its start it would be
 * missed when it does not end, and these sessions say nothing when they end.
 *
 * Ids are made of all that a point says but its value: one that is sent again is the same event. Never throws.
 *
 * @see https://code.claude.com/docs/en/monitoring-usage
 */
export function mapPoints(points: readonly FlatPoint[]): MappedPoints {
  const groups = new Map<string, Group>()
  const unused: Mutable<UnusedPoints> = { cumulative: 0, withoutSession: 0, withoutCost: 0, malformed: 0 }
  const events: EventInput[] = []
  const pointsOf: number[] = []
  for (const point of points) {
    const why = reasonAgainst(point)
    if (why !== undefined) {
      unused[why]++
      continue
    }
    const group = groupOf(groups, point)
    // A second point of the same series and time is the first one again.
    if (group === undefined || !addTo(group, point)) unused.malformed++
    else group.points++
  }
  for (const group of groups.values()) {
    if (group.points === 0) continue
    if (group.of.metric !== sessionMetric && group.costUsd === undefined) {
      unused.withoutCost += group.points
      continue
    }
    events.push(group.of.metric === sessionMetric ? signOfLife(group) : usageOf(group, group.costUsd ?? 0))
    pointsOf.push(group.points)
  }
  return { events, pointsOf, unused }
}

type Mutable<T> = { -readonly [Name in keyof T]: T[Name] }

function reasonAgainst({ since, startMs, endMs, value, attributes }: FlatPoint): keyof UnusedPoints | undefined {
  if (since === 'cumulative') return 'cumulative'
  if (since === 'other' || startMs === undefined || endMs === undefined || startMs > endMs || value === undefined || !(value >= 0) || !Number.isFinite(value)) return 'malformed'
  return text(attributes['session.id']) === undefined ? 'withoutSession' : undefined
}

function groupOf(groups: Map<string, Group>, point: FlatPoint): Group | undefined {
  const { metric, startMs, endMs, attributes, resource, scope } = point
  const sessionId = text(attributes['session.id'])
  if (startMs === undefined || endMs === undefined || sessionId === undefined) return undefined
  const { type: _kindOfToken, ...rest } = attributes
  const isSession = metric === sessionMetric
  // In the order of their names: a collector in between may turn them around.
  const said = JSON.stringify([isSession ? sessionMetric : 'usage', startMs, endMs, scope, sorted(isSession ? attributes : rest), printOfResource(resource)])
  const print = printOf(said)
  let group = groups.get(print)
  if (group === undefined) groups.set(print, (group = { id: `metric:${sessionId.slice(0, 64)}:${print}`, sessionId, of: point, startMs, endMs, tokens: new Map(), points: 0 }))
  return group
}

/** Points of one message share their resource: reading it again for each of them would take as long as there are points. */
const prints = new WeakMap<FlatPoint['resource'], string>()

function printOfResource(resource: FlatPoint['resource']): string {
  const print = prints.get(resource) ?? printOf(JSON.stringify(sorted(resource)))
  prints.set(resource, print)
  return print
}

function printOf(said: string): string {
  return process.getBuiltinModule('node:crypto').hash('sha256', said, 'hex').slice(0, 24)
}

function sorted(attributes: FlatPoint['attributes']): readonly (readonly [string, unknown])[] {
  return Object.entries(attributes).sort(([one], [other]) => (one < other ? -1 : 1))
}

/** Whether it says something that the group does not know yet, within what an event may hold. */
function addTo(group: Group, { metric, value = 0, attributes }: FlatPoint): boolean {
  if (metric === sessionMetric) return group.points === 0
  if (metric === costMetric) {
    if (group.costUsd !== undefined || value * 1e9 > eventBounds.costNanoUsdMax) return false
    group.costUsd = value
    return true
  }
  const usage = usages.find((one) => one === attributes['type'])
  if (usage === undefined || group.tokens.has(usage) || value > eventBounds.tokensMax) return false
  group.tokens.set(usage, Math.round(value))
  return true
}

function usageOf(group: Group, costUsd: number): EventInput {
  const { of, tokens } = group
  const cacheReadTokens = tokens.get('cacheRead')
  const cacheWriteTokens = tokens.get('cacheCreation')
  return {
    ...baseOf(group, group.endMs),
    type: 'llm.usage',
    name: 'claude_code.usage',
    durationMs: group.endMs - group.startMs,
    ...known('tags', peopleTags(of, ['query_source', 'speed', 'effort', 'skill.name', 'plugin.name'])),
    llm: {
      provider: 'anthropic',
      model: text(of.attributes['model']) ?? 'unknown',
      operation: 'chat',
      ...known('inputTokens', sum(tokens.get('input'), cacheReadTokens, cacheWriteTokens)),
      ...known('outputTokens', tokens.get('output')),
      ...known('cacheReadTokens', cacheReadTokens),
      ...known('cacheWriteTokens', cacheWriteTokens),
      costNanoUsd: nanoFromUsd(costUsd),
      costSource: 'reported',
    },
  }
}

function signOfLife(group: Group): EventInput {
  const how = text(group.of.attributes['start_type'])
  return {
    ...baseOf(group, group.startMs),
    type: 'custom',
    name: sessionMetric,
    ...known('tags', peopleTags(group.of, [])),
    ...(how !== undefined && { detail: { start_type: how } }),
  }
}

function baseOf({ id, sessionId, of: { attributes: a } }: Group, atMs: number): Omit<EventInput, 'type'> {
  return {
    source: 'otel',
    id: id.slice(0, eventBounds.idCharsMax),
    atMs,
    status: 'ok',
    sessionId,
    agent: text(a['agent.name']) ?? 'claude-code',
    ...known('user', first(text(a['user.email']), text(a['user.account_uuid']), text(a['user.id']))),
  }
}
