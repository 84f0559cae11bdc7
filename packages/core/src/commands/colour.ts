import type { WriteStream } from 'node:tty'
import { styleText } from 'node:util'

/** What the severity and the fate of a thing look like; whole words at the places where a line says them. */
const looks = [
  [/^(\s*(?:\S+ +){0,2})(critical|high)(?=\s|$|:)/, 'red'],
  [/^(\s*(?:\S+ +){0,2})(warning)(?=\s|$|:)/, 'yellow'],
  [/^(\s*(?:\S+ +){0,2})(failed|refused|not sent)(?=\s|$|:)/, 'red'],
  [/^(\s*(?:\S+ +){0,2})(sent|accepted|ok)(?=\s|$|:)/, 'green'],
] as const

/**
 * A line as it is printed: in colours on a terminal, and as it is anywhere else. `NO_COLOR` and `FORCE_COLOR` are respected, as Node does.
 *
 * @param stream where it goes
 */
export function coloured(line: string, stream: WriteStream): string {
  // At most one word of a line: it is seen at a glance, and text of an agent stays plain.
  for (const [pattern, colour] of looks) if (pattern.test(line)) return line.replace(pattern, (_whole, before: string, word: string) => `${before}${styleText(colour, word, { stream })}`)
  return line
}

/** What went wrong. */
export function colouredError(text: string, stream: WriteStream): string {
  return styleText('red', text, { stream })
}
