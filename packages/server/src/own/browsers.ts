import { createHash } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { channelTypes, type Config } from 'tocsin/engine'
import { channelFor } from '../access/send-once.ts'
import { Problem } from '../http/problem.ts'
import type { Configuration } from '../projects/configuration.ts'
import { changeOwn, inFile, ownOf, type Asker } from './own-person.ts'

export type Subscription = NonNullable<Config['people'][string]['webPush']>[number]

/** A browser that is told, as its owner sees it. */
export interface Browser {
  readonly id: string
  /** The push service that it belongs to, such as `fcm.googleapis.com`. */
  readonly service: string
}

export interface Browsers {
  /** The key that browsers subscribe with. */
  readonly publicKey?: string
  readonly channel?: string
  /** Why nothing can be told here, for people. */
  readonly why?: string
  readonly items: readonly Browser[]
}

/** As the schema of people has it. */
const browsersMax = 10

export async function browsersOf(configuration: Configuration, asker: Asker): Promise<Browsers> {
  const { project } = asker
  const own = await ownOf(configuration, asker)
  const kept = own === undefined ? [] : own.item.readOnly ? (project.config.people[own.name]?.webPush ?? []) : subscriptionsIn(own.value)
  const items = kept.map(({ endpoint }) => ({ id: idOf(endpoint), service: new URL(endpoint).host }))
  const channel = channelFor(project.engine.channels, 'webPush')
  const publicKey = channel === undefined ? undefined : project.config.channels[channel]?.['publicKey']
  if (channel === undefined || typeof publicKey !== 'string') return { why: noChannel, items }
  if (own?.item.readOnly === true) return { channel, publicKey, why: inFile(own.name), items }
  return { channel, publicKey, items }
}

/** Takes a subscription of a browser; the same again changes nothing. @returns its id */
export async function addBrowser(configuration: Configuration, asker: Asker, subscription: Subscription): Promise<string> {
  const { project } = asker
  const channel = channelFor(project.engine.channels, 'webPush')
  const settings = channel === undefined ? undefined : project.config.channels[channel]
  if (channel === undefined || settings === undefined) throw new Problem(409, 'no-channel', noChannel)
  const { type: typeName, concurrency: _concurrency, rate: _rate, ...own } = settings
  const type = channelTypes.get(typeName)
  const parsed = type?.settings.safeParse(own)
  const objection = parsed?.success === true ? type?.objectsTo?.(parsed.data, JSON.stringify(subscription)) : undefined
  if (objection !== undefined) throw new Problem(422, 'invalid', 'One place is not as expected.', { places: [{ pointer: '/endpoint', detail: objection.detail }] })
  await changeOwn(configuration, asker, (value) => {
    const kept = subscriptionsIn(value)
    if (kept.some((one) => isDeepStrictEqual(one, subscription))) return value
    const others = kept.filter(({ endpoint }) => endpoint !== subscription.endpoint)
    if (others.length >= browsersMax) throw new Problem(409, 'too-many', `Expected at most ${browsersMax} browsers of one person. Take away one that you use no more.`)
    return { ...value, webPush: [...others, subscription] }
  })
  return idOf(subscription.endpoint)
}

/** @returns whether it was there */
export async function removeBrowser(configuration: Configuration, asker: Asker, id: string): Promise<boolean> {
  let wasThere = false
  await changeOwn(configuration, asker, (value) => {
    const kept = subscriptionsIn(value)
    const left = kept.filter(({ endpoint }) => idOf(endpoint) !== id)
    wasThere = left.length < kept.length
    return wasThere ? { ...value, webPush: left.length === 0 ? undefined : left } : value
  })
  return wasThere
}

/** Of an entry as it is written: one, or a list. */
function subscriptionsIn({ webPush = [] }: Readonly<Record<string, unknown>>): readonly Subscription[] {
  // Reason for the cast: the schema of people has seen it when it was written.
  return (Array.isArray(webPush) ? webPush : [webPush]) as readonly Subscription[]
}

/** Of its endpoint, which is a secret of the browser: the browser itself works it out as we do, see `docs/guides/access.md`. */
function idOf(endpoint: string): string {
  return createHash('sha256').update(endpoint).digest('base64url').slice(0, 22)
}

const noChannel = 'This project has no channel for browsers. An admin makes a pair of keys (npx tocsin vapid) and adds a channel of the type web-push.'
