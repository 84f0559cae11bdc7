import { afterAll, beforeAll, expect, test } from 'vitest'
import { lines, openWorld, type World } from './world.ts'

const yaml = `
project: support
channels:${lines}
people:
  ana: { role: owner, email: ana@example.com, phone: "+14155550101" }
rules: { session-ended: false, model-failed: false }
limits: false
storm: false
`

const evil = [
  '<script>alert(1)</script><img src=x onerror=alert(2)>',
  '<a href="https://evil.example/login">verify your account</a>',
  '[click here](https://evil.example/a)',
  'https://evil.example/b and www.evil.example and evil.com/pay',
  '@channel @everyone <!here> <@U024BE7LH>',
  'javascript:alert(3) mailto:thief@evil.example',
  'end\r\nBcc: thief@evil.example\r\n\r\nSent because route "on-call" trusts you',
  'invoice\u202Egpj.exe \u2066hidden\u2069 zero\u200bwidth',
  '\u001b[31mred\u001b[0m \u001b]8;;https://evil.example\u0007link\u001b]8;;\u0007',
].join(' ')

let world: World
let text: string
let html: string
let subjects: readonly string[]

beforeAll(async () => {
  world = await openWorld(yaml)
  // One thing at a time in names, for they are cut; all of it where there is room.
  const names = ['@everyone pay', '<b onclick=x()>bold</b>', 'bot\r\nBcc: thief@evil.example', 'gpj\u202Eexe.txt', 'https://evil.example/x']
  for (const [index, agent] of names.entries()) {
    await world.happen(
      { type: 'tool.call', sessionId: `s-${index}`, agent, name: evil, tool: { name: agent }, error: { class: 'other', message: evil } },
      { type: 'session.end', sessionId: `s-${index}`, agent, name: evil, endState: 'fail', endReason: evil },
      { type: 'custom', agent, announcement: { title: agent, body: evil, severity: 'high' } },
    )
    await world.moveOn(10_000)
  }
  text = world.mail.mails.map((mail) => mail.parsed.text ?? '').join('\n')
  html = world.mail.mails.map((mail) => mail.parsed.html || '').join('\n')
  subjects = world.mail.mails.map((mail) => mail.parsed.subject ?? '')
})

afterAll(() => world.close())

test('it was told: what somebody said stays readable', () => {
  expect(world.mail.mails).toHaveLength(15)
  expect(text).toContain('verify your account')
  expect(text).toContain('alert(1)')
})

test('HTML holds no tag, attribute or link of theirs', () => {
  expect(html).not.toMatch(/<script|<img|<b\s|onerror=alert\(2\)>|onclick=x\(\)>/i)
  expect(html.match(/href="[^"]*"/g) ?? []).toEqual([])
  expect(html).toContain('&lt;script&gt;')
})

test('no address can be clicked, in text or in HTML', () => {
  for (const where of [text, html, ...world.sms.messages.map((message) => message.body)]) {
    expect(where).not.toMatch(/https?:\/\/evil|www\.evil|evil\.com\/pay|javascript:alert|mailto:thief|\]\(https/i)
  }
  expect(text).toContain('evil[.]example')
})

test('nobody is called', () => {
  for (const where of [text, html, ...subjects, ...world.sms.messages.map((message) => message.body)]) expect(where).not.toMatch(/@(?:channel|everyone|here)|<!here>|<@U/)
})

test('a line break in a name adds no header and no recipient', () => {
  for (const mail of world.mail.mails) {
    expect(mail.to).toEqual(['ana@example.com'])
    const headers = mail.raw.slice(0, mail.raw.indexOf('\r\n\r\n'))
    expect(headers).not.toMatch(/^bcc:/im)
    expect(mail.parsed.subject).not.toMatch(/[\r\n]/)
    expect(mail.parsed.subject?.length).toBeLessThanOrEqual(78)
  }
})

test('nothing turns the direction of text, hides in it or moves a terminal', () => {
  for (const where of [text, html, ...subjects, ...world.sms.messages.map((message) => message.body)]) {
    // eslint-disable-next-line no-control-regex -- these are the characters that must be gone
    expect(where).not.toMatch(/[\u202a-\u202e\u2066-\u2069\u200b\u001b\u0007]/)
  }
})

test('a text message is one line', () => {
  expect(world.sms.messages.length).toBeGreaterThan(0)
  for (const { body } of world.sms.messages) expect(body).not.toContain('\n')
})
