import { plain } from './delivery/explain.ts'
import { decisionInWords, type Listener } from './delivery/in-words.ts'
import { sayFrame } from './delivery/letter.ts'
import { localeFor, translator, type Translator } from './locales/catalogue.ts'
import type { FrameName } from './locales/shape.ts'
import type { NewNotification } from './model/store.ts'
import { routedValue, type Routed } from './routed.ts'
import type { RouteTrace } from './routing/matching.ts'

type SayFrame = (frame: FrameName, values?: Readonly<Record<string, string | number>>) => string

/** What `routedValue` gives, and beside each route, each who would be told and each decision what it says, in one reader's words. */
export function routedInWords(routed: Routed, to: Listener): unknown {
  const { locale, timezone } = to
  const { alert, atMs, routes, plan } = routed
  const words = translator(locale, timezone)
  const say: SayFrame = (frame, values = {}) => plain(sayFrame(words, frame, values) ?? '')
  const told = [...plan.notifications, ...plan.batched]
  const value = routedValue(routed)
  return {
    ...value,
    routes: routes.map((one) => ({ ...one, sentence: traceSentence(one, say) })),
    told: value.told.map((one, index) => {
      const item = told[index]
      return { ...one, sentence: item === undefined ? '' : plain(toldSentence(item, atMs, words, locale)) }
    }),
    decisions: plan.decisions.map((decision) => {
      const { person, channel, reason, params } = decision
      return { person, channel, reason, params, ...decisionInWords(decision, alert, to) }
    }),
  }
}

/** What became of a route. */
export function traceSentence(one: RouteTrace, say: SayFrame): string {
  if (one.verdict === 'matches') return say(one.stops ? 'routeStops' : 'routeMatches')
  if (one.verdict === 'lacks') return say('routeLacks', { condition: one.missing.join(' && ') })
  return one.verdict === 'fails' ? say('routeFails', { cause: firstLine(one.cause) }) : say('routeNotAsked', { route: one.by })
}

/** The rest of an error of CEL repeats the condition. */
export function firstLine(cause: string): string {
  return cause.split('\n', 1)[0] ?? ''
}

/** When, on the clock of whoever is told. */
export function toldSentence({ recipient, route, dueMs, fallback, fallbackAfterMs }: NewNotification, atMs: number, words: Translator, locale: string): string {
  const language = localeFor(recipient.locale).locale
  const time = translator(locale, recipient.timezone).time(dueMs) ?? ''
  const first = sayFrame(words, dueMs <= atMs ? 'routeNow' : 'routeAt', { time, language, route }) ?? ''
  const next = fallback.length === 0 ? '' : (sayFrame(words, 'routeNext', { list: words.list(fallback), ...(fallbackAfterMs !== undefined && { wait: words.duration(fallbackAfterMs) }) }) ?? '')
  return `${first}${next}`
}
