import { ProblemError } from '../api/client'
import { localeNow, sayIfKnown } from '../words/say'

/** Of what is wrong in one of these, its places know more than its code: each is said. */
const placesSayMore: ReadonlySet<string> = new Set(['invalid', 'in-use', 'owners-only'])

/** Of these the server's own sentence names the thing, the number or the way out. It is English; of others it is for programs. */
const sentenceSaysMore: ReadonlySet<string> = new Set(['not-found', 'forbidden', 'in-file', 'in-use', 'owners-only', 'configured', 'elsewhere', 'no-channel', 'no-undo', 'other-email', 'too-large', 'too-many', 'wrong-code'])

/** What went wrong, for people and in their language, as far as the server gives a code for it. */
export function said(error: unknown): string {
  if (!(error instanceof ProblemError)) {
    const detail = error instanceof Error ? error.message : String(error)
    return sayIfKnown('problems.page-fault', { detail }) ?? detail
  }
  const places = placesSayMore.has(error.code) ? error.places.map(({ detail }) => detail) : []
  const whole = error.code === 'invalid' && places.length > 0 ? '' : saidOfWhole(error)
  return localeNow() === 'zh-CN' ? `${whole}${places.join('；')}` : [whole, ...places].filter((part) => part !== '').join(' ')
}

/** The same without its places, for who shows them beside their fields. What has no words here is said as the server said it. */
export function saidOfWhole(problem: ProblemError): string {
  const { code, message: detail, requestId, retryAfterSeconds = 0 } = problem
  if (detail !== '' && sentenceSaysMore.has(code) && localeNow() === 'en') return detail
  return sayIfKnown(`problems.${code}`, { detail, id: requestId, seconds: retryAfterSeconds }) ?? detail
}
