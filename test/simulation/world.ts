import { Dice } from './dice.ts'
import { drawConfig } from './world-config.ts'
import type { WorldConfig } from './world-config.ts'
import { drawAttention, noAttention } from './world-attention.ts'
import type { WorldAttention } from './world-attention.ts'
import { drawEvents } from './world-events.ts'
import type { PlannedEvents } from './world-events.ts'
import { drawFaults, drawWeather } from './world-faults.ts'
import type { Climate, Fault, WeatherSpell } from './world-faults.ts'

/** All that will happen in a world from outside, drawn before it begins. */
export interface World {
  readonly seed: number
  readonly climate: Climate
  readonly startWallMs: number
  /** For so long things happen and go wrong; after that the world heals and must come to rest. */
  readonly activeMs: number
  readonly config: WorldConfig
  readonly planned: PlannedEvents
  readonly faults: readonly Fault[]
  readonly weather: readonly WeatherSpell[]
  /** How many processes share the store. */
  readonly processes: 2 | 4
  readonly attention: WorldAttention
  /** Addresses that do not work. */
  readonly badAddresses: ReadonlySet<string>
}

const dayMs = 86_400_000
/** When clocks in Berlin change: from 2 to 3 in spring, from 3 to 2 in autumn. */
const clockChangesMs = [Date.UTC(2026, 2, 29, 1), Date.UTC(2026, 9, 25, 1)]

function minuteOf(wallMs: number): number {
  return Math.floor((wallMs % dayMs) / 60_000)
}

/** Of seven worlds these have an outage in them; not those that once found a fault, which stay as they were. */
const outageIn: readonly number[] = [0, 2, 4]

export function drawWorld(seed: number): World {
  const dice = new Dice(seed, 'world')
  // Drawn apart, so that the others are as they were.
  const own = new Dice(seed, 'attention')
  const hasAttention = seed % 3 !== 0
  const processes = hasAttention && own.hits(0.3) ? 4 : 2
  const isChangeOfClocks = hasAttention && own.hits(0.3)
  const startMinute = dice.between(0, 1_439)
  const activeMs = dice.between(60_000, 400_000)
  // Short, so that a clock that jumps makes old what was reported a moment ago.
  const keptMs = new Dice(seed, 'retention').one([14 * dayMs, 14 * dayMs, 3_600_000, 2 * 3_600_000])
  const climate = dice.weighted({ mixed: 3, crashing: 2, freezing: 2, stormy: 3 })
  const badPick = dice.hits(0.35) ? dice.chance.next() : undefined
  const drawnMs = Date.UTC(2026, 2, 2) + dice.between(0, 20) * dayMs + startMinute * 60_000
  const startWallMs = isChangeOfClocks ? own.one(clockChangesMs) - own.between(0, activeMs) - own.one([0, 3_600_000]) : drawnMs
  const attention = hasAttention ? drawAttention(own, startWallMs, activeMs) : noAttention
  const config = drawConfig(new Dice(seed, 'config'), isChangeOfClocks ? minuteOf(startWallMs) : startMinute, keptMs, attention, isChangeOfClocks ? 'Europe/Berlin' : undefined)
  const addresses = config.people.flatMap(({ email, phone }) => [email, phone]).filter((address) => address !== undefined)
  const bad = badPick === undefined ? [] : addresses.slice(Math.floor(badPick * addresses.length)).slice(0, 1)
  return {
    seed,
    climate,
    startWallMs,
    processes,
    attention,
    activeMs,
    config,
    planned: drawEvents(new Dice(seed, 'events'), activeMs, outageIn.includes(seed % 7) ? new Dice(seed, 'outage') : undefined),
    faults: drawFaults(new Dice(seed, 'faults'), climate, activeMs, config.leaseMs, processes === 4 ? own : undefined),
    weather: drawWeather(new Dice(seed, 'weather'), climate, config.channels, activeMs),
    badAddresses: new Set(bad),
  }
}
