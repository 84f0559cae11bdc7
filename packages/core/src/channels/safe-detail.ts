const detailCharsMax = 200

/**
 * What a provider said, fit for records and people: one line of at most 200 characters, without control characters and
 * without `secrets`, also where they come back in base64 or percent-encoded.
 *
 * @example
 * safeDetail('535 user:hunter22\r\nrefused', ['hunter22']) // '535 user:[REDACTED] refused'
 */
export function safeDetail(text: string, secrets: readonly string[]): string {
  let safe = text.slice(0, 10 * detailCharsMax)
  for (const form of secrets.flatMap(formsOf).sort((a, b) => b.length - a.length)) safe = safe.replaceAll(form, '[REDACTED]')
  const line = safe.replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim()
  return line.length > detailCharsMax ? `${line.slice(0, detailCharsMax - 1)}…` : line
}

function formsOf(secret: string): readonly string[] {
  if (secret === '') return []
  return [...new Set([secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64')])]
}
