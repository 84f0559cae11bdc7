import type { Dice } from './dice.ts'
import type { WorldChannel } from './world-config.ts'

/** How a receiver behaves for a while. */
export type Weather = 'fine' | 'slow' | 'failing' | 'limited' | 'hanging' | 'losing' | 'misconfigured' | 'throwing' | 'picky'

export interface WeatherSpell {
  readonly channel: string
  readonly fromMs: number
  readonly untilMs: number
  readonly weather: Weather
}

/** Which of the processes. */
export type Which = 0 | 1 | 2 | 3

/**
 * crash   the process is gone at once, or inside its next transaction: at its `at`-th step, before or after the commit
 * stop    it is stopped in order
 * freeze  it stands still for a while and does not know
 * refuse  its disk refuses to write for a while
 * jump    the wall clock of the host jumps
 */
export type Fault =
  | { readonly kind: 'crash'; readonly atMs: number; readonly which: Which; readonly where: 'anywhere' | 'in-transaction' | 'before-commit' | 'after-commit'; readonly at: number; readonly backAfterMs: number }
  | { readonly kind: 'stop'; readonly atMs: number; readonly which: Which; readonly backAfterMs: number }
  | { readonly kind: 'freeze'; readonly atMs: number; readonly which: Which; readonly forMs: number }
  | { readonly kind: 'refuse'; readonly atMs: number; readonly which: Which; readonly forMs: number }
  | { readonly kind: 'jump'; readonly atMs: number; readonly byMs: number }

/** What a world suffers from most. */
export type Climate = 'mixed' | 'crashing' | 'freezing' | 'stormy'

const faultWeights: Readonly<Record<Climate, Readonly<Record<Fault['kind'], number>>>> = {
  mixed: { crash: 4, stop: 2, freeze: 2, refuse: 2, jump: 2 },
  crashing: { crash: 12, stop: 1, freeze: 1, refuse: 1, jump: 1 },
  freezing: { crash: 1, stop: 0, freeze: 12, refuse: 1, jump: 0 },
  stormy: { crash: 2, stop: 1, freeze: 1, refuse: 2, jump: 0 },
}

/** @param ofFour where given, the processes are four */
export function drawFaults(dice: Dice, climate: Climate, activeMs: number, leaseMs: number, ofFour?: Dice): readonly Fault[] {
  const faults: Fault[] = []
  let mayJumpBack = true
  const most = climate === 'freezing' ? Math.ceil(activeMs / leaseMs / 2) : 6
  for (let left = dice.between(2, Math.min(12, most)); left > 0; left -= 1) {
    const atMs = dice.between(0, activeMs)
    const ofTwo: Which = dice.hits(0.5) ? 0 : 1
    const which: Which = ofFour?.one([0, 1, 2, 3] as const) ?? ofTwo
    const kind = dice.weighted(faultWeights[climate])
    const backAfterMs = dice.between(100, 30_000)
    switch (kind) {
      case 'crash':
        faults.push({ kind, atMs, which, where: dice.one(['anywhere', 'in-transaction', 'in-transaction', 'before-commit', 'after-commit']), at: dice.between(1, 12), backAfterMs })
        break
      case 'stop':
        faults.push({ kind, atMs, which, backAfterMs })
        break
      case 'freeze':
        faults.push({ kind, atMs, which, forMs: dice.hits(0.5) ? dice.between(500, leaseMs * 2) : leaseMs + dice.between(0, 500) })
        break
      case 'refuse':
        faults.push({ kind, atMs, which, forMs: dice.between(500, 15_000) })
        break
      case 'jump': {
        // Back at most 4 minutes in all: an event that then seems to come from more than 5 minutes ahead is clamped,
        // and has another time each time it is sent again.
        const isBack = mayJumpBack && dice.hits(0.5)
        if (isBack) mayJumpBack = false
        faults.push({ kind, atMs, byMs: isBack ? -dice.between(1_000, 240_000) : dice.one([2_000, 60_000, 3_600_000, 30 * 3_600_000]) })
        break
      }
    }
  }
  return faults.sort((a, b) => a.atMs - b.atMs)
}

const weatherWeights = { slow: 1, failing: 2, limited: 2, hanging: 1, losing: 2, misconfigured: 1, throwing: 1, picky: 1 }
const spellsMax: Readonly<Record<Climate, number>> = { mixed: 3, crashing: 2, freezing: 4, stormy: 8 }

export function drawWeather(dice: Dice, climate: Climate, channels: readonly WorldChannel[], activeMs: number): readonly WeatherSpell[] {
  return channels.flatMap(({ name }) =>
    Array.from({ length: dice.between(climate === 'stormy' ? 3 : 0, spellsMax[climate]) }, () => {
      const fromMs = dice.between(0, activeMs)
      // Where processes freeze, an answer must come late for two of them to hold one delivery.
      const weather = climate === 'freezing' && dice.hits(0.6) ? 'slow' : dice.weighted(weatherWeights)
      return { channel: name, fromMs, untilMs: Math.min(activeMs, fromMs + dice.between(1_000, 90_000)), weather }
    }),
  )
}
