import { createRequire } from 'node:module'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { lines, openWorld, type World } from './world.ts'

const endless = '{% for a in (1..1000) %}{% for b in (1..1000) %}{% for c in (1..1000) %}{% endfor %}{% endfor %}{% endfor %}'
const plain = `
project: support
channels:${lines}
limits: false
storm: false
people:
  ana: { role: admin, email: ana@example.com, phone: "+14155550101" }
  bo: { role: developer, email: bo@example.com, locale: zh-CN }
rules: { session-ended: false, model-failed: false, session-failed: { runbook: https://wiki.example.com/sessions, owner: Platform } }
routes:
  - { match: "alert.kind == 'system'", to: [ana], via: [mail, sms] }
  - { match: "alert.kind == 'session'", to: [ana, bo], via: [mail] }
`
const templates = `
templates:
  session.failed:
    subject: "{{ badge }} / {{ params.agent }} / {{ params.costUsd }}"
    text: |
      {{ heading }}
      {% for link in links %}{{ link.line }}
      {% endfor %}
      {% if params.agent == 'endless' %}${endless}{% endif %}
    html: "<html><body><h1>{{ heading }}</h1><p>{{ params.endReason }}</p>{% if params.agent == 'endless' %}${endless}{% endif %}</body></html>"
`

let world: World

const isLoaded = (): boolean => Object.keys(createRequire(import.meta.url).cache).some((file) => file.includes('liquidjs'))
const fail = (agent: string, endReason = 'gave up'): Promise<void> => world.happen({ type: 'session.end', sessionId: `s-${agent}`, agent, endState: 'fail', endReason })

beforeAll(async () => {
  world = await openWorld(plain)
})
afterAll(() => world.close())

test('an installation without templates does not load their language', async () => {
  await fail('before')
  expect(world.mailsTo('ana').at(-1)?.parsed.text).toContain('Runbook: https://wiki.example.com/sessions')
  expect(world.mailsTo('ana').at(-1)?.parsed.text).toContain('Owner: Platform')
  expect(isLoaded()).toBe(false)
})

test('each reader gets the words of the configuration with values of their language, and what somebody wrote stays text', async () => {
  await world.restart(plain + templates)
  expect(isLoaded()).toBe(true)
  await fail('refund-bot', '<script>alert(1)</script> see https://evil.example {{ heading }}')
  const [ana, bo] = [world.mailsTo('ana').at(-1)?.parsed, world.mailsTo('bo').at(-1)?.parsed]
  expect([ana?.subject, bo?.subject]).toEqual(['High / refund-bot / $0', '重要 / refund-bot / $0'])
  expect(ana?.text).toBe('Session failed: refund-bot, $0\nRunbook: https://wiki.example.com/sessions')
  expect(bo?.text).toContain('会话失败：refund-bot')
  expect(ana?.html).toBe('<html><body><h1>Session failed: refund-bot, $0</h1><p>&lt;script&gt;alert(1)&lt; /script&gt; see https[:]//evil[.]example {{ heading }}</p></body></html>')
})

test('a template that does not end costs nobody the message, and the admins are told once, by another channel', async () => {
  const before = world.mail.mails.length
  await fail('endless')
  await world.moveOn(1_000)
  expect(world.mail.mails.slice(before).flatMap(({ to }) => to).toSorted()).toEqual(['ana@example.com', 'bo@example.com'])
  expect(world.mailsTo('ana').at(-1)?.parsed.text).toContain('Reason given: gave up')
  expect(world.mailsTo('ana').at(-1)?.parsed.html).toContain('prefers-color-scheme')
  expect(world.sms.messages.map(({ body }) => body)).toEqual(['Tocsin HIGH: a message on mail could not be written'])
  expect(await world.alertOf('tocsin.render-failed')).toMatchObject({ severity: 'high', params: { channel: 'mail', cause: 'template session.failed.text, line 4: takes longer than 250 ms' } })
  await world.moveOn(86_400_000)
  expect(world.mail.mails).toHaveLength(before + 2)
})
