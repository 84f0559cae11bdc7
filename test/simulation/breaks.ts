import type { Channel, ChannelType } from '../../packages/core/src/model/channel.ts'
import type { Config } from '../../packages/core/src/model/config.ts'
import type { SpendChange } from '../../packages/core/src/model/spend.ts'
import type { DueDelivery, Settlement, Transaction } from '../../packages/core/src/model/store.ts'
import type { PipelineParts } from '../../packages/core/src/pipeline.ts'
import { Dice } from './dice.ts'
import type { Invariant } from './journal.ts'
import { spendKey } from './observer.ts'

/** What takes the place of a part while a fault is planted; the product itself is as it is. */
export interface Tamper {
  readonly tx?: (tx: Transaction, process: string) => Transaction
  readonly parts?: (parts: PipelineParts) => PipelineParts
  readonly types?: (types: readonly ChannelType[]) => readonly ChannelType[]
  readonly config?: (config: Config) => Config
  readonly redact?: (text: string) => string
}

export interface Break {
  readonly name: string
  readonly says: string
  /** What must notice it. */
  readonly violates: Invariant
  readonly create: (dice: Dice) => Tamper
}

/** One fault for each invariant, and more; each stands between the product and a part of its world. */
export const breaks: readonly Break[] = [
  {
    name: 'lose-an-event',
    says: 'now and then the store says that an event is kept, and it is not',
    violates: 'events-kept',
    create: (dice) => ({ tx: (tx) => ({ ...tx, insertEvents: async (events) => (dice.hits(0.1) ? [...(await tx.insertEvents(events.slice(0, -1))), true] : tx.insertEvents(events)) }) }),
  },
  {
    name: 'forget-too-early',
    says: 'events are forgotten long before they are old',
    violates: 'events-kept',
    create: () => ({ tx: (tx) => ({ ...tx, forget: (query) => tx.forget({ ...query, contentBeforeMs: query.contentBeforeMs + 365 * 86_400_000 }) }) }),
  },
  {
    name: 'count-resent',
    says: 'an event that was sent again counts again',
    violates: 'sums-exact',
    create: () => ({ tx: (tx) => ({ ...tx, insertEvents: async (events) => (await tx.insertEvents(events)).map(() => true) }) }),
  },
  {
    name: 'count-twice-seen',
    says: 'a call that two sources saw counts twice',
    violates: 'sums-exact',
    create: () => ({ tx: (tx) => ({ ...tx, findSameCalls: async (prints) => (await tx.findSameCalls(prints)).map(() => undefined) }) }),
  },
  {
    name: 'lose-a-finding',
    says: 'now and then what a rule finds is lost',
    violates: 'alerts-made',
    create: (dice) => ({
      parts: (parts) => ({
        ...parts,
        detector: {
          ...parts.detector,
          detect: async (tx, events, nowMs) => {
            const detection = await parts.detector.detect(tx, events, nowMs)
            return dice.hits(0.1) ? { ...detection, findings: [] } : detection
          },
        },
      }),
    }),
  },
  {
    name: 'lose-a-notification',
    says: 'now and then a notification that was decided on is not queued',
    violates: 'reasons-named',
    create: (dice) => ({ parts: (parts) => ({ ...parts, router: { ...parts.router, plan: (change, nowMs) => ({ ...parts.router.plan(change, nowMs), ...(dice.hits(0.1) && { notifications: [], batched: [] }) }) } }) }),
  },
  {
    name: 'forget-the-cause',
    says: 'of what alert an alert is part is not put on record',
    violates: 'parts-in-their-cause',
    create: () => ({ tx: (tx) => ({ ...tx, updateAlerts: (updates) => tx.updateAlerts(updates.map(({ parent: _forgotten, ...update }) => update)) }) }),
  },
  {
    name: 'forget-a-reason',
    says: 'why nobody was told is not put on record',
    violates: 'reasons-named',
    create: () => ({ tx: (tx) => ({ ...tx, recordDecisions: (decisions) => tx.recordDecisions(decisions.filter(({ reason }) => !/^(refused|failed)\./.test(reason))) }) }),
  },
  {
    name: 'lose-a-summary',
    says: 'what is merged into a summary is not put into it',
    violates: 'nothing-vanishes',
    create: () => ({ tx: (tx) => ({ ...tx, enqueueInBatch: async (items) => (items.some(({ batchKey }) => batchKey.startsWith('summary|')) ? items.map(() => ({ notification: 0, delivery: 0 })) : tx.enqueueInBatch(items)) }) }),
  },
  {
    name: 'lose-a-late-line',
    says: 'what became too old is told nobody',
    violates: 'nothing-vanishes',
    create: () => ({ tx: (tx) => ({ ...tx, stillNews: () => Promise.resolve([]) }) }),
  },
  {
    name: 'sent-before-sending',
    says: 'what was refused is put on record as sent',
    violates: 'sent-means-received',
    create: () => settling((one) => (one.kind === 'later' && one.attempt?.outcome === 'retry' ? { id: one.id, fence: one.fence, attempt: one.attempt, kind: 'done', result: 'sent', atMs: one.dueMs } : one)),
  },
  {
    name: 'send-twice',
    says: 'now and then it is not put on record that a message was sent',
    violates: 'sent-once',
    create: (dice) => ({
      tx: (tx) => ({
        ...tx,
        settle: async (settlements) => {
          const lost = settlements.map((one) => one.kind === 'done' && one.result === 'sent' && dice.hits(0.15))
          const held = await tx.settle(settlements.filter((_, index) => lost[index] !== true))
          let next = 0
          return lost.map((isLost) => isLost || held[next++] === true)
        },
      }),
    }),
  },
  {
    name: 'forget-doubt',
    says: 'a message that may have arrived before does not say so',
    violates: 'repeats-marked',
    create: () => ({ parts: (parts) => ({ ...parts, render: (notification, context) => ({ ...parts.render(notification, context), possiblyRepeated: false }) }) }),
  },
  {
    name: 'sums-in-memory',
    says: 'each process adds up budgets for itself',
    violates: 'crossings-told-once',
    create: () => sumsInMemory(),
  },
  {
    name: 'ignore-rates',
    says: 'rates are not obeyed',
    violates: 'rates-held',
    create: () => limits((one) => ({ ...one, rate: undefined, ratePerAddress: undefined })),
  },
  {
    name: 'forget-retry-after',
    says: 'the time a receiver asks for is not heeded',
    violates: 'retry-after-honoured',
    create: () => sending((channel) => ({
      ...channel,
      send: async (message, tools) => {
        const outcome = await channel.send(message, tools)
        return outcome.kind === 'retry' ? { kind: 'retry', detail: outcome.detail } : outcome
      },
    })),
  },
  {
    name: 'try-for-ever',
    says: 'attempts are not counted',
    violates: 'attempts-bounded',
    create: () => ({ tx: (tx) => ({ ...tx, due: async (query) => (await tx.due(query)).map((due) => ({ ...due, attemptsBefore: 0 })) }) }),
  },
  {
    name: 'ignore-concurrency',
    says: 'more is sent at once than a channel takes',
    violates: 'memory-bounded',
    create: () => limits((one) => ({ ...one, concurrency: 100 })),
  },
  {
    name: 'leak-timers',
    says: 'timers are never cancelled',
    violates: 'memory-bounded',
    create: () => ({ parts: (parts) => ({ ...parts, clock: { ...parts.clock, after: (delayMs, task) => withoutCancel(parts.clock.after(delayMs, task)) } }) }),
  },
  {
    name: 'leak-secret',
    says: 'secrets are not taken out',
    violates: 'secrets-kept',
    create: () => ({ redact: (text) => text }),
  },
  {
    name: 'starve-critical',
    says: 'what is critical is often overlooked',
    violates: 'critical-first',
    create: (dice) => ({ tx: (tx) => ({ ...tx, due: (query) => (query.priority === 0 && dice.hits(0.5) ? Promise.resolve([]) : tx.due(query)) }) }),
  },
  {
    name: 'forget-fence',
    says: 'whoever settles holds the lease',
    violates: 'fences-held',
    create: () => forgetFence(),
  },
  {
    name: 'drop-quiet',
    says: 'quiet hours are not known',
    violates: 'quiet-hours-held',
    create: () => ({ config: (config) => ({ ...config, people: mapValues(config.people, (person) => ({ ...person, quietHours: undefined })) }) }),
  },
  {
    name: 'everybody-admin',
    says: 'everybody is told everything',
    violates: 'roles-obeyed',
    create: () => ({ config: (config) => ({ ...config, people: mapValues(config.people, (person) => ({ ...person, role: 'admin' })) }) }),
  },
  {
    name: 'forget-limits',
    says: 'what people were sent is not counted',
    violates: 'limits-held',
    create: () => ({ config: (config) => ({ ...config, limits: false, storm: false }) }),
  },
  {
    name: 'forget-acknowledgements',
    says: 'who acknowledged is not asked when something is sent or repeated',
    violates: 'acknowledged-quiet',
    create: () => ({ tx: (tx) => ({ ...tx, withdraw: (alert, result, atMs, only) => (result === 'acknowledged' ? Promise.resolve([]) : tx.withdraw(alert, result, atMs, only)), due: async (query) => (await tx.due(query)).map(firingAgain) }) }),
  },
  {
    name: 'forget-silences',
    says: 'silences of the configuration are not known',
    violates: 'silences-held',
    create: () => ({ config: (config) => ({ ...config, silences: [] }) }),
  },
  {
    name: 'take-steps-twice',
    says: 'a step of an escalation is taken twice',
    violates: 'steps-once',
    create: () => ({
      tx: (tx) => ({
        ...tx,
        enqueue: async (notifications) => {
          const again = notifications.filter(({ turn }) => turn?.kind === 'step')
          const enqueued = await tx.enqueue(notifications)
          if (again.length > 0) await tx.enqueue(again)
          return enqueued
        },
      }),
    }),
  },
  {
    name: 'use-bad-address',
    says: 'an address that does not work is used again',
    violates: 'bad-addresses-left-alone',
    create: () => ({ tx: (tx) => ({ ...tx, badAddresses: (addresses) => Promise.resolve(addresses.map(() => undefined)) }) }),
  },
  {
    name: 'lose-a-timer',
    says: 'now and then a timer is lost',
    violates: 'everything-settles',
    create: (dice) => ({ tx: (tx) => ({ ...tx, putTimers: (timers) => tx.putTimers(timers.filter(() => dice.hits(0.5))) }) }),
  },
  {
    name: 'forget-nothing',
    says: 'what is old is left where it is',
    violates: 'old-forgotten',
    create: () => ({ tx: (tx) => ({ ...tx, forget: async () => ({ rows: 0 }) }) }),
  },
]

/** @throws RangeError where there is no such break */
export function breakNamed(name: string | undefined, seed: number): Tamper {
  if (name === undefined) return {}
  const found = breaks.find((one) => one.name === name)
  if (found === undefined) throw new RangeError(`expected one of ${breaks.map((one) => one.name).join(', ')}, found ${name}`)
  return found.create(new Dice(seed, `break ${name}`))
}

function settling(change: (settlement: Settlement) => Settlement): Tamper {
  return { tx: (tx) => ({ ...tx, settle: (settlements) => tx.settle(settlements.map(change)) }) }
}

function limits(change: (limits: ChannelType['limits']) => ChannelType['limits']): Tamper {
  return {
    parts: (parts) => ({ ...parts, channels: new Map([...parts.channels].map(([name, open]) => [name, { ...open, limits: change(open.limits) }])) }),
  }
}

function sending(change: (channel: Channel) => Channel): Tamper {
  return { types: (types) => types.map((type) => ({ ...type, create: (settings, name) => change(type.create(settings, name)) })) }
}

function withoutCancel(_cancel: () => void): () => void {
  return () => undefined
}

/** As if nobody had acknowledged. */
function firingAgain(due: DueDelivery): DueDelivery {
  return { ...due, notification: { ...due.notification, alerts: due.notification.alerts.map((alert) => (alert.state === 'acknowledged' ? { ...alert, state: 'firing' as const } : alert)) } }
}

/** The newest fence of each delivery is known to everybody. */
function forgetFence(): Tamper {
  const newest = new Map<number, number>()
  return {
    tx: (tx) => ({
      ...tx,
      lease: async (ids, untilMs, nowMs) => {
        const fences = await tx.lease(ids, untilMs, nowMs)
        for (const [index, id] of ids.entries()) newest.set(id, fences[index] ?? 0)
        return fences
      },
      settle: (settlements) => tx.settle(settlements.map((one) => ({ ...one, fence: newest.get(one.id) ?? one.fence }))),
    }),
  }
}

function sumsInMemory(): Tamper {
  const sums = new Map<string, number>()
  return {
    tx: (tx, process) => ({
      ...tx,
      addSpend: async (deltas) => {
        const changes = await tx.addSpend(deltas)
        return changes.map((change): SpendChange => {
          const key = `${process}|${spendKey(change)}`
          const spentNanoUsd = (sums.get(key) ?? 0) + change.nanoUsd
          sums.set(key, spentNanoUsd)
          return { ...change, spentNanoUsd }
        })
      },
      recordCrossings: async (crossings) => (await tx.recordCrossings(crossings)).map(() => true),
    }),
  }
}

function mapValues<T>(values: Readonly<Record<string, T>>, change: (value: T) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, change(value)]))
}
