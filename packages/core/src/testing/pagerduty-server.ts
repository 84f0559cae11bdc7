import { startHttpProvider, type HttpProvider } from './http-provider.ts'

/** PagerDuty's Events API v2 as far as it can be seen from outside: what it takes, what it refuses in which words, and the incidents. */
export interface PagerDutyStandIn {
  readonly provider: HttpProvider
  readonly routingKey: string
  /** By dedup key, with every event about it, oldest first. */
  readonly incidents: ReadonlyMap<string, Incident>
  close(): Promise<void>
}

export interface Incident {
  status: 'triggered' | 'acknowledged' | 'resolved'
  readonly events: PagerDutyRequest[]
}

export interface PagerDutyRequest {
  readonly routing_key: string
  readonly event_action: 'trigger' | 'acknowledge' | 'resolve'
  readonly dedup_key?: string
  readonly client_url?: string
  readonly links?: readonly { readonly href: string; readonly text?: string }[]
  readonly payload?: { readonly summary: string; readonly severity: string; readonly source: string; readonly component?: string; readonly group?: string; readonly class?: string; readonly timestamp?: string; readonly custom_details?: { readonly text?: string } & Readonly<Record<string, unknown>> }
}

export async function startPagerDuty(): Promise<PagerDutyStandIn> {
  const routingKey = 'pdtestroutingkey0123456789abcdef'
  const incidents = new Map<string, Incident>()
  const provider = await startHttpProvider({
    answer({ method, path, text, body, headers }) {
      if (method !== 'POST' || path !== '/v2/enqueue') return { status: 404, body: { status: 'Not Found' } }
      if (headers['content-type'] !== 'application/json' || body.byteLength > 512_000) return { status: 400, body: { status: 'Unrecognized object', message: 'Event object format is unrecognized', errors: ['JSON parse error'] } }
      const event = JSON.parse(text) as PagerDutyRequest // Checked by `errorsOf` where it matters.
      const errors = errorsOf(event)
      if (errors.length > 0) return { status: 400, body: { status: 'invalid event', message: 'Event object is invalid', errors } }
      if (event.routing_key !== routingKey) return { status: 400, body: 'Invalid routing key' }
      const key = event.dedup_key ?? `made-${incidents.size}`
      const incident = incidents.get(key) ?? { status: 'resolved', events: [] }
      // What is unknown can be neither acknowledged nor resolved, and that is no error.
      if (event.event_action === 'trigger') incidents.set(key, { ...incident, status: incident.status === 'resolved' ? 'triggered' : incident.status })
      else if (incidents.has(key)) incidents.set(key, { ...incident, status: event.event_action === 'resolve' ? 'resolved' : 'acknowledged' })
      incident.events.push(event)
      return { status: 202, body: { status: 'success', message: 'Event processed', dedup_key: key } }
    },
  })
  return { provider, routingKey, incidents, close: () => provider.close() }
}

function errorsOf({ routing_key, event_action, dedup_key, payload, links = [] }: PagerDutyRequest): readonly string[] {
  const errors: string[] = []
  if (routing_key.length !== 32) errors.push("Length of 'routing_key' is incorrect (should be 32 characters)")
  if (/[^A-Za-z0-9]/.test(routing_key)) errors.push("'routing_key' cannot contain non-alphanumeric characters.")
  if (!['trigger', 'acknowledge', 'resolve'].includes(event_action)) errors.push("'event_action' is invalid")
  if ((dedup_key ?? '').length > 255) errors.push("'dedup_key' is too long (maximum is 255 characters)")
  if (event_action !== 'trigger') return dedup_key === undefined || dedup_key === '' ? [...errors, "'dedup_key' is missing or blank"] : errors
  for (const name of ['summary', 'source', 'severity'] as const) if ((payload?.[name] ?? '') === '') errors.push(`'payload.${name}' is missing or blank`)
  if ((payload?.summary ?? '').length > 1_024) errors.push("'payload.summary' is too long (maximum is 1024 characters)")
  if (!['critical', 'error', 'warning', 'info'].includes(payload?.severity ?? '')) errors.push("'payload.severity' is invalid (must be one of the following: 'critical', 'warning', 'error' or 'info')")
  if (links.some(({ href }) => !URL.canParse(href))) errors.push("'links.href' is invalid")
  return errors
}
