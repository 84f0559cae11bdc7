import type { Alert } from '../model/alert.ts'
import type { PreferenceConfig, Schedule } from '../model/attention-config.ts'
import type { Config } from '../model/config.ts'
import { TocsinError, errorText } from '../model/error.ts'
import { isOwnAddress } from '../model/roles.ts'
import { compileCondition, viewOfAlert } from '../rules/view.ts'
import type { AlertView } from '../rules/view.ts'
import { routeName } from './matching.ts'
import type { FailedCondition } from './plan.ts'

/** All of these channels; with `fallbackAfterMs` the first that works, and the next ones after so long. */
export interface Ways {
  readonly channels: readonly string[]
  readonly fallbackAfterMs?: number
}

/** What one person wishes about one alert. */
export interface Wishes {
  /** They turned it off there, and no route insists. */
  mutes(channel: string): boolean
  /** They turned it off there, and are told all the same. */
  isOverruled(channel: string): boolean
  /** In place of how the route tells it; that one itself where they wish nothing about it. */
  waysFor(way: Ways): readonly Ways[]
  /** In place of the route's own. */
  digestOn(channel: string): Schedule | undefined
  /** Conditions that cannot be evaluated for this alert; they count as not fitting. */
  readonly failed: readonly FailedCondition[]
}

export interface Preferences {
  /** @param route by whose name it is told */
  of(person: string, alert: Alert, route: string): Wishes
}

/**
 * What people wish about how they are told. Of several preferences that fit, the first that says something about a matter (not at
 * all, by which channels, when) holds in it. What a route marks as required nobody turns off or puts off, but they may choose by which
 * channels. A message that names its readers is no matter of preferences, nor is that an address of theirs does not work.
 *
 * @throws TocsinError `config-invalid` where a condition cannot be compiled
 */
export function createPreferences(config: Config): Preferences {
  const ofPeople = new Map(Object.entries(config.people).flatMap(([person, { preferences }]) => (preferences.length === 0 ? [] : [[person, preferences.map((one, index) => compiled(one, person, index))] as const])))
  const required = new Set((config.routes ?? []).flatMap((route, index) => (route.required ? [routeName(route, index)] : [])))
  return {
    of(person, alert, route) {
      const own = ofPeople.get(person)
      if (own === undefined || isNamed(alert) || isOwnAddress(person, alert)) return noWishes
      const view = viewOfAlert(alert)
      const failed: FailedCondition[] = []
      const fitting = own.filter((one) => fits(one, view, alert, failed)).map(({ settings }) => settings)
      return wishesOf(fitting, required.has(route), failed)
    },
  }
}

/** A preference ready to be asked. */
interface Compiled {
  readonly settings: PreferenceConfig
  readonly where: string
  readonly test: ((view: AlertView) => boolean) | undefined
}

function compiled(settings: PreferenceConfig, person: string, index: number): Compiled {
  const where = `people.${person}.preferences.${index}`
  if (settings.when === undefined) return { settings, where, test: undefined }
  const condition = compileCondition(settings.when, 'alert')
  if (!condition.ok) throw new TocsinError('config-invalid', `${where}.when: ${condition.problem}`)
  return { settings, where, test: condition.test }
}

function fits({ settings: { kinds, severities }, test, where }: Compiled, view: AlertView, alert: Alert, failed: FailedCondition[]): boolean {
  if (kinds?.includes(alert.kind) === false || severities?.includes(alert.severity) === false) return false
  try {
    return test?.(view) ?? true
  } catch (failure) {
    failed.push({ where, cause: errorText(failure) })
    return false
  }
}

function wishesOf(fitting: readonly PreferenceConfig[], isRequired: boolean, failed: readonly FailedCondition[]): Wishes {
  const covers = ({ channels }: PreferenceConfig, channel: string): boolean => channels?.includes(channel) ?? true
  const isOff = (channel: string): boolean => fitting.some((one) => one.mute === true && covers(one, channel))
  return {
    mutes: (channel) => !isRequired && isOff(channel),
    isOverruled: (channel) => isRequired && isOff(channel),
    waysFor(way) {
      for (const one of fitting) {
        if (one.via === undefined || !way.channels.some((channel) => covers(one, channel))) continue
        return replaced(way, one.via, (channel) => covers(one, channel))
      }
      return [way]
    },
    digestOn: (channel) => (isRequired ? undefined : fitting.find((one) => one.digest !== undefined && covers(one, channel))?.digest),
    failed,
  }
}

const noWishes: Wishes = wishesOf([], false, [])

/** The wished channels in the place of those that the wish is about; the others stay. */
function replaced(way: Ways, via: NonNullable<PreferenceConfig['via']>, isMeant: (channel: string) => boolean): readonly Ways[] {
  const wished: Ways = Array.isArray(via) ? { channels: via } : { channels: via.first, fallbackAfterMs: via.after }
  const others = way.channels.filter((channel) => !isMeant(channel))
  if (others.length === 0) return [wished]
  // One after the other stays so, with the wished ones where the first of the others stood.
  if (way.fallbackAfterMs !== undefined) return [{ ...way, channels: [...new Set(way.channels.flatMap((channel) => (isMeant(channel) ? wished.channels : [channel])))] }]
  return [{ ...way, channels: others }, wished]
}

/** Somebody asked for exactly this message and said for whom. */
function isNamed({ announcement }: Alert): boolean {
  return announcement?.to !== undefined || announcement?.direct !== undefined
}
