/** What a provider's text is as JSON; `undefined` where it is none. To be read by a schema. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (notJson) {
    if (notJson instanceof SyntaxError) return undefined
    throw notJson
  }
}
