/**
 * Signs that a reader does not see: control characters and colours of a terminal, soft hyphens, zero-width signs, marks of
 * direction, variation selectors, language tags. Only between two visible signs of ASCII, where they separate nothing.
 */
// eslint-disable-next-line no-control-regex, no-misleading-character-class -- these are the characters that are looked for
const hidden = /(?<=[!-~])(?:\u001b\[[0-?]*[ -/]*[@-~]|[\u0000-\u0008\u000e-\u001f\u007f-\u009f\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\u{e0000}-\u{e0fff}])+(?=[!-~])/gu

/**
 * The text as it is read. A key that is broken by signs nobody sees is still a key: whoever copies it from the screen, or
 * whatever takes such signs out later, has it whole.
 */
export function withoutHidden(text: string): string {
  return text.replace(hidden, '')
}
