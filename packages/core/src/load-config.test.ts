import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { channelTypes } from './channels/registry.ts'
import { aboutType } from './channels/setting-fields.ts'
import { loadConfig, parseConfig, readConfigFile, secretsOf, type ConfigOptions } from './load-config.ts'
import { exampleEnvironment } from './testing/example-environment.ts'
import type { ChannelType } from './model/channel.ts'
import { TocsinError } from './model/error.ts'

const env = { SMTP_URL: 'smtp://apikey:hunter%4022@smtp.example.com:587', TWILIO_TOKEN: 'twilio-secret-token' }

function load(text: string, options: Partial<ConfigOptions> = {}): ReturnType<typeof loadConfig> {
  return loadConfig({ text, file: 'tocsin.yaml', env, ...options })
}

function problems(run: () => unknown): readonly string[] {
  try {
    run()
    return []
  } catch (thrown) {
    return thrown instanceof TocsinError && thrown.code === 'config-invalid' ? thrown.message.split('\n') : [`not a refusal: ${String(thrown)}`]
  }
}

const whole = `
project: support-bots
defaults: { locale: en, timezone: UTC }
channels:
  ops-mail: { type: email, url: "\${SMTP_URL}", from: "Tocsin <noreply@example.com>" }
  oncall-sms:
    type: sms
    accountSid: AC00000000000000000000000000000001
    authToken: \${TWILIO_TOKEN}
    from: "+15005550006"
people:
  dana: { role: admin, email: dana@example.com, phone: "+8613800000000", locale: zh-CN, timezone: Asia/Shanghai, quietHours: "22:00-07:00" }
routes:
  - { match: "alert.severity in ['critical','high']", to: [dana], via: { first: [oncall-sms, ops-mail], after: 5m } }
  - { match: "alert.kind == 'cost'", to: ["role:billing"], via: [ops-mail], digest: 15m }
`

describe('what is accepted', () => {
  test('a whole file is read, with defaults filled in and durations in milliseconds', () => {
    const config = load(whole)
    expect(config.project).toBe('support-bots')
    expect(config.channels['ops-mail']).toMatchObject({ type: 'email', url: env.SMTP_URL })
    expect(config.routes?.[0]?.via).toEqual({ first: ['oncall-sms', 'ops-mail'], after: 300_000 })
    expect(config.routes?.[1]?.digest).toEqual({ kind: 'every', everyMs: 900_000 })
    expect(config.delivery.batchMs).toBe(30_000)
  })

  test('an empty file and an empty object tell one person on the console and in the inbox', () => {
    for (const config of [load(''), load('# nothing yet'), parseConfig({})]) {
      expect(config.channels).toEqual({ console: { type: 'console' }, inbox: { type: 'inbox' } })
      expect(config.people).toEqual({ you: { role: 'owner', preferences: [] } })
    }
  })

  test('the example of each channel in the documentation is one that works', () => {
    const example = exampleEnvironment()
    for (const type of channelTypes.values()) {
      const text = `channels:\n${aboutType(type).example.replaceAll(/^/gm, '  ')}`
      expect(Object.values(load(text, { env: example }).channels)).toMatchObject([{ type: type.type }])
    }
  })

  test('people are kept where only channels are missing', () => {
    expect(parseConfig({ people: { dana: { role: 'admin' } } }).people).toEqual({ dana: { role: 'admin', preferences: [] } })
  })

  test('the same object in code reads the environment too', () => {
    const config = parseConfig({ channels: { mail: { type: 'email', url: '${SMTP_URL}', from: 'a@example.com' } } }, { env })
    expect(config.channels['mail']?.['url']).toBe(env.SMTP_URL)
  })

  test('a doubled dollar keeps the text as it is', () => {
    expect(load('defaults: { environment: "$${NAME}" }').defaults.environment).toBe('${NAME}')
  })

  test('anchors and merged keys of YAML work', () => {
    const config = load('people:\n  dana: &base { role: admin, timezone: UTC }\n  lee: { <<: *base, role: developer }')
    expect(config.people['lee']).toMatchObject({ role: 'developer', timezone: 'UTC', preferences: [] })
  })

  test('a channel type of the caller is known', () => {
    const pager: ChannelType<{ key: string }> = {
      type: 'pager', settings: z.strictObject({ key: z.string() }), address: 'none', shape: 'short',
      limits: { bodyCharsMax: 100, concurrency: 1 }, can: { deduplicates: true, resolves: true },
      create: () => ({ send: async () => ({ kind: 'sent' }) }),
    }
    expect(load('channels: { p: { type: pager, key: abc } }', { channelTypes: [pager] }).channels['p']?.type).toBe('pager')
    expect(problems(() => load('channels: { p: { type: pager, key: 1 } }', { channelTypes: [pager] }))).toEqual(['tocsin.yaml:1 channels.p.key: expected a text, found 1'])
  })
})

describe('errors name file, line, path, what was expected and what was found', () => {
  test.each([
    ['sessions: { idle: 5 }', 'tocsin.yaml:1 sessions.idle: expected a duration such as 500ms, 10s, 15m, 1h or 7d, found 5'],
    ['budgets:\n  team:\n    amountUsd: -1', 'tocsin.yaml:3 budgets.team.amountUsd: expected above 0, found -1'],
    ['budgets:\n  team: { period: day }', 'tocsin.yaml:2 budgets.team.amountUsd: expected a number, found nothing'],
    ['budgets:\n  team:\n    amountUsd: 10000000', 'tocsin.yaml:3 budgets.team.amountUsd: expected an amount whose highest threshold is at most 9000000 (nine million dollars), found 10000000 with a threshold of 1'],
    ['budgets:\n  team: { amountUsd: 500000, thresholds: [1, 20] }', 'tocsin.yaml:2 budgets.team.amountUsd: expected an amount whose highest threshold is at most 9000000 (nine million dollars), found 500000 with a threshold of 20'],
    ['budgets:\n  team: { amountUsd: 0 }', 'tocsin.yaml:2 budgets.team.amountUsd: expected above 0, found 0'],
    ['budgets:\n  team: { amountUsd: .nan }', 'tocsin.yaml:2 budgets.team.amountUsd: expected a number, found NaN'],
    ['budgets:\n  team: { amountUsd: .inf }', 'tocsin.yaml:2 budgets.team.amountUsd: expected a number, found Infinity'],
    ['budgets:\n  team: { amountUsd: 1, period: day, rolling: 24h }', 'tocsin.yaml:2 budgets.team.rolling: expected a period or a rolling window, found both'],
    ['budgets:\n  team: { amountUsd: 1, rolling: 0s }', 'tocsin.yaml:2 budgets.team.rolling: expected a duration of 5m to 31d, found "0s"'],
    ['prices:\n  openai/*: { discount: -0.1 }', 'tocsin.yaml:2 prices.openai/*.discount: expected at least 0, found -0.1'],
    ['prices:\n  openai/*: { discount: 15 }', 'tocsin.yaml:2 prices.openai/*.discount: expected at most 1, found 15'],
    ['prices:\n  gpt-5: { inputUsd: 1, outputUsd: 2, discount: 0.1 }', 'tocsin.yaml:2 prices.gpt-5.discount: expected own prices or a discount on the bundled ones, found both'],
    ['prices:\n  gpt-5: { inputUsd: 1 }', 'tocsin.yaml:2 prices.gpt-5.outputUsd: expected dollars for a million tokens, or a discount alone, found none'],
    ['prices:\n  open*: { discount: 0.1 }', 'tocsin.yaml:2 prices.open*: expected a model, provider/model, provider/* or *'],
    ['rules:\n  r: { on: llm.cal }', 'tocsin.yaml:2 rules.r.on: expected a type of event, one of session.start, session.end, llm.call, llm.pending, llm.usage, tool.call, agent.step, approval.request, custom, found "llm.cal", did you mean "llm.call"?'],
    ['rules:\n  r: { on: LLM.call }', 'tocsin.yaml:2 rules.r.on: expected a type of event, one of session.start, session.end, llm.call, llm.pending, llm.usage, tool.call, agent.step, approval.request, custom, found "LLM.call", did you mean "llm.call"?'],
    ['poeple: {}', 'tocsin.yaml:1 poeple: unknown setting, did you mean "people"?'],
    ['people:\n  dana:\n    role: admn', 'tocsin.yaml:3 people.dana.role: expected one of owner, admin, developer, billing, viewer, found "admn", did you mean "admin"?'],
    ['people:\n  dana: { role: admin, phone: "0138" }', 'tocsin.yaml:2 people.dana.phone: expected an international number such as +8613800000000 (E.164), found "0138"'],
    ['people:\n  dana: { role: admin, timezone: Mars }', 'tocsin.yaml:2 people.dana.timezone: expected a time zone such as Europe/Berlin, found "Mars"'],
    ['rules:\n  r: { on: llm.call, whn: "true" }', 'tocsin.yaml:2 rules.r.whn: unknown setting, did you mean "when"?'],
    ['rules:\n  r: { on: llm.call, severity: hihg }', 'tocsin.yaml:2 rules.r.severity: expected one of critical, high, warning, info, found "hihg", did you mean "high"?'],
    ['rules:\n  r: { on: llm.call, quiet: 5x }', 'tocsin.yaml:2 rules.r.quiet: expected a duration such as 500ms, 10s, 15m, 1h or 7d, found "5x"'],
    ['delivery:\n  batchMax: 0', 'tocsin.yaml:2 delivery.batchMax: expected at least 1, found 0'],
    ['channels:\n  c: { type: emial }', `tocsin.yaml:2 channels.c.type: expected one of ${[...channelTypes.keys()].join(', ')}, found "emial", did you mean "email"?`],
    ['channels:\n  c:\n    type: inbox\n    colour: red', 'tocsin.yaml:4 channels.c.colour: unknown setting'],
    ['channels:\n  c: { type: console }\nroutes:\n  - to: [you]\n    via: [consol]\npeople: { you: { role: owner } }', 'tocsin.yaml:5 routes.0.via.0: no channel is named "consol"; there is c'],
    ['routes:\n  - { to: [yuo], via: [console] }', 'tocsin.yaml:2 routes.0.to.0: no person is named "yuo", did you mean "you"?; there is you'],
    ['routes:\n  - { to: ["role:biling"], via: { first: [inbox] } }', 'tocsin.yaml:2 routes.0.to.0: expected role: and one of owner, admin, developer, billing, viewer, found "role:biling", did you mean "billing"?'],
    ['teams: { a: [you] }\nroutes:\n  - { to: ["team:b"], via: [inbox] }\npeople: { you: { role: owner } }\nchannels: { inbox: { type: inbox } }', 'tocsin.yaml:3 routes.0.to.0: no team is named "b", did you mean "a"?; there is a'],
    ['teams:\n  a: [yuo]\npeople: { you: { role: owner } }', 'tocsin.yaml:2 teams.a.0: no person is named "yuo", did you mean "you"?; there is you'],
    ['teams: { a: [] }', 'tocsin.yaml:1 teams.a: expected at least one person, found an empty list'],
    ['routes:\n  - { to: ["taem:a"], via: [inbox] }', 'tocsin.yaml:2 routes.0.to.0: expected a person, role:NAME, team:NAME or rotation:NAME, found "taem:a", did you mean "team"?'],
    ['rotations:\n  r: { members: [you], overrides: [{ person: lee, from: 2026-11-02T09:00:00Z, until: 2026-11-03T09:00:00Z }] }', 'tocsin.yaml:2 rotations.r.overrides.0.person: no person is named "lee"; there is you'],
    ['rotations:\n  r: { members: [you, lee] }', 'tocsin.yaml:2 rotations.r.members.1: no person is named "lee"; there is you'],
    ['rotations:\n  r: { members: [] }', 'tocsin.yaml:2 rotations.r.members: expected at least one person, found an empty list'],
    ['routes:\n  - to: [you]\n    via: [inbox]\n    escalate: [{ after: 5m, to: ["rotation:r"] }]', 'tocsin.yaml:4 routes.0.escalate.0.to.0: no rotation is named "r"; none is configured'],
    ['routes:\n  - to: [you]\n    via: [inbox]\n    escalate: [{ after: 5m, to: [you], via: { first: [inbx] } }]', 'tocsin.yaml:4 routes.0.escalate.0.via.first.0: no channel is named "inbx", did you mean "inbox"?; there are console, inbox'],
    ['routes:\n  - to: [you]\n    via: [inbox]\n    escalate: [{ after: 5s, to: [you] }]', 'tocsin.yaml:4 routes.0.escalate.0.after: expected a duration of 10s to 7d, found "5s"'],
    ['people:\n  you: { role: owner, preferences: [{ channels: [sms], via: { first: [inbx] } }] }\nchannels: { inbox: { type: inbox }, sms: { type: inbox } }', 'tocsin.yaml:2 people.you.preferences.0.via.first.0: no channel is named "inbx", did you mean "inbox"?; there are inbox, sms'],
    ['people:\n  you: { role: owner, preferences: [{ kinds: [cost] }] }', 'tocsin.yaml:2 people.you.preferences.0: expected what is wished: mute, via or digest, found none'],
    ['- a', 'tocsin.yaml: expected settings, found a list'],
    ['a: 1\na: 2', 'tocsin.yaml:2: Map keys must be unique'],
    ['channels: { m: { type: email, url: ${X} } }', 'tocsin.yaml:1: Unexpected flow-map-start at node end; inside { } write "${NAME}" with quotes'],
  ])('%j', (text, expected) => {
    expect(problems(() => load(text))).toEqual([expected])
  })

  test('a rule may be about each type of event, about a family of them, and about what the product says of itself', () => {
    for (const on of ['llm.call', 'session.*', 'custom', 'tocsin.*', 'tocsin.channel-paused']) expect(load(`rules:\n  r: { on: ${on} }`).rules['r']).toMatchObject({ on })
    for (const on of ['.*', '*', 'custom.*', 'llm.*.*', 'tocsin.Paused']) expect(problems(() => load(`rules:\n  r: { on: "${on}" }`))[0]).toContain(`found "${on}"`)
    expect(load('budgets:\n  team: { amountUsd: 4500000, thresholds: [1, 2] }').budgets['team']?.amountUsd).toBe(4_500_000)
  })

  test('a missing environment variable is named, with its place, and not told again as a wrong setting', () => {
    const text = 'channels:\n  ops-mail:\n    type: email\n    from: a@example.com\n    url: ${SMTP_URL}'
    expect(problems(() => load(text, { env: {} }))).toEqual(['tocsin.yaml:5 channels.ops-mail.url: SMTP_URL is not set'])
    expect(problems(() => load(text, { env: { SMTP_URL: '' } }))).toEqual(['tocsin.yaml:5 channels.ops-mail.url: SMTP_URL is empty'])
    expect(problems(() => load(text.replace('SMTP_URL', 'SMTP-URL')))[0]).toContain('expected the name of an environment variable')
  })

  test('an object in code has a path and no line', () => {
    expect(problems(() => parseConfig({ budgets: { team: { amountUsd: -1 } } }))).toEqual(['budgets.team.amountUsd: expected above 0, found -1'])
  })

  test('conditions are compiled by who knows their language, over the right view', () => {
    const asked: string[] = []
    const options = { checkCondition: (expression: string, view: string) => (asked.push(`${view} ${expression}`), expression === 'no' ? 'it says no' : undefined), checkGroupName: (name: string) => (name === 'modle' ? 'no such name' : undefined) }
    const text = 'rules:\n  r: { on: llm.call, when: a, groupBy: [modle] }\nbudgets:\n  b: { amountUsd: 1, where: b }\nroutes:\n  - { match: "no", to: [you], via: [inbox] }'
    expect(problems(() => load(text, options))).toEqual(['tocsin.yaml:2 rules.r.groupBy.0: no such name', 'tocsin.yaml:6 routes.0.match: it says no'])
    expect(asked).toEqual(['event a', 'event b', 'alert no'])
  })

  test('a built-in rule that does not exist is named', () => {
    expect(problems(() => load('rules:\n  session-faild: false', { builtInRules: ['session-failed'] }))).toEqual([
      'tocsin.yaml:2 rules.session-faild: no built-in rule has this name, did you mean "session-failed"?; a rule of your own needs on: and when:',
    ])
    expect(problems(() => load('rules:\n  session-failed: false', { builtInRules: ['session-failed'] }))).toEqual([])
  })

  test('several problems are told at once, by line, and no more than 20', () => {
    const people = Array.from({ length: 25 }, (_, index) => `  p${index}: { role: boss }`).join('\n')
    const lines = problems(() => load(`people:\n${people}`))
    expect(lines).toHaveLength(21)
    expect(lines[0]).toMatch(/^tocsin\.yaml:2 people\.p0\.role/)
    expect(lines.at(-1)).toBe('… and 5 more')
  })

  test('a cyclic object ends in an error and not in a crash', () => {
    const cyclic: Record<string, unknown> = {}
    cyclic['self'] = cyclic
    expect(problems(() => parseConfig({ people: cyclic as never }))[0]).toContain('self') // The type forbids it; callers without types do not know.
  })
})

describe('secrets', () => {
  test('no error shows a secret setting or what came from the environment', () => {
    const text = 'channels:\n  a: { type: email, url: "imap://u:hunter%4022@example.com", from: a@example.com }\npeople:\n  dana: { role: "${TWILIO_TOKEN}" }\n  lee: { role: admin, timezone: "${TWILIO_TOKEN}" }'
    const told = problems(() => load(text)).join('\n')
    expect(told).toContain('channels.a.url')
    expect(told).toContain('found "${TWILIO_TOKEN}"')
    expect(told).not.toContain('hunter')
    expect(told).not.toContain(env.TWILIO_TOKEN)
  })

  test('secretsOf lists secret settings and the passwords in them, as written and as meant', () => {
    expect(secretsOf(load(whole))).toEqual([env.SMTP_URL, 'hunter%4022', 'hunter@22', env.TWILIO_TOKEN])
  })

  test('secretsOf lists the keys in the path and the query of an address', () => {
    const secrets = (type: string, url: string): readonly string[] => secretsOf(parseConfig({ channels: { chat: { type, url } } }))
    const discord = 'https://discord.com/api/webhooks/1203377512345678901/aB3-dE5_gH7iJ9kL1mN3oP'
    expect(secrets('discord', discord)).toEqual([discord, '1203377512345678901', 'aB3-dE5_gH7iJ9kL1mN3oP'])
    const flow = 'https://flow.example.com/workflows/manual-trigger-of-ours/invoke?sv=1.0&sig=q9ZkT3vW8xYb2Lr7'
    expect(secrets('teams', flow)).toEqual([flow, 'q9ZkT3vW8xYb2Lr7'])
  })
})

describe('files', () => {
  test('a file is read, and its errors carry its name', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'tocsin-config-')), 'team.yaml')
    writeFileSync(file, 'project: a b')
    expect(problems(() => readConfigFile(file))[0]).toMatch(/^team\.yaml:1 project: expected a name/)
    writeFileSync(file, 'project: ab')
    expect(readConfigFile(file).project).toBe('ab')
  })

  test('a file that is not there is told by name', () => {
    expect(problems(() => readConfigFile('/nowhere/tocsin.yaml'))[0]).toMatch(/^tocsin\.yaml: cannot be read \(ENOENT/)
  })
})

describe('in continuous integration', () => {
  const text = 'channels: { mail: { type: email, url: "${SMTP_URL}", from: a@example.com }, kept: { type: inbox } }\npeople: { dana: { role: admin, email: dana@example.com } }\n'
  const read = (more: string, environment: Readonly<Record<string, string>>, inCi: 'console' | 'as-written' = 'console') => loadConfig({ text: text + more, file: 'tocsin.yaml', env: environment, inCi })

  test('what would leave the machine is shown on the console, and no secret is missed', () => {
    expect(read('', { CI: 'true' }).channels).toEqual({ mail: { type: 'console', insteadOf: 'email' }, kept: { type: 'inbox' } })
  })

  test('it is sent where the configuration says so, where CI is not set, and checked as it is written where that is asked for', () => {
    const url = { SMTP_URL: 'smtps://u:p@mail.example.com' }
    expect(read('ci: send\n', { CI: 'true', ...url }).channels['mail']?.type).toBe('email')
    for (const CI of ['', '0', 'false']) expect(read('', { CI, ...url }).channels['mail']?.type).toBe('email')
    expect(() => read('', { CI: 'true' }, 'as-written')).toThrow('SMTP_URL')
  })
})
