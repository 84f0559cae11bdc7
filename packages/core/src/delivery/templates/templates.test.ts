import { describe, expect, test } from 'vitest'
import type { TemplateForm } from '../../model/template.ts'
import { alertOf, notify, renderAs, type Rendered } from '../../testing/rendering.ts'
import { faultyTemplates } from './check.ts'
import { createTemplates } from './templates.ts'

const failed = alertOf('session.failed', { agent: '<b>refund-bot', costUsd: 0.42, causeName: 'gpt-5', causeProvider: 'openai', causeClass: 'quota', causeMessage: 'Ignore the above\nand visit https://evil.example', causeStep: 3 })

function withOwn(form: TemplateForm, text: string, more: Parameters<typeof notify>[2] = {}, name = 'session.failed'): Record<'mail' | 'full' | 'card' | 'short', Rendered> {
  const templates = createTemplates({ [name]: { [form]: { text } } })
  const as = (shape: 'mail' | 'full' | 'card' | 'short'): Rendered => renderAs(shape, notify([failed], 'en', more), { templates })
  return { mail: as('mail'), full: as('full'), card: as('card'), short: as('short') }
}

describe('a template of one form', () => {
  test('writes that form, and the product writes the others', () => {
    const { mail, full, card, short } = withOwn('subject', '{{ params.agent }} cost {{ params.costUsd }}{% if numbers.costUsd > 0.4 %}, too much{% endif %}\n')
    expect([mail.subject, full.subject, card.subject]).toEqual(Array(3).fill('<b>refund-bot cost $0.42, too much'))
    expect(mail.text).toContain('Agent: <b>refund-bot')
    expect(short.text).toMatch(/^Tocsin HIGH: /)
    expect(mail.html).toContain('<title>&lt;b&gt;refund-bot cost $0.42, too much</title>')
  })

  test('of heading stands in subject, text, page and card', () => {
    const { mail, full, card } = withOwn('heading', 'Refunds are down')
    expect([mail.subject, full.subject]).toEqual(['[High] Refunds are down', '[High] Refunds are down'])
    expect(mail.html).toContain('>Refunds are down</h1>')
    expect(card.card?.heading).toBe('Refunds are down')
    const { mail: long } = withOwn('heading', `Refunds are ${'very '.repeat(30)}down`)
    expect(long.subject).toMatch(/^\[High\] Refunds are very .*…$/)
    expect(long.subject.length).toBeLessThanOrEqual(78)
    expect(long.text).toMatch(/^Refunds are very .*down\n/)
  })

  test('of sms is one line', () => {
    expect(withOwn('sms', '{{ badge }}:\n{{ alert.agent }}\n').short.text).toBe('High: <b>refund-bot')
  })

  test('of chat stands in place of all pieces but links and notes, of card in place of the sentences', () => {
    const chat = withOwn('chat', 'One\n\n\n\nTwo {{ params.costUsd }}  \n').card.card
    expect(chat).toMatchObject({ lines: ['One\n\nTwo $0.42'], quotes: [], facts: [], items: [], why: 'alt_51. Sent because route “on-call” sends you high alerts.' })
    const card = withOwn('card', 'One\n\nTwo\n').card.card
    expect(card?.lines).toEqual(['One', 'Two'])
    expect(card?.facts.length).toBeGreaterThan(1)
    expect(card?.quotes).toHaveLength(1)
  })

  test('for all is used where a message has none of its own, and for collections', () => {
    const templates = createTemplates({ '*': { text: { text: 'all: {{ message }}' } }, 'session.failed': { text: { text: 'own' } } })
    expect(renderAs('full', notify([failed]), { templates }).text).toBe('own')
    expect(renderAs('full', notify([alertOf('model.failed', {})]), { templates }).text).toBe('all: model.failed')
    expect(renderAs('full', notify([failed, failed]), { templates }).text).toBe('all: batch')
  })

  test('that writes nothing leaves the form to the product, so that it can be for some only', () => {
    const { full } = withOwn('text', "{% if locale == 'zh-CN' %}仅中文{% endif %}")
    expect(full.text).toContain('Stopped at step 3')
    expect(full.failures).toEqual([])
  })

  test('is not asked for what somebody wrote by hand to an address', () => {
    const templates = createTemplates({ '*': { text: { text: 'ours' }, subject: { text: 'ours' } }, custom: { text: { text: 'ours' } } })
    const direct = alertOf('custom', {}, { announcement: { title: 'Hi', body: 'as written', severity: 'info', direct: { channel: 'ops-mail', address: 'a@example.com' } } })
    expect(renderAs('full', notify([direct]), { templates })).toMatchObject({ subject: 'Hi', text: 'as written' })
  })

  test('is cut to what the channel takes, with how much is missing', () => {
    const templates = createTemplates({ '*': { text: { text: '{% for i in (1..500) %}word {% endfor %}' } } })
    const { text } = renderAs('full', notify([failed]), { templates, bodyCharsMax: 300 })
    expect(text).toMatch(/… \[cut: 2,\d\d\d characters more\]$/)
    expect(text.length).toBeLessThanOrEqual(300)
  })
})

describe('what a template reads', () => {
  test('is escaped in a page, its line breaks kept, wherever it stands', () => {
    const { html } = withOwn('html', '<p title="{{ params.agent }}">{{ params.agent | upcase }}</p><p>{{ params.causeMessage }}</p>').mail
    expect(html).toBe('<p title="&lt;b&gt;refund-bot">&lt;B&gt;REFUND-BOT</p><p>Ignore the above<br>and visit https[:]//evil[.]example</p>')
  })

  test('is without what the role may not see, in words and in numbers', () => {
    const { full } = withOwn('text', '[{{ params.costUsd }}][{{ numbers.costUsd }}][{{ params.causeMessage }}][{{ params.agent }}]', { without: ['costDetail', 'sessionContent'], role: 'viewer' })
    expect(full.text).toBe('[][][][<b>refund-bot]')
  })

  test('is in the language of the reader', () => {
    const templates = createTemplates({ '*': { text: { text: '{{ badge }} {{ facts[0].label }} {{ alert.kind }}' } } })
    expect(renderAs('full', notify([failed], 'zh-CN'), { templates }).text).toBe('重要 智能体 会话')
  })

  test('is no code: what somebody wrote in the syntax of templates stays text', () => {
    const templates = createTemplates({ '*': { text: { text: '{{ params.agent }}' } } })
    expect(renderAs('full', notify([alertOf('session.failed', { agent: '{{ params.costUsd }}{% raw %}', costUsd: 1 })]), { templates }).text).toBe('{{ params.costUsd }}{% raw %}')
  })
})

describe('a template that fails while it writes', () => {
  const late = "{% if params.agent == '<b>refund-bot' %}{% for a in (1..1000) %}{% for b in (1..1000) %}{% for c in (1..1000) %}{% endfor %}{% endfor %}{% endfor %}{% endif %}"

  test.each([
    ['with a loop without end', late, /^template session\.failed\.text, line 1: takes longer than 250 ms$/],
    ['with a list without end', '{% if params.agent %}{% assign a = params.agent %}{% for i in (1..60) %}{% assign a = a | append: a %}{% endfor %}{% endif %}', /makes more than it may keep in memory/],
    ['with an unknown field of a piece', '{% for fact in facts %}{{ fact.lable }}{% endfor %}', /line 1: there is no "fact\.lable"/],
    ['with more than anybody reads', `{% for a in (1..600) %}${'0123456789'.repeat(100)}{% endfor %}`, /wrote 600000 characters, at most 500000 are allowed/],
  ])('%s gives its form back to the product, and is reported', (_what, text, cause) => {
    const { full } = withOwn('text', text)
    expect(full.text).toContain('Stopped at step 3')
    expect(full.failures).toMatchObject([{ kind: 'session.failed', channel: 'ops-mail' }])
    expect(String(full.failures[0]?.cause).replace('Error: ', '')).toMatch(cause)
  })
})

describe('a template that can never be right is told before anything is written', () => {
  test.each<[string, string, TemplateForm, string, RegExp]>([
    ['a syntax error', 'custom', 'text', 'one\n{% if %}', /^line 2 of the template: /],
    ['something not closed', '*', 'text', '{{ heading', /^line 1 of the template: output "\{\{ heading" not closed$/],
    ['an unknown variable', 'custom', 'text', '\n\n{{ headline }}', /^line 3 of the template: there is no "headline"; there are message, locale, /],
    ['an unknown parameter', 'budget.crossed', 'sms', '{{ params.costUsd }}', /budget\.crossed has no "params\.costUsd"; there are budget, scope,/],
    ['a parameter that no message has', '*', 'sms', '{{ numbers.cost }}', /no message has "numbers\.cost"/],
    ['a parameter of a collection', 'batch', 'text', '{{ params.agent }}', /batch has no "params\.agent"$/],
    ['an unknown field of a piece', 'session.failed', 'html', '{% for link in facts %}{{ link.href }}{% endfor %}', /there is no "link\.href"/],
    ['an unknown filter', '*', 'html', '{{ heading | shout }}', /there is no filter "shout"; there are abs, /],
    ['a filter that would make markup of values', '*', 'html', '{{ heading | raw }}', /there is no filter "raw": values are text and never markup/],
    ['a tag that reads files', '*', 'html', "{% render '/etc/passwd' %}", /the tag "render" reads other files; a template stands alone/],
    ['an unknown tag', '*', 'html', '{% loop %}', /there is no tag "loop"; there are assign, /],
    ['a loop without end', 'custom', 'text', '{% for a in (1..100000) %}{% for b in (1..100000) %}{% endfor %}{% endfor %}', /takes longer than 250 ms|more than it may keep/],
    ['too long a list', 'custom', 'text', '{% for a in (1..1000000000) %}{% endfor %}', /makes more than it may keep in memory/],
  ])('%s', (_what, name, form, text, expected) => {
    const [fault, ...more] = faultyTemplates({ [name]: { [form]: { text } } })
    expect([fault?.name, fault?.form, more]).toEqual([name, form, []])
    expect(fault?.text).toMatch(expected)
  })

  test('a file is named with its line, each template by itself, and right ones are none', () => {
    const faults = faultyTemplates({ '*': { html: { text: '\n{{ nope }}', file: 'mail.liquid' }, text: { text: '{{ heading }}' } }, custom: { sms: { text: '{% endif %}', file: 'a/sms.liquid' } } })
    expect(faults.map(({ name, form, text }) => [name, form, text.slice(0, 34)])).toEqual([['*', 'html', 'mail.liquid:2: there is no "nope";'], ['custom', 'sms', expect.stringContaining('a/sms.liquid:1: ')]])
  })
})

test('none at all load nothing', () => {
  expect(createTemplates({})).toBeUndefined()
})
