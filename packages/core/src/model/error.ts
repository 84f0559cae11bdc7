/** What went wrong in the world, as a closed set: code tells errors apart by this, never by their text. */
export type TocsinErrorCode =
  | 'config-invalid'
  | 'channel-unknown'
  | 'event-invalid'
  | 'wrong-usage'
  | 'client-closed'
  | 'engine-failed'
  | 'flush-timeout'
  | 'store-busy'
  | 'store-full'
  | 'store-read-only'
  | 'store-corrupt'
  | 'store-newer'
  | 'store-failed'

/** Whether doing the same again can help. */
export type RetryClass = 'retry' | 'final'

const retryClasses: Readonly<Record<TocsinErrorCode, RetryClass>> = {
  'config-invalid': 'final',
  'channel-unknown': 'final',
  'event-invalid': 'final',
  'wrong-usage': 'final',
  'client-closed': 'final',
  'engine-failed': 'retry',
  'flush-timeout': 'retry',
  'store-busy': 'retry',
  'store-full': 'retry',
  'store-read-only': 'final',
  'store-corrupt': 'final',
  'store-newer': 'final',
  'store-failed': 'retry',
}

/**
 * The one error class of the product. The message says what was expected, what came and what to do; it holds no
 * secrets and may be shown. `cause` is for operators.
 */
export class TocsinError extends Error {
  override readonly name = 'TocsinError'
  readonly code: TocsinErrorCode
  readonly retry: RetryClass

  constructor(code: TocsinErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options)
    this.code = code
    this.retry = retryClasses[code]
  }
}

/** The text of anything thrown, in at most 500 characters. Reading it never throws. */
export function errorText(thrown: unknown): string {
  try {
    const text = thrown instanceof Error ? thrown.message : String(thrown)
    return text.length > 500 ? `${text.slice(0, 499)}…` : text
  } catch (unreadable) {
    return `an error that cannot be read (${typeof unreadable})`
  }
}
