import type { AlertChange, Finding } from '../model/alert.ts'
import { messages } from '../model/message.ts'
import type { MessageId, MessageParams } from '../model/message.ts'
import type { Severity } from '../model/severity.ts'
import type { Transaction } from '../model/store.ts'
import { aboutEvent } from './about.ts'
import { resolveKnown } from './alerts.ts'
import { groupKey } from './group-key.ts'
import { quietMs } from './rule.ts'
import type { EventRule } from './rule.ts'

interface OwnEvent {
  readonly message: MessageId
  readonly severity: Severity
  /** Names of `detail` that make the alert's key. */
  readonly key: readonly string[]
  /** `detail.channel` must not be used to tell it; or not where the channel is the address itself, and no `detail.address` is given. */
  readonly isAboutChannel?: true | 'without-address'
  /** Where ten minutes of silence do not mean that it is over, milliseconds. */
  readonly quietMs?: number
}

/** Longer than any pause between two attempts to resume a channel. */
const pausedQuietMs = 2 * 86_400_000
const paused = 'tocsin.channel-paused'

/**
 * What the product says about itself. `detail` of the event holds the message's parameters by name. Keys are what the trouble is about
 * and never a single message of many: one trouble is one alert.
 */
const ownEvents: Readonly<Record<string, OwnEvent>> = {
  [paused]: { message: 'system.channel-paused', severity: 'high', key: ['channel'], isAboutChannel: true, quietMs: pausedQuietMs },
  'tocsin.address-bad': { message: 'system.address-bad', severity: 'warning', key: ['channel', 'address'], isAboutChannel: 'without-address' },
  'tocsin.events-dropped': { message: 'system.events-dropped', severity: 'high', key: ['reason', 'host'] },
  'tocsin.render-failed': { message: 'system.render-failed', severity: 'high', key: ['kind', 'channel'], isAboutChannel: true },
  'tocsin.limit-reached': { message: 'system.limit-reached', severity: 'warning', key: ['channel'], isAboutChannel: true },
  'tocsin.store-replaced': { message: 'system.store-replaced', severity: 'high', key: ['file'] },
  'tocsin.config-broken': { message: 'system.config-broken', severity: 'high', key: ['file'] },
  'tocsin.heartbeat-failed': { message: 'system.heartbeat-failed', severity: 'high', key: ['host'] },
}

const numberParams: readonly string[] = ['at', 'until', 'waiting', 'count', 'sinceAt']

/** The product's own troubles, from the engine alone: what others call `tocsin.…` is kept and tells nobody. Their end is not told, for they are told again while they last; but that of a pause, which is known. */
export function ownEventRule(): EventRule {
  return {
    name: 'tocsin',
    looksAt: 'events',
    on: ['tocsin.*'],
    find(event): Finding | undefined {
      if (event.source !== 'engine') return undefined
      const own = Object.hasOwn(ownEvents, event.type) ? ownEvents[event.type] : undefined
      if (own === undefined) return undefined
      const detail = event.detail ?? {}
      const isAboutChannel = own.isAboutChannel === true || (own.isAboutChannel === 'without-address' && detail['address'] === undefined)
      const channel = isAboutChannel ? detail['channel'] : undefined
      return {
        rule: event.type,
        key: groupKey(own.key.map((name) => detail[name] ?? '')),
        kind: 'system',
        severity: own.severity,
        message: own.message,
        params: paramsOf(own.message, detail, event.atMs),
        ends: 'told',
        quietMs: own.quietMs ?? quietMs,
        evidence: { event: event.id },
        ...aboutEvent(event),
        ...(channel !== undefined && { aboutChannel: channel }),
      }
    },
  }
}

/** The channels send again: told to whoever was told that they were paused. */
export async function endPauses(tx: Transaction, project: string, channels: readonly string[], nowMs: number): Promise<readonly AlertChange[]> {
  const changes = await Promise.all(channels.map((channel) => resolveKnown(tx, { project, rule: paused, key: groupKey([channel]) }, nowMs)))
  return changes.filter((change) => change !== undefined)
}

function paramsOf(message: MessageId, detail: Readonly<Record<string, string>>, atMs: number): MessageParams {
  const params: Record<string, string | number> = { at: atMs }
  for (const name of messages[message]) {
    const value = detail[name]
    if (value === undefined) continue
    if (!numberParams.includes(name)) params[name] = value
    else if (value !== '' && Number.isFinite(Number(value))) params[name] = Number(value)
  }
  return params
}
