import { alertKinds, type AlertKind } from 'tocsin/engine'

/** A kind of alert that somebody is not told by a channel. */
export interface Off {
  readonly kind: AlertKind
  readonly channel: string
}

type Written = Readonly<Record<string, unknown>>

/**
 * The preferences of a person, as they are written, in two halves: what is a plain "not this kind by this channel", which a table of switches
 * shows, and the rest, which is left as it is.
 *
 * @param channels of the project: where a preference names none, it is about all
 */
export function offSwitches(preferences: readonly unknown[], channels: readonly string[]): { readonly off: readonly Off[]; readonly others: readonly unknown[] } {
  const off = new Map<string, Off>()
  const others: unknown[] = []
  for (const one of preferences) {
    if (!isPlainMute(one)) {
      others.push(one)
      continue
    }
    for (const kind of wordsOf(one['kinds']) ?? alertKinds) for (const channel of wordsOf(one['channels']) ?? channels) {
      const known = alertKinds.find((name) => name === kind)
      if (known !== undefined) off.set(`${kind} ${channel}`, { kind: known, channel })
    }
  }
  return { off: [...off.values()], others }
}

/** As they are written: one preference for each kind. What a person wishes beside it stays, in its order, behind them. */
export function withSwitches(off: readonly Off[], others: readonly unknown[]): readonly unknown[] {
  const switched = alertKinds.flatMap((kind) => {
    const channels = [...new Set(off.flatMap((one) => (one.kind === kind ? [one.channel] : [])))]
    return channels.length === 0 ? [] : [{ kinds: [kind], channels, mute: true }]
  })
  return [...switched, ...others]
}

function isPlainMute(value: unknown): value is Written {
  if (typeof value !== 'object' || value === null) return false
  return Reflect.get(value, 'mute') === true && Object.keys(value).every((key) => key === 'mute' || key === 'kinds' || key === 'channels')
}

function wordsOf(value: unknown): readonly string[] | undefined {
  return Array.isArray(value) ? value.filter((word): word is string => typeof word === 'string') : undefined
}
