import { isAboutAgents, mapLogs, otlpBounds, SpanMapper, type Accepted, type EventInput, type FlatSpans } from 'tocsin/engine'
import type { IntakeCounts } from '../intake/intake.ts'
import type { RunningProject } from '../projects/projects.ts'
import type { OtlpForm, PartialSuccess } from './answers.ts'
import { countJsonPoints, readJsonLogs, readJsonSpans } from './json.ts'
import { decodeLogs } from './protobuf-logs.ts'
import { countPoints } from './protobuf-metrics.ts'
import { decodeSpans } from './protobuf-spans.ts'

/** Most events that go into one transaction: more in one request are stored in several, so that nobody else waits long. */
const eventsAtOnce = 1_000

/** What arrived by OTLP becomes events of a project, committed when the answer is given. */
export interface OtlpTakers {
  /** @throws MalformedMessage for what is no such message; TocsinError `store-…` where nothing, or not all, was kept: sent again it counts once */
  traces(project: RunningProject, bytes: Buffer, form: OtlpForm): Promise<PartialSuccess>
  logs(project: RunningProject, bytes: Buffer, form: OtlpForm): Promise<PartialSuccess>
  /** Reads and counts them; nothing is made of them: see the decision record. */
  metrics(bytes: Buffer, form: OtlpForm): PartialSuccess
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
      const refused = await store(project, events)
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
      const refused = await store(project, events)
      const rejected = flat.rejected + refused.length
      counts.logsRejected += rejected
      return { rejected, message: said('log records', flat, rejected, `at most ${otlpBounds.itemsMax} in one message`, refused) }
    },
    metrics(bytes, form) {
      counts.pointsUnused += form === 'json' ? countJsonPoints(bytes) : countPoints(bytes)
      return { rejected: 0, message: '' }
    },
  }

  async function store(project: RunningProject, events: readonly EventInput[]): Promise<Accepted['refused']> {
    const refused: Accepted['refused'][number][] = []
    counts.events += events.length
    for (let from = 0; from < events.length; from += eventsAtOnce) {
      const accepted = await project.engine.accept(from === 0 && events.length <= eventsAtOnce ? events : events.slice(from, from + eventsAtOnce))
      for (const one of accepted.refused) refused.push({ ...one, index: one.index + from })
    }
    counts.eventsRefused += refused.length
    return refused
  }
}

/** How many spans these events came from: a root gives two. Ids begin with those of trace and span. */
function spansOf(refused: Accepted['refused'], events: readonly EventInput[]): number {
  if (refused.length === 0) return 0
  return new Set(refused.map(({ index }) => events[index]?.id?.split(':', 2).join(':'))).size
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
