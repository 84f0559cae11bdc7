import { isAboutAgents, mapLogs, mapPoints, otlpBounds, SpanMapper, type Accepted, type EventInput, type FlatSpans, type UnusedPoints } from 'tocsin/engine'
import type { IntakeCounts } from '../intake/intake.ts'
import type { RunningProject } from '../projects/projects.ts'
import type { OtlpForm, PartialSuccess } from './answers.ts'
import { readJsonLogs, readJsonPoints, readJsonSpans } from './json.ts'
import { decodeLogs } from './protobuf-logs.ts'
import { decodePoints } from './protobuf-metrics.ts'
import { decodeSpans } from './protobuf-spans.ts'

/** Most events that go into one transaction: more in one request are stored in several, so that nobody else waits long. */
const eventsAtOnce = 1_000

/** What arrived by OTLP becomes events of a project, committed when the answer is given. */
export interface OtlpTakers {
  /** @throws MalformedMessage for what is no such message; TocsinError `store-…` where nothing, or not all, was kept: sent again it counts once */
  traces(project: RunningProject, bytes: Buffer, form: OtlpForm): Promise<PartialSuccess>
  logs(project: RunningProject, bytes: Buffer, form: OtlpForm): Promise<PartialSuccess>
  /** What Claude Code spent, where no log record or span tells it call by call; the others are counted. */
  metrics(project: RunningProject, bytes: Buffer, form: OtlpForm): Promise<PartialSuccess>
}

export function createOtlpTakers(counts: IntakeCounts): OtlpTakers {
  /** What the spans of a trace told of each other, for each project. As many as there are projects. */
  const mappers = new Map<string, SpanMapper>()

  function mapperOf({ name }: RunningProject): SpanMapper {
    const mapper = mappers.get(name) ?? new SpanMapper()
    mappers.set(name, mapper)
    return mapper
  }

  return {
    async traces(project, bytes, form) {
      const flat = form === 'json' ? readJsonSpans(bytes) : decodeSpans(bytes)
      const spans = flat.spans.filter(({ attributes }) => isAboutAgents(attributes))
      counts.spans += flat.spans.length + flat.rejected
      counts.spansOther += flat.spans.length - spans.length
      const events = mapperOf(project).map(spans)
      const { refused } = await store(project, events)
      const rejected = flat.rejected + spansOf(refused, events)
      counts.spansRejected += rejected
      return { rejected, message: said('spans', flat, rejected, 'ids of 16 and 8 bytes that are not all zero, and both times', refused) }
    },
    async logs(project, bytes, form) {
      const flat = form === 'json' ? readJsonLogs(bytes) : decodeLogs(bytes)
      const { events, unused, others } = mapLogs(flat.logs)
      counts.logs += flat.logs.length + flat.rejected
      counts.logsOther += others
      counts.logsUnused += unused
      const { refused } = await store(project, events)
      const rejected = flat.rejected + refused.length
      counts.logsRejected += rejected
      return { rejected, message: said('log records', flat, rejected, `at most ${otlpBounds.itemsMax} in one message`, refused) }
    },
    async metrics(project, bytes, form) {
      const flat = form === 'json' ? readJsonPoints(bytes) : decodePoints(bytes)
      const { events, pointsOf, unused } = mapPoints(flat.points)
      counts.points += flat.points.length + flat.others + flat.rejected
      counts.pointsOther += flat.others
      counts.pointsCumulative += unused.cumulative
      counts.pointsWithoutSession += unused.withoutSession
      counts.pointsWithoutCost += unused.withoutCost
      const { refused, fates } = await store(project, events)
      const pointsIn = (these: readonly number[]): number => these.reduce((sum, index) => sum + (pointsOf[index] ?? 0), 0)
      counts.pointsTold += pointsIn(fates.flatMap((fate, index) => (fate === 'told' ? [index] : [])))
      const malformed = flat.rejected + unused.malformed
      const refusedPoints = pointsIn(refused.map(({ index }) => index))
      counts.pointsRejected += malformed + refusedPoints
      const rejected = malformed + refusedPoints + unused.cumulative + unused.withoutSession + unused.withoutCost
      return { rejected, message: [...whyNot(unused), said('data points', { ...flat, rejected: malformed }, malformed + refusedPoints, 'sums with both times in their order and an amount from 0', refused)].filter((one) => one !== '').join(' ') }
    },
  }

  async function store(project: RunningProject, events: readonly EventInput[]): Promise<Pick<Accepted, 'refused' | 'fates'>> {
    const refused: Accepted['refused'][number][] = []
    const fates: Accepted['fates'][number][] = []
    counts.events += events.length
    for (let from = 0; from < events.length; from += eventsAtOnce) {
      const accepted = await project.engine.accept(from === 0 && events.length <= eventsAtOnce ? events : events.slice(from, from + eventsAtOnce))
      for (const one of accepted.refused) refused.push({ ...one, index: one.index + from })
      for (const fate of accepted.fates) fates.push(fate)
    }
    counts.eventsRefused += refused.length
    return { refused, fates }
  }
}

/** How many spans these events came from: a root gives two. Ids begin with those of trace and span. */
function spansOf(refused: Accepted['refused'], events: readonly EventInput[]): number {
  if (refused.length === 0) return 0
  return new Set(refused.map(({ index }) => events[index]?.id?.split(':', 2).join(':'))).size
}

/** Nothing of a metric is lost without a word: what else the sender has to set. */
function whyNot({ cumulative, withoutSession, withoutCost }: UnusedPoints): readonly string[] {
  return [
    ...(cumulative > 0 ? [`${cumulative} data points were not used because they are cumulative: set OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE to delta.`] : []),
    ...(withoutSession > 0 ? [`${withoutSession} data points were not used because they name no session.id: set OTEL_METRICS_INCLUDE_SESSION_ID to true.`] : []),
    ...(withoutCost > 0 ? [`${withoutCost} data points with tokens were not used because what they cost is not in the same message.`] : []),
  ]
}

/** One sentence for each thing that was left out; nothing of what was sent. */
function said(what: string, flat: Pick<FlatSpans, 'rejected' | 'cut'>, rejected: number, expected: string, refused: Accepted['refused']): string {
  const sentences: string[] = []
  if (flat.rejected > 0) sentences.push(`${flat.rejected} ${what} were rejected: expected ${expected}.`)
  const [first] = refused
  if (first !== undefined) sentences.push(`${rejected - flat.rejected} ${what} were refused, the first because: ${first.why}.`)
  if (flat.cut !== undefined) {
    sentences.push(`${flat.cut} attributes, events or values were left out: at most ${otlpBounds.attributesMax} attributes and ${otlpBounds.eventsMax} events each, and ${otlpBounds.depthMax} levels in one value.`)
  }
  return sentences.join(' ')
}
