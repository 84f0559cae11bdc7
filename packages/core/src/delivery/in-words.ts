import { translator } from '../locales/catalogue.ts'
import type { FrameName } from '../locales/shape.ts'
import type { Alert } from '../model/alert.ts'
import type { TakenAction } from '../model/attention.ts'
import type { Decision } from '../model/decision.ts'
import type { DeliveryRecord } from '../model/reader.ts'
import type { Part } from '../model/roles.ts'
import { safeText, valueCharsMax, type Reader } from './alert-values.ts'
import { actionRow, answer, decisionRow, type Reached } from './explain.ts'
import { alertBody } from './letter.ts'
import { titleOf } from './title.ts'

/** For whom something is said. */
export interface Listener {
  /** BCP 47. */
  readonly locale: string
  /** IANA name. */
  readonly timezone: string
  /** Parts of a message that they may not see. */
  readonly without: readonly Part[]
}

/** What is on record of an alert, in one reader's words. All of it is safe to show as text. */
export interface AlertWords {
  /** What, where, how bad, how much: one line. */
  readonly title: string
  readonly severity: string
  readonly kind: string
  /** Why, in sentences. */
  readonly sentences: readonly string[]
  /** What somebody else said. */
  readonly quotes: readonly string[]
  readonly facts: readonly { readonly label: string; readonly value: string }[]
}

/** What is read here was redacted before it was stored. */
function readerOf({ locale, timezone, without }: Listener): Reader {
  return { translator: translator(locale, timezone), redact: (text) => text, without }
}

/** An alert that a newer version wrote, beside which this one runs on for a while, is called by its rule. */
export function alertTitle(alert: Alert, to: Listener): string {
  const reader = readerOf(to)
  return isKnown(alert, reader) ? titleOf(alert, reader, 'firing') : safeText(alert.rule, reader.redact, 'single', valueCharsMax.name)
}

function isKnown({ message }: Alert, { translator: { words } }: Reader): boolean {
  return Object.hasOwn(words.messages, message)
}

export function alertInWords(alert: Alert, to: Listener): AlertWords {
  const reader = readerOf(to)
  const { words } = reader.translator
  if (!isKnown(alert, reader)) return { title: alertTitle(alert, to), severity: words.severities[alert.severity], kind: words.kinds[alert.kind], sentences: [], quotes: [], facts: [] }
  const { heading, lines, quotes, facts } = alertBody(alert, 'firing', reader)
  return { title: heading, severity: words.severities[alert.severity], kind: words.kinds[alert.kind], sentences: lines, quotes, facts }
}

/**
 * Why somebody was or was not told: the verdict in a word, and a sentence.
 *
 * @param parent the alert of which this one is part, for decisions that name it
 */
export function decisionInWords(decision: Decision, alert: Alert, to: Listener, parent?: Alert): { readonly verdict: string; readonly sentence: string } {
  const reader = readerOf(to)
  // A newer version has reasons that this one cannot say.
  if (!Object.hasOwn(reader.translator.words.decisions, decision.reason)) return { verdict: '', sentence: decision.reason }
  const { verdict, sentence } = decisionRow(decision, alert, reader.translator, parent === undefined ? undefined : alertTitle(parent, to))
  return { verdict, sentence }
}

/**
 * Who was told, who will be and who was not: a sentence for each of these.
 *
 * @param reached as `reachedOf` gives it: names and addresses in it are said
 */
export function toldInWords(reached: readonly Reached[], { locale, timezone }: Listener): readonly string[] {
  return answer(reached, translator(locale, timezone))
}

export function actionInWords(action: TakenAction, { locale, timezone }: Listener): string {
  return actionRow(action, translator(locale, timezone)).sentence
}

/** What became of a delivery, in a word. */
export function deliveryInWords({ state, result }: Pick<DeliveryRecord, 'state' | 'result'>, { locale, timezone }: Listener): string {
  const { results } = translator(locale, timezone).words
  return results[state === 'done' ? (result ?? 'sent') : state === 'claimed' ? 'sending' : 'waiting']
}

/** How things stand, in one or two sentences. Absent amounts are not said. */
export function overviewInWords({ open, spentUsd, usualUsd }: { readonly open: number; readonly spentUsd?: number | undefined; readonly usualUsd?: number | undefined }, { locale, timezone }: Listener): string {
  const words = translator(locale, timezone)
  const money = (usd: number | undefined): string | undefined => (usd === undefined ? undefined : words.money(usd))
  const values: Readonly<Record<string, string | number | undefined>> = { count: open, spent: money(spentUsd), usual: money(usualUsd) }
  const frames: readonly FrameName[] = ['overviewOpen', 'overviewSpent']
  return frames.flatMap((frame) => words.say(words.words.frames[frame], (name) => values[name]) ?? []).join(words.words.punctuation.sentenceGap)
}
