import type { Config } from '../model/config.ts'
import { systemClock } from '../model/clock.ts'
import { matchesAll } from '../silence-preview.ts'
import { isAlwaysMaintenance } from '../routing/silences/maintenance.ts'

interface Found {
  readonly path: readonly (string | number)[]
  readonly text: string
}

/** Silences and maintenance windows of a configuration that fit the schema and are probably not meant. */
export function silenceWarnings({ silences, maintenance }: Pick<Config, 'silences' | 'maintenance'>, nowMs = systemClock.nowMs()): readonly Found[] {
  return [
    ...silences.flatMap(({ match, until }, index) => [
      ...(until <= nowMs ? [{ path: ['silences', index, 'until'], text: 'is over: it silences nothing any more' }] : []),
      ...(matchesAll(match) ? [{ path: ['silences', index, 'match'], text: 'matches every alert, also critical ones: nobody is told of anything until it is over' }] : []),
    ]),
    ...maintenance.flatMap((window, index) => {
      if (!isAlwaysMaintenance(window)) return []
      const nobody = matchesAll(window.match) ? ': nobody is ever told of anything' : ': nobody is ever told of what it matches'
      return [{ path: ['maintenance', index, 'hours'], text: `covers the whole week${nobody}` }]
    }),
  ]
}
