import { Session } from 'node:inspector/promises'
import type { Profiler } from 'node:inspector'

export interface RoomShare {
  readonly room: string
  /** 0 to 1 of the time in which anything ran. */
  readonly share: number
}

/** Runs `work` under the sampling profiler and says which rooms of the product its time went to. */
export async function roomShares(work: () => Promise<unknown>): Promise<readonly RoomShare[]> {
  const session = new Session()
  session.connect()
  try {
    await session.post('Profiler.enable')
    await session.post('Profiler.setSamplingInterval', { interval: 200 })
    await session.post('Profiler.start')
    await work()
    const { profile } = await session.post('Profiler.stop')
    return sharesOf(profile)
  } finally {
    session.disconnect()
  }
}

function sharesOf(profile: Profiler.Profile): readonly RoomShare[] {
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]))
  const parents = new Map(profile.nodes.flatMap((node) => (node.children ?? []).map((child) => [child, node.id] as const)))
  const micros = new Map<string, number>()
  let total = 0
  profile.samples?.forEach((id, i) => {
    const room = roomOf(id, nodes, parents)
    const tookMicros = Math.max(0, profile.timeDeltas?.[i] ?? 0)
    if (room === undefined) return
    micros.set(room, (micros.get(room) ?? 0) + tookMicros)
    total += tookMicros
  })
  return [...micros].map(([room, took]) => ({ room, share: took / total })).sort((a, b) => b.share - a.share)
}

/** The nearest room up the stack: what a library or the machine does is the doing of the room that called it. */
function roomOf(leaf: number, nodes: ReadonlyMap<number, Profiler.ProfileNode>, parents: ReadonlyMap<number, number>): string | undefined {
  const own = nodes.get(leaf)?.callFrame.functionName
  if (own === '(idle)') return undefined
  if (own === '(garbage collector)') return 'garbage collection'
  let commits = false
  for (let id: number | undefined = leaf; id !== undefined; id = parents.get(id)) {
    const path = /packages\/core\/src\/(.+)\.ts$/.exec(nodes.get(id)?.callFrame.url ?? '')?.[1]
    if (path === undefined) continue
    if (path.startsWith('stores/sqlite/writer')) commits = true
    return commits ? 'commit (write and sync)' : (rooms.find(([start]) => path.startsWith(start))?.[1] ?? 'pipeline and engine')
  }
  return 'runtime and the rest'
}

const rooms: readonly (readonly [string, string])[] = [
  ['model/redact', 'redact'],
  ['mapping/', 'normalise'],
  ['rules/pricing', 'price'],
  ['rules/', 'rules and alerts'],
  ['routing/', 'route'],
  ['stores/', 'store statements'],
  ['queue/', 'queue'],
  ['delivery/', 'render'],
  ['locales/', 'render'],
]
