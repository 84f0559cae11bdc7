import { attempt, field, secretMarginChars } from '../mapping/read.ts'
import { eventBounds } from '../model/event.ts'
import { boundedText } from './bounded-text.ts'

/**
 * Tags as texts, whatever was given: at most one more than is kept, so that the door says that some were left out. A tag that
 * cannot be read or is no text is described in a few words; anything but an object has no tags. Never throws.
 */
export function boundedTags(tags: unknown): Readonly<Record<string, string>> | undefined {
  if (typeof tags !== 'object' || tags === null) return undefined
  const names = attempt(() => Object.keys(tags)) ?? []
  const bounded: Record<string, string> = {}
  for (const name of names.slice(0, eventBounds.tagsMax + 1)) bounded[name.slice(0, eventBounds.tagCharsMax)] = boundedText(field(tags, name), eventBounds.tagCharsMax + secretMarginChars)
  return bounded
}
