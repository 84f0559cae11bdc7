import type { ErrorClass } from './event.ts'

/** The call to a provider that made something fail. Findings name it where others may share it: see `sharedCause`. */
export interface Cause {
  readonly provider: string
  readonly model: string
  readonly class: ErrorClass
  /** When that call ended, milliseconds since 1970. */
  readonly atMs: number
}

/**
 * What kind of outage a class of error is a sign of. A provider that is down answers with errors, too late or not at all, all three
 * at once; too many requests, an empty account and a refused key are outages of their own. Other classes are the caller's own doing.
 */
const outages = { server: 'down', timeout: 'down', network: 'down', 'rate-limit': 'rate-limit', quota: 'quota', auth: 'auth' } as const satisfies Partial<Record<ErrorClass, string>>

/** Classes of error by which a provider fails for everybody who calls it. */
export type SharedClass = keyof typeof outages
// Reason for the cast: these are its keys.
export const sharedClasses = Object.keys(outages) as readonly SharedClass[]

export type OutageKind = (typeof outages)[SharedClass]
export const outageKinds = [...new Set(Object.values(outages))] as const

export function isShared(errorClass: string): errorClass is SharedClass {
  return Object.hasOwn(outages, errorClass)
}

export function outageKindOf(errorClass: SharedClass): OutageKind {
  return outages[errorClass]
}

/** The cause of a failed call, where others that call the same provider may fail of it too; nothing where it is the caller's own doing, and where no provider was called, such as of a tool. */
export function sharedCause({ provider, model, atMs, ...rest }: { readonly provider?: string; readonly model: string; readonly class: string; readonly atMs: number }): { readonly cause?: Cause } {
  return provider !== undefined && isShared(rest.class) ? { cause: { provider, model, class: rest.class, atMs } } : {}
}

/** What failures share that have one outage as their cause: the key of that outage's alert. A bar or backslash in the name is escaped. */
export function outageKey(provider: string, kind: OutageKind): string {
  return `${provider.replace(/[\\|]/g, '\\$&')}|${kind}`
}

/** The provider and kind of which `outageKey` made this key; nothing where it made none such. */
export function ofOutageKey(key: string): { readonly provider: string; readonly kind: OutageKind } | undefined {
  const bar = key.lastIndexOf('|')
  const kind = outageKinds.find((one) => one === key.slice(bar + 1))
  return bar < 0 || kind === undefined ? undefined : { provider: key.slice(0, bar).replace(/\\([\\|])/g, '$1'), kind }
}

/** The key of the outage that would be the cause of it. */
export function outageKeyOf({ provider, class: errorClass }: Cause): string | undefined {
  return isShared(errorClass) ? outageKey(provider, outageKindOf(errorClass)) : undefined
}
