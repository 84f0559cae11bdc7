/** What a condition can ask of an event, with the type that the server gives it; a test holds it against the server's own view. */
export const eventFields = {
  agent: 'string', status: 'string', model: 'string', provider: 'string', tool: 'string', durationMs: 'double', costUsd: 'double', errorClass: 'string', errorMessage: 'string', errorCode: 'string', statusCode: 'double',
  environment: 'string', user: 'string', name: 'string', tags: 'map', detail: 'map', inputTokens: 'double', outputTokens: 'double', cacheReadTokens: 'double', cacheWriteTokens: 'double', reasoningTokens: 'double',
  timeToFirstTokenMs: 'double', answerChars: 'double', retries: 'double', operation: 'string', finishReason: 'string', flaw: 'string', endState: 'string', endReason: 'string', excerpt: 'string', requestedModel: 'string',
  costSource: 'string', sessionId: 'string', type: 'string', source: 'string', project: 'string', id: 'string', atMs: 'double',
} as const satisfies Readonly<Record<string, 'string' | 'double' | 'map'>>

export type EventField = keyof typeof eventFields

/** Numbers of which a sum or a mean says something: all but the time. */
export const measuredFields: readonly string[] = Object.entries(eventFields).flatMap(([name, type]) => (type === 'double' && name !== 'atMs' ? [name] : []))

/** What can be typed after `groupBy`: names of things, and no texts of many words. */
export const groupFields: readonly string[] = Object.entries(eventFields).flatMap(([name, type]) => (type === 'map' || name === 'excerpt' ? [] : [name]))

/** Values that a field is known to have; others are possible. */
export const knownValues: Readonly<Partial<Record<string, readonly string[]>>> = {
  status: ['ok', 'error'],
  endState: ['success', 'fail', 'indeterminate'],
  errorClass: ['auth', 'rate-limit', 'quota', 'timeout', 'server', 'network', 'invalid-request', 'content-filter', 'context-length', 'cancelled', 'other'],
}

/** The type of a field as it is written after `event.`: `tags.team` is a text. */
export function typeOfField(field: string): 'string' | 'double' | undefined {
  const dot = field.indexOf('.')
  if (dot >= 0) return dot < field.length - 1 && (field.startsWith('tags.') || field.startsWith('detail.')) ? 'string' : undefined
  const type = Object.hasOwn(eventFields, field) ? eventFields[field as EventField] : undefined // it is one of its keys
  return type === 'map' ? undefined : type
}
