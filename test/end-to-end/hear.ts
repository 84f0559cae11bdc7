import { expect } from 'vitest'
import type { SomeEvent, World } from './world.ts'

/** A rule, what makes it fire, and what two readers hear of it: `ana` in English and `mei` in Chinese, each by mail and by text message. */
export interface Case {
  readonly rule: string
  readonly events: readonly SomeEvent[]
  /** Subjects of the mails to the English reader, in order of importance and then of commit; what stands first in each. */
  readonly english: readonly string[]
  readonly chinese: readonly string[]
  /** Must stand in the English text, and in the text message. */
  readonly says: readonly string[]
  readonly short: string
  readonly shortChinese: string
}

/** What comes of these events, once the rate of text messages has let all of it through. */
export async function hear(world: World, events: readonly SomeEvent[]): Promise<{ readonly ana: readonly string[]; readonly mei: readonly string[]; readonly text: string; readonly shorts: readonly string[] }> {
  const before = { mails: world.mail.mails.length, texts: world.sms.messages.length }
  await world.happen(...events)
  for (let waits = 0; waits < 60 && (await world.store.read.waiting()).length > 0; waits += 1) await world.moveOn(2_000)
  const mails = world.mail.mails.slice(before.mails)
  const subjects = (name: string): readonly string[] => mails.filter((mail) => mail.to.includes(`${name}@example.com`)).map((mail) => mail.parsed.subject ?? '')
  return {
    ana: subjects('ana').toSorted(byUrgency),
    mei: subjects('mei').toSorted(byUrgency),
    text: mails.filter((mail) => mail.to.includes('ana@example.com')).map((mail) => mail.parsed.text ?? '').join('\n'),
    shorts: world.sms.messages.slice(before.texts).map((message) => message.body),
  }
}

/** Several go at once; which of them arrives first is chance. */
function byUrgency(one: string, other: string): number {
  const rank = (subject: string): number => ['Critical', '紧急', 'High', '重要', 'Warning', '警告', 'Info', '提示'].findIndex((word) => subject.includes(word))
  return rank(one) - rank(other)
}

/** Holds a world in which everybody hears everything to a case. */
export async function expectHeard(world: World, { events, english, chinese, says, short, shortChinese }: Case): Promise<void> {
  const heard = await hear(world, events)
  expect(heard.ana).toEqual(english.map((subject) => expect.stringContaining(subject) as string))
  expect(heard.mei).toEqual(chinese.map((subject) => expect.stringContaining(subject) as string))
  for (const words of says) expect(heard.text).toContain(words)
  expect(heard.shorts).toEqual(expect.arrayContaining([expect.stringContaining(short), expect.stringContaining(shortChinese)]))
  expect(heard.shorts).toHaveLength(english.length + chinese.length)
}
