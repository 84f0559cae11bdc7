import type { Redact } from '../redact.ts'

/** Texts remembered; full, the memory starts anew. */
const textsMax = 4_096
/** Longer texts hardly come twice. */
const textCharsMax = 200

/** The same redactor, which remembers short texts that it found free of secrets: names, models and agents come again and again. */
export function rememberingClean(redact: Redact): Redact {
  const clean = new Set<string>()
  return (text) => {
    if (text.length > textCharsMax) return redact(text)
    if (clean.has(text)) return text
    const redacted = redact(text)
    if (redacted === text) {
      if (clean.size >= textsMax) clean.clear()
      clean.add(text)
    }
    return redacted
  }
}
