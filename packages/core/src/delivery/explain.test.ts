import { describe, expect, it } from 'vitest'
import type { Alert } from '../model/alert.ts'
import { decisionReasons, type Decision, type DecisionReason } from '../model/decision.ts'
import type { DeliveryRecord } from '../model/reader.ts'
import { explainAlert } from './explain.ts'
import { columnsOf } from './terminal-lines.ts'

const atMs = Date.UTC(2026, 10, 22, 14, 5, 11)
const alert: Alert = {
  id: 51, project: 'support', rule: 'session-failed', key: 's', kind: 'session', severity: 'high', message: 'session.failed', params: { agent: 'refund-bot', causeClass: 'quota', causeProvider: 'openai', costUsd: 0.42 },
  ends: 'at-once', quietMs: 0, evidence: {}, state: 'resolved', count: 1, openedAtMs: atMs, updatedAtMs: atMs,
}

function decision(person: string, channel: string, reason: DecisionReason, params: Decision['params'] = {}, count = 1): Decision {
  return { alert: 51, person, channel, reason, params, atMs, count }
}

function delivery(person: string, channel: string, more: Partial<DeliveryRecord>): DeliveryRecord {
  return { id: 1, notification: 1, channel, person, address: '', route: 'on-call', news: 'firing', priority: 1, state: 'waiting', createdAtMs: atMs, dueMs: atMs, alerts: [51], attempts: [], ...more }
}

const decisions = [
  decision('dana', 'oncall-sms', 'sent.now', { route: 'on-call', person: 'dana' }),
  decision('lee', 'ops-mail', 'held.digest', { time: atMs + 30_000, route: 'team' }),
  decision('bo', '*', 'refused.role', { role: 'billing', kind: 'session', person: 'bo' }),
  decision('lee', 'ops-mail', 'held.retry', { attempt: 1, cause: '451 greylisted', time: atMs + 9_000 }, 3),
]
const deliveries = [
  delivery('dana', 'oncall-sms', { state: 'done', result: 'sent', doneAtMs: atMs + 1_900 }),
  delivery('lee', 'ops-mail', { attempts: [{ number: 1, atMs, tookMs: 4, outcome: 'retry', code: '451', detail: 'greylisted' }] }),
]

describe('the explanation of an alert', () => {
  it('answers first, then tells what happened in order, a line for each person and reason', () => {
    expect(explainAlert(alert, decisions, deliveries, 'en')).toEqual([
      'alt_51 [High] Session failed: refund-bot, openai quota used up, $0.42',
      'Told: dana by oncall-sms in 1.9 s.',
      'Waiting: lee by ops-mail.',
      'Not told: bo.',
      '',
      '  14:05:11                              Opened by rule session-failed, 22 Nov',
      '                                        2026, 14:05:11 UTC.',
      '  14:05:11  dana  told      oncall-sms  Told at once: route "on-call" sends high',
      '                                        alerts to dana.',
      '  14:05:11  lee   held      ops-mail    Held for the 22 Nov 2026, 14:05:41 UTC',
      '                                        digest: route "team" collects.',
      '  14:05:11  bo    not told  *           Not told: role billing does not receive',
      '                                        session alerts.',
      '  14:05:11  lee   held      ops-mail    Attempt 1 failed (451 greylisted); next',
      '                                        at 22 Nov 2026, 14:05:20 UTC. (x3)',
      '  14:05:11  lee   waiting   ops-mail    dlv_1 due 22 Nov 2026, 14:05:11 UTC',
      '                                        (retry 451 greylisted)',
      '  14:05:12  dana  told      oncall-sms  dlv_1',
    ])
  })

  it('names what the provider calls the message that it accepted', () => {
    const accepted = delivery('dana', 'oncall-sms', { state: 'done', result: 'sent', doneAtMs: atMs, attempts: [{ number: 1, atMs, tookMs: 4, outcome: 'sent', detail: '', providerId: 'SM0123456789abcdef' }] })
    const shown = (locale: string): string => explainAlert(alert, [], [accepted], locale).join(' ').replaceAll(/\s+/g, ' ')
    expect(shown('en')).toContain('(accepted by the provider as SM0123456789abcdef)')
    expect(shown('zh-CN')).toContain('(服务商已接受，编号 SM0123456789abcdef)')
  })

  it('counts two columns for each Chinese character and keeps within 80', () => {
    const lines = explainAlert(alert, decisions, deliveries, 'zh-CN', 'Asia/Shanghai')
    expect(lines.slice(0, 4)).toEqual(['alt_51 【重要】会话失败：refund-bot，openai 配额用尽，$0.42', '已告知：dana（oncall-sms，1.9 秒）。', '等待中：lee（ops-mail）。', '未告知：bo。'])
    expect(lines).toContainEqual(expect.stringMatching(/^  \d\d:\d\d:\d\d  bo    未告知  \*  +未告知：角色 billing 不/))
    for (const line of lines) expect(columnsOf(line)).toBeLessThanOrEqual(80)
  })

  it('says that nobody was told where nobody was', () => {
    expect(explainAlert(alert, [decision('*', '*', 'refused.no_route')], [], 'en')).toEqual([
      'alt_51 [High] Session failed: refund-bot, openai quota used up, $0.42', 'Nobody was told.', '',
      '  14:05:11                  Opened by rule session-failed, 22 Nov 2026, 14:05:11', '                            UTC.', '  14:05:11  *  not told  *  Nobody told: no route matches.',
    ])
  })

  it('has a whole sentence for every reason in both languages, with every parameter and with none, whatever the names', () => {
    const all: Decision['params'] = { route: 'r', person: 'p', time: atMs, count: 2, channel: 'c', first: 'f', outcome: 'failed', part: 'costDetail', role: 'viewer', until: atMs, zone: 'UTC', range: '22:00-07:00', attempt: 1, attempts: 2, cause: 'x', key: 'k', newer: 'n', higher: '80 %', limit: 3, kind: 'cost', condition: 'true', provider: 'p', address: 'a@b.example', code: '550', by: 'b', expires: atMs, severity: 'high' }
    for (const locale of ['en', 'zh-CN']) {
      for (const reason of decisionReasons) {
        const useless: Decision['params'] = { time: Number.NaN, cause: '\u001b[2J\r\n{x}', person: '' }
        for (const params of [all, undefined, useless]) {
          const lines = explainAlert(alert, [decision('a-person-with-a-name-that-is-far-too-long-for-one-column', 'https://evil.com', reason, params)], [], locale)
          const text = lines.join('\n')
          expect(text).not.toMatch(/undefined|NaN|object Object|\p{Cc}(?<!\n)|\{[a-z]+\}(?<!\{x\})|https:\/\//u)
          for (const line of lines) expect(columnsOf(line)).toBeLessThanOrEqual(80)
        }
      }
    }
  })

  it('tells what people did, that it is over, and the day where it took more than one', () => {
    const over = { ...alert, ends: 'quiet', resolvedAtMs: atMs + 2 * 86_400_000, count: 3 } as const
    const lines = explainAlert(over, [], [], 'en', 'UTC', undefined, [{ alert: 51, action: 'snooze', by: 'kim', via: 'command', atMs: atMs + 60_000, untilMs: atMs + 3_600_000 }])
    expect(lines.slice(lines.indexOf('') + 1).map((line) => line.trim())).toEqual([
      '22 Nov 14:05:11       Opened by rule session-failed, 22 Nov 2026, 14:05:11',
      'UTC; found 2 times more.',
      '22 Nov 14:06:11  kim  Snoozed by kim until 22 Nov 2026, 15:05:11 UTC',
      '(command).',
      '24 Nov 14:05:11       Over.',
    ])
  })
})
