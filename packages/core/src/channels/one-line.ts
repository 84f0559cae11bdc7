/** The text on one line: no line break or control character reaches a header or a heading, whoever wrote it. */
export function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim()
}
