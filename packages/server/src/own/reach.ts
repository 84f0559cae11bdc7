import { addressesOf, shownAddress, type AlertKind, type Role, type Store } from 'tocsin/engine'
import type { RunningProject } from '../projects/projects.ts'
import { verifiedAddressesOf } from '../stores/address-codes.ts'
import type { Connection } from '../stores/audit.ts'
import { offSwitches } from './off-switches.ts'
import { hashOfAddress } from './own-person.ts'

/** One place where somebody could be told. */
interface ReachedAddress {
  /** Of a device only so much that its owner knows which. */
  readonly address: string
  /** Absent: of this kind nothing is proved by a code. */
  readonly verified?: boolean
  readonly verifiedMs?: number
  /** They replied that nothing more is to be sent there. */
  readonly stoppedMs?: number
  /** A provider said that it does not work. */
  readonly bad?: { readonly code: string; readonly sinceMs: number }
}

/** A person at one kind of channel. */
interface Reach {
  readonly type: string
  /** Kind of address that it needs; `none`: one for everybody. */
  readonly address: string
  readonly channels: readonly string[]
  readonly addresses: readonly ReachedAddress[]
  /** Kinds of alert that they are told by none of these channels, by their own wish. */
  readonly off: readonly AlertKind[]
  readonly works: boolean
}

interface PersonReach {
  readonly person: string
  readonly role: Role
  /** `own`: at an address of theirs; `shared`: only where everybody is; `none`: nowhere. */
  readonly reached: 'own' | 'shared' | 'none'
  readonly by: readonly Reach[]
}

const order = { none: 0, shared: 1, own: 2 } as const
/** Of a store so many are asked at a time. */
const askedMax = 500

/** Everybody of a project, and by which kinds of channel they could be told now: who could not is first. */
export async function reachOf({ store, db, project: { name: project, config, engine }, nowMs }: { readonly store: Store; readonly db: Connection; readonly project: RunningProject; readonly nowMs: number }): Promise<readonly PersonReach[]> {
  const groups = Map.groupBy(engine.channels, ({ type, address }) => `${type} ${address}`)
  const kinds = [...groups.values()].flatMap((channels) => (channels[0] === undefined ? [] : [{ type: channels[0].type, address: channels[0].address, channels: channels.map(({ name }) => name) }]))
  const proved = await verifiedAddressesOf(db, project)
  const asked = Object.values(config.people).flatMap((settings) => kinds.flatMap(({ type, address: kind, channels }) => (kind === 'none' ? [] : addressesOf(settings, kind).map((address) => ({ project, channelType: type, address, channels })))))
  const stopped = new Map<string, number>()
  const bad = new Map<string, { readonly code: string; readonly sinceMs: number }>()
  for (let from = 0; from < asked.length; from += askedMax) {
    const some = asked.slice(from, from + askedMax)
    const places = some.flatMap(({ address, channels }) => channels.map((channel) => ({ project, channel, address })))
    const [stops, bads] = await store.transaction(async (tx) => [await tx.optOuts(some), await tx.badAddresses(places, nowMs)] as const, { project })
    for (const [index, sinceMs] of stops.entries()) if (sinceMs !== undefined) stopped.set(`${some[index]?.channelType} ${some[index]?.address}`, sinceMs)
    for (const one of bads) if (one !== undefined) bad.set(`${one.channel} ${one.address}`, one)
  }

  const people = Object.entries(config.people).map(([person, settings]): PersonReach => {
    const { off } = offSwitches(settings.preferences, engine.channels.map(({ name }) => name))
    const mine = proved.filter((one) => one.person === person)
    const by = kinds.map(({ type, address: kind, channels }): Reach => {
      const addresses = (kind === 'none' ? [] : addressesOf(settings, kind)).map((address): ReachedAddress => {
        const proof = mine.find((one) => one.kind === kind && one.hash === hashOfAddress(kind, address))
        const stoppedMs = stopped.get(`${type} ${address}`)
        // It works as long as one of the channels of its kind gets there.
        const faults = channels.map((channel) => bad.get(`${channel} ${address}`))
        const fault = faults.every((one) => one !== undefined) ? faults[0] : undefined
        const isProvable = kind !== 'push' && kind !== 'webPush'
        return {
          address: shownAddress(address),
          ...(isProvable && { verified: proof !== undefined }),
          ...(proof !== undefined && { verifiedMs: proof.at_ms }),
          ...(stoppedMs !== undefined && { stoppedMs }),
          ...(fault !== undefined && { bad: { code: fault.code, sinceMs: fault.sinceMs } }),
        }
      })
      const kindsOff = [...new Set(off.map((one) => one.kind))].filter((alert) => channels.every((channel) => off.some((one) => one.kind === alert && one.channel === channel)))
      return { type, address: kind, channels, addresses, off: kindsOff, works: kind === 'none' || addresses.some(({ stoppedMs, bad: fault }) => stoppedMs === undefined && fault === undefined) }
    })
    const own = by.some(({ address, works }) => address !== 'none' && works)
    return { person, role: settings.role, reached: own ? 'own' : by.some(({ works }) => works) ? 'shared' : 'none', by }
  })
  return people.toSorted((one, other) => order[one.reached] - order[other.reached] || (one.person < other.person ? -1 : 1))
}
