import type { Say } from '../../words/say'
import type { Alert } from './acts'

/** Dollars that it is about, where the reader may see them; an unknown price is none. */
export function costOf({ params }: Alert): number | undefined {
  const usd = params['costUsd'] ?? params['spentUsd']
  return typeof usd === 'number' ? usd : undefined
}

/** How it stands, in few words: who has it, whether it goes on, how often it came. */
export function standingOf(alert: Alert, say: Say): string {
  const { state, ends, taken, parent, rule, count, id } = alert
  const isNews = ends === 'at-once'
  const stands = taken !== undefined ? say('alerts.taken', { by: taken.by }) : isNews ? say('alerts.news') : say(`alerts.${state}`)
  return [stands, rule, ...(count > 1 ? [say('alerts.times', { count })] : []), ...(parent === undefined ? [] : [say('alerts.part-of', { id: parent })]), id].join(' · ')
}
