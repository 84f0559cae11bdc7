import type { Phrase, Values } from '../locales/phrase.ts'
import type { Alert } from '../model/alert.ts'
import type { News } from '../model/notification.ts'
import { alertValues, type Reader, valueCharsMax } from './alert-values.ts'

/**
 * How an alert stands for this reader.
 *
 * firing   it goes on, or it is news that asks nothing of anybody
 * resolved it is over, told to those who were told that it began
 * was      it was over before anybody could be told, and is told all the same because it was critical
 */
export type Standing = 'firing' | 'resolved' | 'was'

export function standingOf(alert: Alert, news: News): Standing {
  if (news === 'resolved') return 'resolved'
  return alert.state === 'resolved' && alert.ends !== 'at-once' ? 'was' : 'firing'
}

/** What happened, in one line: what, where, how bad, how much; with a word before it where it is over. */
export function titleOf(alert: Alert, reader: Reader, standing: Standing, values: Values = alertValues(alert, reader)): string {
  const { translator } = reader
  return standingTitle(translator.join(translator.words.messages[alert.message].subject, values), reader, standing)
}

/** Lengths of names that are tried in turn where a line must be short. */
const nameCharsTried = [valueCharsMax.name, 24] as const

/**
 * The same in a line with little room: names are shortened first, then phrases are left out from the end.
 * `undefined` where even the first phrase is too long.
 *
 * @param dress puts around the title what belongs there, such as the severity
 */
export function fittingTitle(
  alert: Alert, reader: Reader, standing: Standing, phrases: readonly Phrase[], dress: (title: string) => string, fits: (line: string) => boolean,
): string | undefined {
  const title = (said: readonly Phrase[], values: Values): string => dress(standingTitle(reader.translator.join(said, values), reader, standing))
  for (const nameChars of nameCharsTried) {
    const line = title(phrases, alertValues(alert, reader, nameChars))
    if (fits(line)) return line
  }
  const values = alertValues(alert, reader, nameCharsTried[1])
  for (let count = phrases.length - 1; count > 0; count -= 1) {
    const line = title(phrases.slice(0, count), values)
    if (fits(line)) return line
  }
  return undefined
}

function standingTitle(title: string, { translator }: Reader, standing: Standing): string {
  if (standing === 'firing') return title
  const { resolved, wasAndIsOver } = translator.words.frames
  return translator.say(standing === 'resolved' ? resolved : wasAndIsOver, (name) => (name === 'title' ? title : undefined)) ?? title
}
