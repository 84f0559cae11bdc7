import type { SendTools } from '../../model/channel.ts'

const bodyCharsMax = 4_000
/** Values that say something and open nothing; of all others only the name is told. */
const shownHeaders: ReadonlySet<string> = new Set(['accept', 'content-type', 'content-encoding', 'ttl', 'topic', 'urgency', 'webhook-id', 'webhook-timestamp'])

/** What was asked, as far as it is told. */
interface Asked {
  readonly method: string
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
}

/** What came of it, as far as it is told. */
type Came =
  | { readonly kind: 'answer'; readonly status: number; readonly text: string }
  | { readonly kind: 'failed'; readonly cause: string; readonly code: string; readonly detail?: string }

/** Tells one exchange to whoever tests a channel; secrets of the channel's settings are taken out there. */
export function tell(call: Asked, result: Came, transcript: NonNullable<SendTools['transcript']>): void {
  transcript({ from: 'us', text: `${call.method} ${call.url.href}` })
  for (const [name, value] of Object.entries(call.headers)) transcript({ from: 'us', text: `${name}: ${shownHeaders.has(name.toLowerCase()) ? value : '(not shown)'}` })
  if (typeof call.body === 'string') transcript({ from: 'us', text: call.body.slice(0, bodyCharsMax) })
  else if (call.body !== undefined) transcript({ from: 'us', text: `(${call.body.byteLength} bytes)` })
  if (result.kind === 'failed') return transcript({ from: 'them', text: `(no answer: ${result.cause} ${result.code}${result.detail === undefined ? '' : `, ${result.detail}`})` })
  transcript({ from: 'them', text: `HTTP ${result.status}` })
  if (result.text !== '') transcript({ from: 'them', text: result.text.slice(0, bodyCharsMax) })
}
