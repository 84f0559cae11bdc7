import type { FrameName } from '../locales/shape.ts'
import type { Turn } from '../model/turn.ts'
import { safeText, type Reader, valueCharsMax } from './alert-values.ts'

/** What comes again or was handed on says so in its subject: it would look like the first one, sent twice. */
export function turnTitle(turn: Turn | undefined, title: string, { words, say }: Reader['translator']): string {
  const frame = turn?.kind === 'repeat' ? words.frames.turnRepeatTitle : turn?.kind === 'step' ? words.frames.turnStepTitle : undefined
  return (frame === undefined ? undefined : say(frame, () => title)) ?? title
}

/** Why a message comes now, as a sentence for its reader; nothing for the first news of something. */
export function turnNotes(turn: Turn | undefined, { translator, redact }: Reader): readonly string[] {
  if (turn === undefined) return []
  const say = (frame: FrameName, values: Readonly<Record<string, string | number>>): readonly string[] => {
    const said = translator.say(translator.words.frames[frame], (name) => values[name])
    return said === undefined ? [] : [said]
  }
  const wait = (ms: number): string => translator.duration(ms) ?? ''
  switch (turn.kind) {
    case 'repeat':
      return say('turnRepeat', { wait: wait(turn.waitMs) })
    case 'step': {
      // Whoever was not told first did not fail to acknowledge.
      const values = { step: turn.step, steps: turn.steps, ...(turn.waitMs > 0 && { wait: wait(turn.waitMs) }), previous: safeText(turn.previous, redact, 'single', valueCharsMax.name) }
      return [...say('turnStep', values), ...(turn.step === turn.steps ? say('turnLastStep', {}) : [])]
    }
    case 'silence':
      return say('turnSilence', { name: safeText(turn.name, redact, 'single', valueCharsMax.name), since: translator.time(turn.sinceMs) ?? '' })
    case 'flap':
      return say('turnFlap', { count: turn.cycles, window: wait(turn.withinMs) })
    case 'storm':
      return say('turnStorm', { number: turn.number, since: translator.time(turn.sinceMs) ?? '' })
    case 'limit':
      return say('turnLimit', { limit: turn.limit, period: wait(turn.periodMs) })
    case 'group':
    case 'digest':
      return []
  }
}
