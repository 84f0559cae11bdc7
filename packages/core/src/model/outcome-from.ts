import type { Outcome, OutcomeKind } from './outcome.ts'
import type { Redact } from './redact.ts'

const kinds: readonly OutcomeKind[] = ['sent', 'retry', 'bad-address', 'bad-content', 'bad-config', 'in-doubt']
const codeCharsMax = 100
const detailCharsMax = 2_000
/** A provider that names a longer wait is taken to mean this, milliseconds; the delivery expires before. */
const afterMaxMs = 7 * 86_400_000

/**
 * What a channel answered, as far as it is an outcome, without secrets. A channel may be the program's own and written without types:
 * what is not an outcome is in doubt, because nobody knows what became of the message.
 */
export function outcomeFrom(given: unknown, channel: string, redact: Redact): Outcome {
  const fields: Readonly<Record<string, unknown>> = typeof given === 'object' && given !== null ? { ...given } : {}
  const kind = kinds.find((one) => one === fields['kind'])
  const detail = text(fields['detail'], detailCharsMax, redact) ?? ''
  const code = text(fields['code'], codeCharsMax, redact)
  const coded = code === undefined ? {} : { code }
  switch (kind) {
    case undefined:
      return { kind: 'in-doubt', code: 'channel-fault', detail: `channel ${channel}: expected an outcome of kind ${kinds.join(', ')}` }
    case 'sent': {
      const providerId = text(fields['providerId'], codeCharsMax, redact)
      const { first } = fields
      return { kind, detail, ...(providerId === undefined ? {} : { providerId }), ...(first === 'gone' || first === 'this' ? { first } : {}) }
    }
    case 'retry': {
      const afterMs = fields['afterMs']
      const known = typeof afterMs === 'number' && Number.isFinite(afterMs) && afterMs >= 0
      return { kind, ...coded, detail, ...(known ? { afterMs: Math.min(afterMaxMs, Math.ceil(afterMs)) } : {}) }
    }
    case 'bad-address':
    case 'bad-content':
    case 'bad-config':
    case 'in-doubt':
      return { kind, ...coded, detail }
  }
}

function text(value: unknown, charsMax: number, redact: Redact): string | undefined {
  return typeof value === 'string' ? redact(value).slice(0, charsMax) : undefined
}
