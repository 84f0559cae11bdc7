import { describe, expect, test } from 'vitest'
import type { Alert } from '../model/alert.ts'
import type { Notification } from '../model/notification.ts'
import type { GroupValue } from '../model/turn.ts'
import { alertOf, notify, renderAs } from '../testing/rendering.ts'

const failed = (id: number, more: Partial<Alert> = {}): Alert =>
  alertOf('tool.failed', { agent: 'refund-bot', tool: `tool ${id}` }, { id, kind: 'tool', severity: 'warning', state: 'firing', ends: 'quiet', ...more })
const both = [failed(1), failed(2, { kind: 'session', severity: 'high' })]

function group(of: readonly GroupValue[], alerts: readonly Alert[] = both, locale = 'en', more: Partial<Notification> = {}): ReturnType<typeof renderAs> {
  return renderAs('mail', notify(alerts, locale, { turn: { kind: 'group', of }, ...more }))
}

describe('the subject of a group', () => {
  test('says how urgent, how many, where, and of which kinds, in the reader’s language', () => {
    expect(group([{ name: 'agent', value: 'refund-bot' }]).subject).toBe('[High] 2 alerts on refund-bot: 1 on sessions and 1 on tools')
    expect(group([{ name: 'agent', value: 'refund-bot' }], both, 'zh-CN').subject).toBe('【重要】refund-bot 有 2 条告警：会话 1 条、工具 1 条')
  })

  test('says of alerts of one kind what the most urgent is', () => {
    expect(group([{ name: 'agent', value: 'refund-bot' }], [failed(1), failed(2, { severity: 'high' })]).subject).toMatch(/^\[High\] 2 alerts on refund-bot, first: .*tool 2/)
  })

  test('says what the most urgent is where alerts of one kind have nothing in common, and in short what the last is', () => {
    const ofOneKind = notify([failed(1), failed(2, { severity: 'high' })])
    expect(renderAs('mail', ofOneKind).subject).toMatch(/^\[High\] 2 updates, first: .*tool 2/)
    expect(renderAs('short', ofOneKind).text).toMatch(/^Tocsin HIGH: 2 updates: 2 on tools; last: /)
  })

  test('names each value that is there, and leaves out what the subject says anyway', () => {
    const of = [{ name: 'agent', value: 'refund-bot' }, { name: 'kind', value: 'tool' }, { name: 'tags.team', value: '' }, { name: 'environment', value: 'prod' }, { name: 'severity', value: 'high' }]
    expect(group(of).subject).toContain('2 alerts on refund-bot · prod: ')
    for (const nothing of [[{ name: 'kind', value: 'tool' }], [{ name: 'agent', value: '' }], []]) expect(group(nothing).subject).toBe('[High] 2 updates: 1 on sessions and 1 on tools')
  })

  test('shows values as safely as everything else, and no key to whoever may not see whose it is', () => {
    const redact = (text: string): string => text.replaceAll('sk-secret', '[mark]')
    const secret = notify(both, 'en', { turn: { kind: 'group', of: [{ name: 'tags.team', value: 'sk-secret\nhttp://evil.example' }] } })
    const { subject } = renderAs('mail', secret, { redact })
    expect(subject).toContain('[mark]')
    expect(subject).not.toMatch(/sk-secret|http:\/\/evil|\n/)
    const keyed = [{ name: 'key', value: 'user-4711' }]
    expect(group(keyed).subject).toContain('user-4711')
    expect(group(keyed, both, 'en', { without: ['personalData'] }).subject).not.toContain('user-4711')
  })

  test('says of ends that they are ends, on every shape of channel', () => {
    const over = notify(both.map((alert) => ({ ...alert, state: 'resolved' as const })), 'en', { news: 'resolved', turn: { kind: 'group', of: [{ name: 'agent', value: 'refund-bot' }] } })
    for (const shape of ['mail', 'card', 'full'] as const) expect(renderAs(shape, over).subject).toMatch(/^Resolved: 2 alerts on refund-bot: /)
    expect(renderAs('short', over).text).toContain('Resolved: 2 alerts on refund-bot')
  })

  test('of one member is that of the member', () => {
    expect(group([{ name: 'agent', value: 'refund-bot' }], [failed(1)]).subject).not.toContain('1 alert')
  })
})

describe('the summary of a collection', () => {
  test('says since when and how urgent, behind the subject and before the list', () => {
    const { text } = group([{ name: 'agent', value: 'refund-bot' }])
    expect(text).toMatch(/^Since .*: 1 high and 1 warning\.\n\n/m)
    expect(renderAs('mail', notify(both, 'zh-CN', { turn: { kind: 'digest' } })).text).toMatch(/^自 .* 起：重要 1 条、警告级 1 条。$/m)
    expect(renderAs('mail', notify(both)).text).not.toContain('Since')
  })

  test('begins with why it comes together, in a storm and past a limit', () => {
    const storm = renderAs('mail', notify(both, 'en', { turn: { kind: 'storm', number: 2, sinceMs: 0 } })).text
    expect(storm).toMatch(/^More than usual since .*: told in one summary, number 2\.\n1 high and 1 warning\.\n\n/)
    const limit = renderAs('mail', notify(both, 'zh-CN', { turn: { kind: 'limit', limit: 4, periodMs: 3_600_000 } })).text
    expect(limit).toMatch(/^合并告知：你的上限是 1 小时内 4 条。\n重要 1 条、警告级 1 条。\n\n/)
  })

  test('counts kinds and severities of what is not listed, too', () => {
    const totals = [{ kind: 'tool', severity: 'warning', isLate: false, count: 119 }, { kind: 'cost', severity: 'critical', isLate: false, count: 2 }, { kind: 'model', severity: 'high', isLate: true, count: 1 }] as const
    const { subject, text } = renderAs('mail', notify([failed(1), failed(2)], 'en', { turn: { kind: 'digest' }, moreAlerts: 120, totals }))
    expect(subject).toBe('[Critical] 122 updates: 1 on models, 119 on tools and 2 on cost')
    expect(text).toMatch(/: 2 critical, 1 high and 119 warning\.$/m)
    expect(text).toContain('and 120 more')
  })
})
