import { oneLine } from '../one-line.ts'

/** Headers of answers that channels may need. The rest is not handed on: it is text from outside, of any length. */
const answerHeaders = ['content-type', 'location', 'retry-after', 'x-ratelimit-remaining', 'x-ratelimit-reset-after', 'x-ratelimit-scope'] as const

/** What is there of them, each at most 500 characters on one line. */
export type AnswerHeaders = Readonly<Partial<Record<(typeof answerHeaders)[number], string>>>

const headerCharsMax = 500

export function answerHeadersOf(headers: Readonly<NodeJS.Dict<string | string[]>>): AnswerHeaders {
  return Object.fromEntries(
    answerHeaders.flatMap((name) => {
      const value = headers[name]
      return typeof value === 'string' ? [[name, oneLine(value).slice(0, headerCharsMax)]] : []
    }),
  )
}

/**
 * The name of the first header that would end its line or that HTTP cannot carry (RFC 9110, 5.1 and 5.5); `undefined`
 * where all can go. Text from outside is put on one line by the channel before, and encoded where it is not Latin-1.
 */
export function brokenHeader(headers: Readonly<Record<string, string>>): string | undefined {
  return Object.entries(headers).find(([name, value]) => !/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name) || /[^\t\u0020-\u007e\u0080-\u00ff]/.test(value))?.[0]
}
