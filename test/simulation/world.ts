import { Dice } from './dice.ts'
import { drawConfig } from './world-config.ts'
import type { WorldConfig } from './world-config.ts'
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
  /** Addresses that do not work. */
  readonly badAddresses: ReadonlySet<string>
}

const dayMs = 86_400_000
/** Of seven worlds these have an outage in them; not those that once found a fault, which stay as they were. */
const outageIn: readonly number[] = [0, 2, 4]

export function drawWorld(seed: number): World {
  const dice = new Dice(seed, 'world')
  const startMinute = dice.between(0, 1_439)
  const activeMs = dice.between(60_000, 400_000)
  // Short, so that a clock that jumps makes old what was reported a moment ago.
  const keptMs = new Dice(seed, 'retention').one([14 * dayMs, 14 * dayMs, 3_600_000, 2 * 3_600_000])
  const config = drawConfig(new Dice(seed, 'config'), startMinute, keptMs)
  const climate = dice.weighted({ mixed: 3, crashing: 2, freezing: 2, stormy: 3 })
  const bad = dice.hits(0.35) ? [dice.one(config.people.flatMap(({ email, phone }) => [email, phone]).filter((address) => address !== undefined))] : []
  return {
    seed,
    climate,
    startWallMs: Date.UTC(2026, 2, 2) + dice.between(0, 20) * dayMs + startMinute * 60_000,
    activeMs,
    config,
    planned: drawEvents(new Dice(seed, 'events'), activeMs, outageIn.includes(seed % 7) ? new Dice(seed, 'outage') : undefined),
    faults: drawFaults(new Dice(seed, 'faults'), climate, activeMs, config.leaseMs),
    weather: drawWeather(new Dice(seed, 'weather'), climate, config.channels, activeMs),
    badAddresses: new Set(bad),
  }
}
