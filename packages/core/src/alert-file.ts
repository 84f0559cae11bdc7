import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { z } from 'zod'
import { problemsOf } from './config-issues.ts'
import { alertKinds, type Alert } from './model/alert.ts'
import { TocsinError, errorText } from './model/error.ts'
import { severities } from './model/severity.ts'

const text = z.string().min(1).max(1_000)

/** An alert as conditions see it: what `alert.` has in `match` and `when`, and the parameters of its message. */
export const alertFileSchema = z.strictObject({
  kind: z.enum(alertKinds),
  severity: z.enum(severities),
  rule: text.default('example'),
  key: text.default('example'),
  state: z.enum(['firing', 'acknowledged', 'resolved']).default('firing'),
  message: text.default('custom'),
  count: z.number().min(1).default(1),
  openedAtMs: z.number().min(0).optional(),
  agent: text.optional(),
  environment: text.optional(),
  sessionId: text.optional(),
  tags: z.record(z.string(), z.string()).optional(),
  provider: text.optional(),
  model: text.optional(),
  errorClass: text.optional(),
  budget: text.optional(),
  percent: z.number().optional(),
  costUsd: z.number().optional(),
  params: z.record(z.string(), z.union([z.string(), z.number()], { error: 'expected a text or a number' })).default({}),
})

/** What can stand in such a file. */
export type AlertFile = z.input<typeof alertFileSchema>

/** Fields that are parameters of the message. */
const paramFields = ['provider', 'model', 'errorClass', 'budget', 'percent', 'costUsd'] as const

/**
 * An alert as it would fire at that time.
 *
 * @throws TocsinError `wrong-usage` with each field that is none or of the wrong type
 */
export function alertFrom(data: unknown, file: string, project: string, atMs: number): Alert {
  const parsed = alertFileSchema.safeParse(data)
  if (!parsed.success) {
    const problems = problemsOf(parsed.error.issues, alertFileSchema, data, [], () => 'itself')
    throw new TocsinError('wrong-usage', problems.map((one) => `${file}${one.path.length === 0 ? '' : ` ${one.path.join('.')}`}: ${one.text.replace('unknown setting', 'unknown field').replace('expected settings', 'expected an alert such as {"kind": "session", "severity": "high"}')}`).join('\n'))
  }
  return alertOf(parsed.data, project, atMs)
}

/** The same of fields that are known to be right. */
export function alertOf(given: AlertFile, project: string, atMs: number): Alert {
  const { params = {}, message = 'custom', openedAtMs = atMs, agent, environment, sessionId, tags, rule = 'example', key = 'example', state = 'firing', count = 1, ...fields } = given
  const ofFields = Object.fromEntries(paramFields.flatMap((name) => (fields[name] === undefined ? [] : [[name, fields[name]] as const])))
  return {
    id: 0, project, rule, key, kind: fields.kind, severity: fields.severity, state, count, openedAtMs, updatedAtMs: atMs,
    // Reason for the cast: a route sees any text; what is said in the message is not read here.
    message: message as Alert['message'], params: { ...params, ...ofFields }, ends: 'quiet', quietMs: 0, evidence: {},
    ...(agent !== undefined && { agent }), ...(environment !== undefined && { environment }), ...(sessionId !== undefined && { sessionId }), ...(tags !== undefined && { tags }),
  }
}

/** @throws TocsinError `wrong-usage` where there is no such file or it holds no alert */
export function readAlert(path: string, project: string, atMs: number): Alert {
  const file = basename(path)
  let data: unknown
  try {
    data = JSON.parse(readFileSync(path, 'utf8'))
  } catch (unreadable) {
    throw new TocsinError('wrong-usage', `${path}: expected a file with an alert as JSON, or an alert such as alt_51 (${errorText(unreadable)})`, { cause: unreadable })
  }
  return alertFrom(data, file, project, atMs)
}
