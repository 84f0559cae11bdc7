import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { explain } from '../../packages/core/src/commands/explain.ts'
import { alertName, type Alert } from '../../packages/core/src/model/alert.ts'
import { deliveryName } from '../../packages/core/src/model/delivery.ts'
import type { Reader } from '../../packages/core/src/model/reader.ts'
import type { ReceivedMail } from '../../packages/core/src/testing/smtp-server.ts'
import type { tryClearText } from './clear-text.ts'
import { plantedKey, type World } from './world.ts'

/** Asked before the agents start: a commit made meanwhile is not theirs. */
const commitAtStart = gitCommit()

export interface Check {
  readonly what: string
  readonly ok: boolean
}

/** What must have arrived, by what the stand-ins hold and the store decided. */
export async function checks(world: World, read: Reader, { inClear, why }: { readonly inClear: Awaited<ReturnType<typeof tryClearText>>; readonly why: string }): Promise<readonly Check[]> {
  const { mails } = world.mail
  // What is sent again after a lost answer is the same mail: the killed agent may have been about to send it.
  const to = (person: string): readonly ReceivedMail[] => [...new Map(mails.filter((mail) => mail.to.includes(`${person}@example.com`)).map((mail) => [mail.parsed.messageId, mail])).values()]
  const text = (mail: ReceivedMail): string => `${mail.parsed.subject ?? ''}\n${mail.parsed.text ?? ''}`
  const about = (person: string, ...words: readonly string[]): readonly ReceivedMail[] => to(person).filter((mail) => words.every((word) => text(mail).includes(word)))
  const phone = world.sms.messages.filter((message) => message.to === '+8613800138000')
  const pushed = (device: string): readonly string[] => world.push.messages.flatMap(({ token, notification }) => (token.startsWith(device) ? [notification.title] : []))
  const alerts = await read.alerts({ limit: 1_000 })
  const reasons = (await Promise.all(alerts.map((alert) => read.decisionsOf(alert.id)))).flat()
  const decidedOf = (rule: string, reason: string, person: string): boolean => reasons.some((decision) => decision.reason === reason && decision.person === person && alerts.some(({ id, rule: of }) => id === decision.alert && of === rule))
  const unexplained = await withoutExplanation(world, read, alerts)
  const decided = (reason: string, person: string): boolean => reasons.some((decision) => decision.reason === reason && decision.person === person)
  const victims = Array.from({ length: 20 }, (_, index) => `ticket-${index + 1} (ticket-bot)`)
  const [outage, ...moreOutages] = alerts.filter((alert) => alert.rule === 'model-outage')
  const parts = alerts.filter((alert) => alert.parent !== undefined && alert.parent === outage?.id)
  return [
    { what: 'session-start mail with Node version, git commit and host', ok: about('lee', process.version, commitAtStart, hostname()).length > 0 },
    { what: 'failed-session mail that names the first failing call', ok: about('lee', 'Session failed', 'refund-bot', 'gpt-5-mini', '429').length === 1 },
    { what: 'the key in the error is gone, and its place is marked', ok: about('lee', 'refund-bot', '[REDACTED:openai-key:').length > 0 },
    { what: 'Chinese text message to the +86 number', ok: phone.some(isChinese) },
    { what: 'the same alert by e-mail, SMS, push and webhook, in both languages', ok: about('lee', 'Session failed', 'refund-bot').length === 1 && phone.some(isChinese) && pushed('lees').some((one) => one.startsWith('Session failed')) && pushed('danas').some((one) => one.startsWith('会话失败')) && world.hook.received.some(({ title }) => title.includes('refund-bot')) },
    { what: 'every webhook verified by the library of Svix', ok: world.hook.received.length > 0 && world.hook.refused === 0 },
    { what: 'every push with a token that was granted for a signed assertion', ok: world.push.messages.length > 0 && world.push.granted.length > 0 },
    { what: 'e-mail, SMS, push and webhook refuse to speak in clear', ok: inClear.refusals.length === 4 && inClear.arrived === 0 },
    { what: 'the agent with decorators only: its failed session', ok: about('lee', 'Session failed', 'triage-bot', 'lookUp').length === 1 },
    { what: 'the loop that only costs: session above its price, told once', ok: about('bo', 'support-bot', 'answer-ticket').length === 1 },
    { what: 'the budget, told once', ok: about('bo', 'Budget team-day').length === 1 },
    { what: 'the forecast, told once: when the money will be gone', ok: about('bo', 'Budget research-day: over on', 'At this pace it is used up on').length === 1 && about('bo', 'research-day').length === 1 },
    { what: 'the unusual spend, told once: what came, what was usual, and who', ok: about('bo', 'Unusual spend').length === 1 && about('bo', 'was expected.', 'Agent critic-bot made').length === 1 },
    { what: 'the outage, told once to each, with its 20 victims in the message', ok: moreOutages.length === 0 && about('lee', '[Critical] Outage of openai gpt-5-nano').length === 1 && about('lee', '[Critical] Outage', '20 of 20 calls failed', ...victims).length === 1 && phone.filter(({ body }) => body.includes('gpt-5-nano')).length === 1 },
    { what: 'no victim told by itself, and tocsin explain says why', ok: parts.filter((alert) => alert.rule === 'session-failed').length === 20 && about('lee', 'Session failed', 'ticket-').length === 0 && phone.every(({ body }) => !body.includes('ticket')) && why.includes(`alt_${outage?.id} `) },
    { what: 'the end of the outage, told once', ok: about('lee', 'Resolved: Outage').length === 1 },
    { what: 'an empty answer, told once', ok: about('lee', 'Empty answer', 'faq-bot', 'no text, and no tool asked for').length === 1 },
    { what: 'a refused answer, told once, with what it said', ok: about('lee', 'Answer refused', 'faq-bot', '“I cannot help with a complaint.”').length === 1 },
    { what: 'a cut answer, told once, with where it ends', ok: about('lee', 'Answer cut off', 'faq-bot', '“Goods may be returned within”').length === 1 },
    { what: 'an answer in circles, told once, with what it repeats', ok: about('lee', 'Answer goes in circles', 'faq-bot', 'Let me look that up. Let me look that up.').length === 1 },
    { what: 'the script with NotificationManager only', ok: about('lee', 'Night report').length === 1 },
    { what: 'what the killed agent had flushed', ok: about('lee', 'Approval waits').length >= 1 },
    { what: 'the session of the killed agent, told once as lost', ok: about('lee', 'Session lost: crash-bot').length === 1 },
    { what: 'to the billing role the budget without content, and no failed tool', ok: about('bo', 'Budget team-day').length === 1 && to('bo').every((mail) => !/insufficient_quota|429|CRM answered|lookUp/.test(text(mail))) && decidedOf('tool-failed', 'refused.role', 'bo') },
    { what: 'one failed tool: Dana at once in Chinese, Lee later in English', ok: about('dana', 'lookUp').length === 1 && about('dana', '工具').length > 0 && about('lee', 'lookUp', 'Tool failed').length === 1 && decidedOf('tool-failed', 'held.digest', 'lee') && decidedOf('tool-failed', 'sent.now', 'dana') },
    { what: 'tocsin explain answers for each message and each untold alert', ok: unexplained.length === 0 },
    { what: 'nothing about sessions to the billing role, and why', ok: about('bo', 'Session failed').length === 0 && decided('refused.role', 'bo') },
    { what: 'nothing to Mei in her quiet hours, and why', ok: to('mei').length === 0 && decided('held.quiet_hours', 'mei') },
    { what: 'every mail over STARTTLS with a login, in text and HTML', ok: mails.every((mail) => mail.secure && mail.user === 'apikey' && isTwofold(mail)) },
  ]
}

/** Messages and alerts for which `tocsin explain` has no answer: it must name who was told, or a reason. */
async function withoutExplanation({ data }: World, read: Reader, alerts: readonly Alert[]): Promise<readonly string[]> {
  const deliveries = await read.deliveries({ limit: 1_000 })
  const told = new Set(deliveries.flatMap((delivery) => (delivery.result === 'sent' ? delivery.alerts : [])))
  const asked = [...deliveries.map(({ id }) => deliveryName(id)), ...alerts.flatMap(({ id }) => (told.has(id) ? [] : [alertName(id)]))]
  const answers = await Promise.all(asked.map(async (id) => [id, (await explain(id, { data, locale: 'en', timezone: 'UTC' }, () => undefined)).lines.join('\n')] as const))
  return answers.flatMap(([id, said]) => (/\b(?:told|Told|held|Held|merged|limited|silenced|waiting|superseded)\b/.test(said.split('\n').slice(1).join('\n')) ? [] : [id]))
}

function isChinese({ body }: { readonly body: string }): boolean {
  return body.includes('失败')
}

function isTwofold(mail: ReceivedMail): boolean {
  return mail.parsed.html !== false && (mail.parsed.text ?? '') !== ''
}

/** Places in which the planted key still stands: messages and the files of the database. */
export function secretsOut(world: World): number {
  const places = [...world.mail.mails.map((mail) => `${mail.raw}${mail.parsed.text ?? ''}${mail.parsed.html || ''}`), ...world.sms.messages.map((message) => message.body), ...world.hook.received.map(({ text }) => text), ...world.push.messages.map((message) => JSON.stringify(message))]
  const files = readdirSync(world.data).map((file) => readFileSync(join(world.data, file), 'latin1'))
  return [...places, ...files].filter((place) => place.includes(plantedKey)).length
}

/** Messages received more than once without a lost acknowledgement on record. */
export async function toldTwice(world: World, read: Reader): Promise<number> {
  const ids = [...world.mail.mails.map((mail) => mail.parsed.messageId ?? ''), ...world.hook.received.map(({ id }) => id), ...world.push.messages.map(({ token, data }) => `${token} ${data['id']}`)]
  const repeated = ids.filter((id, index) => ids.indexOf(id) !== index).length
  const doubted = (await read.deliveries({ limit: 1_000 })).flatMap((delivery) => delivery.attempts).filter((attempt) => attempt.outcome === 'in-doubt').length
  return Math.max(0, repeated - doubted)
}

function gitCommit(): string {
  return execFileSync('git', ['rev-parse', 'HEAD'], { encoding: 'utf8', cwd: import.meta.dirname }).trim().slice(0, 7)
}
