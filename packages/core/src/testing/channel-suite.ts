import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openChannels } from '../channels/registry.ts'
import { settingFields } from '../channels/setting-fields.ts'
import { parseConfig, secretsOf } from '../load-config.ts'
import type { Card } from '../model/card.ts'
import type { Channel, ChannelType, Inbox, Message, SendTools } from '../model/channel.ts'
import { systemClock } from '../model/clock.ts'
import type { Outcome, OutcomeKind } from '../model/outcome.ts'
import { chineseMessage, echoesOf, hostileMessages } from './hostile-messages.ts'

/** What a receiver got. */
export interface Received {
  readonly to: string
  readonly subject?: string
  readonly text: string
  /** By which a repeat is known; given where the type deduplicates. */
  readonly repeatId?: string
  /** BCP 47; given where the wire format says in what language the message is. */
  readonly locale?: string
}

/** One way in which the other side fails, and what the channel must make of it. */
export interface ChannelFault {
  readonly name: string
  /** Plans the fault for the next message. */
  plan(): void
  readonly outcome: OutcomeKind
  readonly code?: string
  readonly afterMs?: number
  /** The channel's time for this message, milliseconds. @default 10_000 */
  readonly deadlineMs?: number
}

/** What happens, a word of the stand-in for it, and what the channel must make of it. */
export type PlannedFault<Fault = unknown> = readonly [name: string, fault: Fault, outcome: OutcomeKind, code?: string, more?: { readonly deadlineMs?: number; readonly afterMs?: number }]

/** A channel with its other side, in a running state. */
export interface ChannelWorld {
  readonly settings: Readonly<Record<string, unknown>>
  /** Texts that must never come back in an outcome. */
  readonly secrets: readonly string[]
  /** An address that works; empty where the channel itself is the address. */
  readonly address: string
  readonly faults: readonly ChannelFault[]
  /** Plans for the next message that it is refused for good in these words. Given where a provider has words. */
  readonly refuse?: (words: string) => void
  /** All that was received, oldest first. */
  received(): readonly Received[]
  /** Given where the channel has to be driven from elsewhere, such as another process. */
  readonly channel?: Channel
  readonly inbox?: Inbox
  close(): Promise<void>
}

/** How a channel's other side is started, and how it can fail: known before, because tests are named first, and for the documentation. */
export interface SuiteWorld {
  readonly faults: readonly PlannedFault[]
  readonly start: () => Promise<ChannelWorld>
}

/**
 * The contract of every channel, run against its real other side on loopback: what it must do with a message, with a
 * refusal of each class, with a network that fails before and after the message went out, and with its secrets.
 */
export function channelSuite(type: ChannelType, { faults, start }: SuiteWorld): void {
  const faultNames = faults.map(([name]) => name)
  describe(`channel ${type.type}`, () => {
    let world: ChannelWorld
    let channel: Channel
    let sent = 0

    beforeAll(async () => {
      world = await start()
      channel = world.channel ?? openNew()
    })

    afterAll(async () => {
      await channel.close?.()
      await world.close()
    })

    const openNew = (): Channel => {
      const opened = openChannels({ one: { type: type.type, ...world.settings } }).get('one')
      if (opened === undefined) throw new Error('the registry does not open its own type')
      return opened.channel
    }

    const message = (text: string): Message => {
      sent += 1
      return { id: `suite-${sent}`, to: world.address, severity: 'high', subject: `Suite ${sent}: 会话失败`, text, locale: 'en', possiblyRepeated: false, news: 'firing', ...(type.shape === 'mail' ? { html: '<p>the same as a page</p>' } : {}), ...(type.shape === 'card' ? { card: cardWith(`Suite ${sent}: 会话失败`, text, `alt_${sent}`) } : {}) }
    }

    const sendWithin = async (what: Message, deadlineMs = 10_000): Promise<Outcome> => {
      const deadline = new AbortController()
      const cancel = systemClock.after(deadlineMs, () => deadline.abort())
      const tools: SendTools = { signal: deadline.signal, clock: systemClock, inbox: world.inbox ?? { put: async () => undefined } }
      try {
        return await channel.send(what, tools)
      } finally {
        cancel()
      }
    }

    test('each setting has a label, and what is secret is listed for redaction', () => {
      for (const field of settingFields(type)) expect(field.label).not.toBe(field.name)
      const secrets = secretsOf(parseConfig({ channels: { one: { type: type.type, ...world.settings } } })).join('\n')
      for (const secret of world.secrets) expect(secrets).toContain(secret)
    })

    test('settings that nobody knows are refused', () => {
      expect(type.settings.safeParse({ ...world.settings, unheardOf: 1 }).success).toBe(false)
    })

    test('a message arrives whole, in any script', async () => {
      const what = message('refund-bot 失败，第 7 步 😀\nsecond line')
      expect(await sendWithin(what)).toMatchObject({ kind: 'sent' })
      const last = world.received().at(-1)
      expect(last?.text.trim()).toBe(what.text)
      expect(last?.to).toBe(world.address)
      expect(last?.subject ?? what.subject).toBe(what.subject)
    })

    test('a text over the limit is cut between visible characters', async () => {
      const family = '👩‍👩‍👧'
      expect(await sendWithin(message(family.repeat(Math.ceil(type.limits.bodyCharsMax / family.length) + 2)))).toMatchObject({ kind: 'sent' })
      const text = world.received().at(-1)?.text.trim() ?? ''
      expect(text.length).toBeLessThanOrEqual(type.limits.bodyCharsMax)
      expect(text).toMatch(new RegExp(`^(${family})+(?!${family.slice(0, 2)})[^\\p{Emoji_Presentation}\\u200d]*$`, 'u'))
    })

    test('line breaks in a subject do not become headers or lines of their own', async () => {
      await sendWithin({ ...message('body'), subject: 'first\r\nBcc: eve@example.com' })
      const last = world.received().at(-1)
      expect(last?.subject ?? '').not.toMatch(/[\r\n]/)
      expect(last?.to).toBe(world.address)
    })

    test.each(faultNames)('%s', async (name) => {
      const fault = world.faults.find((one) => one.name === name)
      if (fault === undefined) throw new Error(`no fault is named "${name}"`)
      fault.plan()
      const outcome = await sendWithin(message(`fault ${name}`), fault.deadlineMs)
      expect(outcome).toMatchObject({
        kind: fault.outcome,
        ...(fault.code === undefined ? {} : { code: fault.code }),
        ...(fault.afterMs === undefined ? {} : { afterMs: fault.afterMs }),
      })
      for (const secret of world.secrets) expect(JSON.stringify(outcome)).not.toContain(secret)
      expect(outcome.detail ?? '').not.toMatch(/[\r\n]/)
      expect((outcome.detail ?? '').length).toBeLessThanOrEqual(200)
      // What failed leaves nothing behind.
      expect(await sendWithin(message(`after ${name}`))).toMatchObject({ kind: 'sent' })
    })

    test('what is secret is not told, in whatever form the provider repeats it', async ({ skip }) => {
      const { refuse } = world
      if (refuse === undefined) return skip()
      const leaks: string[] = []
      for (const secret of world.secrets) {
        for (const echo of echoesOf(secret)) {
          refuse(echo)
          const outcome = await sendWithin(message('told back'))
          const told = outcome.kind === 'sent' ? 'sent' : `${outcome.code} ${outcome.detail}`
          if (outcome.kind === 'sent' || told.includes(echo.trim()) || told.includes(echo.trim().slice(0, 12))) leaks.push(`${echo.trim()}: ${told}`)
        }
      }
      expect(leaks).toEqual([])
    })

    test('no message makes it throw, and what is cut or refused leaves nothing behind', async () => {
      for (const [what, odd] of hostileMessages(type, world.address)) {
        const outcome = await sendWithin(odd, 30_000)
        expect([what, outcome.kind]).toEqual([what, expect.stringMatching(/^(?:sent|bad-content)$/)])
        expect(JSON.stringify(world.received().at(-1) ?? '').length).toBeLessThan(2 * type.limits.bodyCharsMax + 10_000)
      }
      expect(await sendWithin(message('after them'))).toMatchObject({ kind: 'sent' })
    })

    test('a message in Chinese arrives in Chinese, and says so where there is a place for it', async () => {
      const chinese = chineseMessage(type, world.address)
      expect(await sendWithin(chinese)).toMatchObject({ kind: 'sent' })
      const last = world.received().at(-1)
      expect(`${last?.subject} ${last?.text}`).toContain('退款助手')
      expect(`${last?.subject} ${last?.text}`).toMatch(/失败/)
      expect(last?.locale ?? 'zh-CN').toBe('zh-CN')
    })

    test('a second sending of the same message is known as such, where the receiver drops repeats', async ({ skip }) => {
      if (!type.can.deduplicates) return skip()
      const what = message('once')
      const seen: (string | undefined)[] = []
      for (const one of [what, { ...what, possiblyRepeated: true }, message('another')]) {
        expect(await sendWithin(one)).toMatchObject({ kind: 'sent' })
        seen.push(world.received().at(-1)?.repeatId)
      }
      expect(seen).toEqual([expect.stringMatching(/./), seen[0], expect.not.stringMatching(`^${seen[0]}$`)])
    })

    test('time that is over before it begins sends nothing, and nothing comes of it later', async () => {
      const before = world.received().length
      const unhandled: unknown[] = []
      const note = (reason: unknown): void => void unhandled.push(reason)
      process.on('unhandledRejection', note)
      const over = AbortSignal.abort()
      const outcomes = await Promise.all(['one', 'two'].map((text) => channel.send(message(text), { signal: over, clock: systemClock, inbox: world.inbox ?? { put: async () => undefined } })))
      await new Promise<void>((done) => systemClock.after(50, done))
      process.off('unhandledRejection', note)
      const arrived = world.received().length - before
      expect(outcomes.map(({ kind }) => kind)).toEqual(outcomes.map(() => (arrived === 0 ? 'retry' : 'sent')))
      expect(unhandled).toEqual([])
      expect(await sendWithin(message('in time again'))).toMatchObject({ kind: 'sent' })
    })

    test('several at once arrive each', async () => {
      const before = world.received().length
      const outcomes = await Promise.all(Array.from({ length: type.limits.concurrency }, () => sendWithin(message('one of several'))))
      expect(outcomes.map(({ kind }) => kind)).toEqual(outcomes.map(() => 'sent'))
      expect(world.received()).toHaveLength(before + outcomes.length)
    })

    test('it can be closed twice, and used again', async () => {
      await channel.close?.()
      await channel.close?.()
      expect(await sendWithin(message('after closing'))).toMatchObject({ kind: 'sent' })
    })
  })
}

function cardWith(heading: string, text: string, name: string): Card {
  return {
    badge: 'High', heading, lines: [text], quotes: [], facts: [{ label: 'Agent', value: 'refund-bot' }], items: [], notes: [], links: [{ word: 'Open', url: 'https://tocsin.example.com/p/bots/alerts/alt_51' }],
    why: 'alt_51. Sent because route “on-call” sends you high alerts.',
    about: {
      project: 'bots', moreAlerts: 0,
      alerts: [{ name, rule: 'session-failed', kind: 'session', severity: 'high', state: 'firing', message: 'session.failed', count: 1, openedAtMs: 1_795_000_000_000, updatedAtMs: 1_795_000_000_000, sessionId: 's_8f2c', agent: 'refund-bot', params: { agent: 'refund-bot' } }],
    },
  }
}
