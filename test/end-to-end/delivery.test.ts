import { afterEach, describe, expect, test } from 'vitest'
import type { DecisionReason } from '../../packages/core/src/model/decision.ts'
import { lines, openWorld, type SomeEvent, type World } from './world.ts'

const minuteMs = 60_000
const hourMs = 60 * minuteMs
/** A Wednesday, 21:00 in Shanghai and 13:00 in UTC. */
const eveningMs = Date.UTC(2026, 5, 10, 13)

let world: World | undefined

afterEach(async () => {
  await world?.close()
  world = undefined
})

async function open(rest: string, startMs?: number): Promise<World> {
  world = await openWorld(`project: support\nchannels:${lines}\n${rest}`, startMs)
  return world
}

const failed = (agent: string, sessionId: string): SomeEvent[] => [
  { type: 'tool.call', sessionId, agent, tool: { name: 'lookUpOrder' }, error: { class: 'server', statusCode: 502, message: 'The CRM said: order B-7 of Ann is locked' } },
  { type: 'session.end', sessionId, agent, endState: 'fail', endReason: 'order B-7 stayed locked' },
]
const modelFailed = (errorClass: 'quota' | 'server' = 'server'): SomeEvent => ({
  type: 'llm.call', agent: 'quote-bot', error: { class: errorClass, statusCode: 503, message: 'overloaded' }, llm: { provider: 'openai', model: 'gpt-5', operation: 'chat' },
})
const paid = (costUsd: number, more: Partial<SomeEvent> = {}): SomeEvent => ({
  type: 'llm.call', agent: 'quote-bot', ...more, llm: { provider: 'openai', model: 'gpt-5', operation: 'chat', costNanoUsd: costUsd * 1e9 },
})

const subjects = (of: World, name: string): readonly (string | undefined)[] => of.mailsTo(name).map((mail) => mail.parsed.subject)
async function reasons(of: World, rule: string, person: string): Promise<readonly DecisionReason[]> {
  return (await of.decisionsOf(rule)).filter((decision) => decision.person === person).map((decision) => decision.reason)
}

describe('roles', () => {
  const yaml = `
people:
  ana: { role: admin, email: ana@example.com }
  bo: { role: billing, email: bo@example.com }
  vic: { role: viewer, email: vic@example.com }
rules:
  dear-excerpt: { on: llm.call, when: "event.costUsd > 5.0", kind: cost, severity: high, groupBy: [id] }
  model-expensive: false
  session-expensive: false
routes:
  - { name: all, match: "true", to: [ana, bo, vic], via: [mail] }
delivery: { batchMs: 0 }`

  test('billing is not told of sessions, and a viewer is told without what was said and what it cost', async () => {
    const { happen, mailsTo, ...rest } = await open(yaml)
    await happen(paid(2, { sessionId: 's-1' }), ...failed('refund-bot', 's-1'))
    const told = (person: string): string => mailsTo(person).map((mail) => `${mail.parsed.subject} ${mail.parsed.text} ${mail.parsed.html || ''}`).join('\n')
    const [toAna, toVic] = [told('ana'), told('vic')]
    for (const words of ['order B-7 of Ann is locked', 'order B-7 stayed locked', '$2']) {
      expect(toAna).toContain(words)
      expect(toVic).not.toContain(words)
    }
    expect(toVic).toContain('refund-bot')
    for (const { raw } of mailsTo('vic')) expect(raw).not.toContain('B-7')
    expect(mailsTo('bo')).toEqual([])
    const all = { ...rest, happen, mailsTo }
    expect(await reasons(all, 'session-failed', 'bo')).toEqual(['refused.role'])
    expect(await reasons(all, 'session-failed', 'vic')).toEqual(['sent.now', 'sent.reduced'])
  })

  test('billing is told what a call cost, without what was said in it, and a viewer is not told', async () => {
    const all = await open(yaml)
    await all.happen(paid(9, { excerpt: 'Dear Ann, your refund of order B-7' }))
    expect(all.mailsTo('ana')[0]?.parsed.text).toContain('Dear Ann')
    const [toBo] = all.mailsTo('bo')
    expect(toBo?.parsed.subject).toContain('$9')
    expect(`${toBo?.raw} ${toBo?.parsed.text} ${toBo?.parsed.html || ''}`).not.toMatch(/Ann|B-7/)
    expect(all.mailsTo('vic')).toEqual([])
    expect(await reasons(all, 'dear-excerpt', 'vic')).toEqual(['refused.role'])
  })
})

describe('time', () => {
  const quiet = `
people:
  mei: { role: admin, email: mei@example.com, timezone: Asia/Shanghai, quietHours: "22:00-07:00" }
budgets: { day: { amountUsd: 10, thresholds: [1] } }
rules: { tool-failed: false, session-ended: false, model-expensive: false, session-expensive: false }
routes: [{ name: all, match: "true", to: [mei], via: [mail] }]`

  test('quiet hours hold what is not critical until they end, in the time zone of the person', async () => {
    const all = await open(quiet, eveningMs)
    await all.happen(...failed('early-bot', 's-1'))
    expect(subjects(all, 'mei')).toEqual([expect.stringContaining('early-bot')])
    await all.moveOn(hourMs) // 22:00 there
    await all.happen(...failed('late-bot', 's-2'), paid(11))
    expect(subjects(all, 'mei').slice(1)).toEqual([expect.stringContaining('[Critical] Budget day')])
    expect(await reasons(all, 'session-failed', 'mei')).toContain('held.quiet_hours')
    await all.moveOn(9 * hourMs - minuteMs) // a minute before 07:00
    expect(subjects(all, 'mei')).toHaveLength(2)
    await all.moveOn(2 * minuteMs)
    expect(subjects(all, 'mei').slice(2)).toEqual([expect.stringContaining('late-bot')])
  })

  test('a digest collects what a route brings, and sends it as one that lists all', async () => {
    const all = await open(`
people:
  lee: { role: developer, email: lee@example.com }
  dana: { role: admin, email: dana@example.com }
rules: { tool-failed: false, session-ended: false }
routes:
  - { name: loud, match: "alert.agent == 'loud-bot'", to: [dana], via: [mail] }
  - { name: calm, match: "alert.kind == 'session'", to: [lee], via: [mail], digest: 15m }`)
    await all.happen(...failed('a-bot', 's-1'))
    await all.moveOn(5 * minuteMs)
    await all.happen(...failed('b-bot', 's-2'))
    await all.happen(...failed('loud-bot', 's-3'))
    expect(subjects(all, 'lee')).toEqual([])
    expect(subjects(all, 'dana')).toEqual([expect.stringContaining('loud-bot')])
    await all.moveOn(10 * minuteMs)
    expect(subjects(all, 'lee')).toEqual([expect.stringContaining('3 updates')])
    for (const agent of ['a-bot', 'b-bot', 'loud-bot']) expect(all.mailsTo('lee')[0]?.parsed.text).toContain(agent)
    await all.moveOn(hourMs) // An empty one is not sent.
    expect(subjects(all, 'lee')).toHaveLength(1)
    expect(await reasons(all, 'session-failed', 'lee')).toEqual(['held.digest', 'merged.similar', 'sent.digest'])
  })

  test('what could not be sent in time is not sent late: the record says so, and a line of the next collected message', async () => {
    const all = await open(`
people: { lee: { role: developer, email: lee@example.com } }
rules: { tool-failed: false, session-ended: false }
delivery: { retryMs: 1000, retryMaxMs: 1000 }
routes: [{ name: all, match: "true", to: [lee], via: [mail] }]`)
    all.mail.fail({ at: 'sender', act: { reply: '451 4.3.0 try again later' } })
    await all.happen(...failed('refund-bot', 's-1'))
    expect(subjects(all, 'lee')).toEqual([])
    await all.moveOn(25 * hourMs) // High is kept for a day.
    expect(subjects(all, 'lee')).toEqual([])
    expect((await all.store.read.deliveries()).toReversed()[0]).toMatchObject({ state: 'done', result: 'too-old', attempts: [{ outcome: 'retry', code: '451' }] })
    expect(await reasons(all, 'session-failed', 'lee')).toContain('refused.too_old')
    await all.moveOn(minuteMs)
    expect(subjects(all, 'lee')).toEqual([expect.stringContaining('1 older update was not sent in time')])
  })

  test('an event that is older than what is kept is refused, with the reason', async () => {
    const all = await open(`
people: { lee: { role: developer, email: lee@example.com } }`)
    const { refused } = await all.engine.accept([{ type: 'custom', source: 'native', id: 'old', atMs: all.clock.nowMs() - 400 * 24 * hourMs, announcement: { title: 'long ago', severity: 'high' } }])
    expect(refused).toEqual([{ index: 0, refused: 'too-old', why: expect.stringContaining('not older than what is kept') as string }])
  })
})

describe('channels', () => {
  const onCall = `
people: { dana: { role: admin, email: dana@example.com, phone: "+14155550101" } }
rules: { tool-failed: false, session-ended: false }
routes: [{ name: on-call, match: "alert.kind == 'session'", to: [dana], via: { first: [sms, mail], after: 5m } }]`

  test('the next channel is asked where the first one fails for good', async () => {
    const all = await open(onCall)
    all.sms.fail({ reply: 400, code: 21_211, message: 'not a number' })
    await all.happen(...failed('refund-bot', 's-1'))
    expect(all.sms.messages).toEqual([])
    // Whose number it is hears that it does not work.
    expect(subjects(all, 'dana')).toHaveLength(2)
    expect(subjects(all, 'dana')).toEqual(expect.arrayContaining([expect.stringContaining('Session failed: refund-bot'), expect.stringContaining('cannot be reached by')]))
    expect(await reasons(all, 'session-failed', 'dana')).toEqual(expect.arrayContaining(['sent.now', 'refused.bad_address', 'sent.fallback']))
  })

  test('the next channel is asked where the first has not got through in time, and the first is not used after all', async () => {
    const all = await open(onCall)
    all.sms.fail({ reply: 429, retryAfter: '3600' })
    await all.happen(...failed('refund-bot', 's-1'))
    expect(subjects(all, 'dana')).toEqual([])
    await all.moveOn(5 * minuteMs + 1_000)
    expect(subjects(all, 'dana')).toHaveLength(1)
    await all.moveOn(2 * hourMs)
    expect(all.sms.messages).toEqual([])
    expect(subjects(all, 'dana')).toHaveLength(1)
    expect((await all.store.read.deliveries()).map((delivery) => [delivery.channel, delivery.result])).toEqual(expect.arrayContaining([['mail', 'sent'], ['sms', 'superseded']]))
  })

  test('that it is over is told to those who were told, on the same channel, and not by text message', async () => {
    const all = await open(`
people:
  dana: { role: admin, email: dana@example.com, phone: "+14155550101" }
  bo: { role: billing, email: bo@example.com }
  lee: { role: developer, email: lee@example.com }
routes:
  - { name: models, match: "alert.kind == 'model'", to: [dana, bo], via: [mail, sms] }`)
    await all.happen(modelFailed())
    await all.moveOn(5_000)
    expect(all.sms.messages).toHaveLength(1)
    expect(subjects(all, 'dana')).toEqual(['[Warning] Model call failed: openai gpt-5, server error (503), quote-bot'])
    await all.moveOn(11 * minuteMs)
    expect(subjects(all, 'dana').slice(1)).toEqual([expect.stringMatching(/^Resolved: .*gpt-5/)])
    expect(all.sms.messages).toHaveLength(1)
    expect([subjects(all, 'bo'), subjects(all, 'lee')]).toEqual([[], []])
  })

  test('a drain sends all that is due, also more than a channel takes at once', async () => {
    const all = await open(`
limits: false
storm: false
people: { lee: { role: developer, email: lee@example.com } }
routes: [{ name: all, match: "true", to: [lee], via: [mail] }]`)
    await all.happen(...Array.from({ length: 23 }, (_, index): SomeEvent => ({ type: 'custom', announcement: { title: `news ${index}`, severity: 'high' } })))
    expect(subjects(all, 'lee')).toHaveLength(23)
    expect(await all.store.read.waiting()).toEqual([])
  })
})
