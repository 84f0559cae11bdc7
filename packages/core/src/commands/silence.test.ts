import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { configurationFrom } from '../configuration.ts'
import type { ConfigInput } from '../model/config.ts'
import { callFailed, closeWorlds, engineWorld, said, type EngineWorld } from '../testing/engine-world.ts'
import { Receiver } from '../testing/receiver.ts'
import { warningsOf } from './check-warnings.ts'
import { silenceAdd, silenceEnd, silenceList, silencePreview, type NewSilence } from './silence.ts'

let folder: string
let options: { readonly config: string; readonly data: string; readonly locale: string; readonly timezone: string }
const quiet = (): void => undefined

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tocsin-silence-'))
  options = { config: join(folder, 'tocsin.yaml'), data: join(folder, 'data'), locale: 'en', timezone: 'UTC' }
  mkdirSync(options.data)
  writeFileSync(options.config, 'channels: { inbox: { type: inbox } }\npeople: { dana: { role: admin } }\nsilences:\n  - { name: move, match: "alert.kind == \'tool\'", until: 2099-01-01T00:00:00Z, author: sam, comment: office }\n')
})
afterEach(async () => {
  await closeWorlds()
  rmSync(folder, { recursive: true, force: true })
})

const failing: ConfigInput = {
  rules: { 'model-failed': false, failing: { on: 'llm.call', when: "event.status == 'error'", severity: 'high', quiet: '3h', groupBy: ['agent'] } },
  routes: [{ to: ['dana'], via: ['mail'] }],
}

function running(mail: Receiver, config: ConfigInput = failing): EngineWorld {
  return engineWorld(config, [mail], { file: join(options.data, 'tocsin.db') })
}

const fails = (world: EngineWorld, agent: string): Promise<unknown> => world.engine.accept([{ ...callFailed(agent, world.clock.nowMs()), agent }]).then(() => world.tick())
const add = (more: Partial<NewSilence> = {}) => silenceAdd({ ...options, match: "alert.agent == 'billing'", for: '2h', comment: ' deploy ', author: 'lee', ...more }, {}, quiet)

describe('silence', () => {
  test('add holds in the product that runs, list shows it with those of the configuration, and end tells what it held', async () => {
    const mail = new Receiver('mail')
    const world = running(mail)
    await fails(world, 'other')
    const added = await add()
    expect(added.value).toMatchObject({ id: 1, project: 'default', author: 'lee', comment: 'deploy', warnings: [] })
    expect(added.lines[0]).toMatch(/^silence#1 holds until .* UTC\. To end it: npx tocsin silence end 1$/)
    await fails(world, 'billing')
    expect(mail.messages).toHaveLength(1)
    const { lines, value } = await silenceList(options, {}, quiet)
    expect(lines).toEqual([
      expect.stringMatching(/^silence#1: holds until .*, by lee: deploy$/), "    alert.agent == 'billing'",
      expect.stringMatching(/^silence move of .*tocsin\.yaml: holds until 01 Jan, 00:00 UTC, by sam: office$/), "    alert.kind == 'tool'",
    ])
    expect(value).toMatchObject({ silences: [{ id: 1 }], configured: [{ name: 'move' }], maintenance: [] })
    expect((await silenceEnd('1', options, {}, quiet)).lines).toEqual(['silence#1 is over. What it hushed and still fires is told now.'])
    await world.tick()
    expect(mail.messages).toHaveLength(2)
    await expect(silenceEnd('silence#1', options, {}, quiet)).rejects.toThrow('silence#1 is not there, or is over')
    expect((await silenceList(options, {}, quiet)).value).toMatchObject({ silences: [] })
  })

  test('list shows what somebody wrote on one line each, without what moves a terminal', async () => {
    running(new Receiver('mail'))
    await add({ match: "alert.agent\n== 'a'", author: 'lee\u001b[31m', comment: 'up\u202edate\nsilence#9: holds\u0007' })
    const { lines } = await silenceList(options, {}, quiet)
    expect(lines.slice(0, 2)).toEqual([expect.stringMatching(/^silence#1: holds until .*, by lee: update silence#9: holds$/), "    alert.agent == 'a'"])
  })

  test('add that begins later hushes what fires then', async () => {
    const world = running(new Receiver('mail'))
    await fails(world, 'billing')
    const from = new Date(world.clock.nowMs() + 3_600_000).toISOString()
    expect((await add({ from })).lines[0]).toContain('silence#1 holds from ')
    await world.at(3_500_000)
    expect(await world.store.transaction((tx) => tx.hushes([1]))).toEqual([undefined])
    await world.at(3_700_000)
    expect(await world.store.transaction((tx) => tx.hushes([1]))).toMatchObject([{ by: 'silence#1' }])
  })

  test('preview says what it would have hidden, who was told by what, and how many messages it saves', async () => {
    const world = running(new Receiver('mail'))
    await fails(world, 'billing')
    await fails(world, 'support')
    await world.engine.accept([said('code', world.clock.nowMs(), { direct: { channel: 'mail', address: 'a@example.com' } })])
    await world.tick()
    const { lines, value } = await silencePreview({ ...options, match: "alert.agent == 'billing'", since: '7d' }, {}, quiet)
    expect(value).toMatchObject({ alerts: 3, hasMore: false, messagesSaved: 1, messagesShortened: 0, warnings: [], hidden: [{ alert: 'alt_1', severity: 'high', title: 'Rule failing: billing, gpt-5', told: [{ person: 'dana', channel: 'mail' }] }] })
    expect(lines[0]).toBe('Of 3 alerts in the last 7d it would have hidden 1, and saved 1 message.')
    expect(lines[1]).toMatch(/alt_1 {2}high {2}Rule failing: billing, gpt-5; dana by mail$/)
    expect(lines.filter((line) => line.length > 80)).toEqual([])
    expect((await silencePreview({ ...options, match: "alert.agent == 'nobody'", since: '1d' }, {}, quiet)).value).toMatchObject({ hidden: [], messagesSaved: 0 })
    expect((await silencePreview({ ...options, match: 'true', since: '1d' }, {}, quiet)).value).toMatchObject({ hidden: [{}, {}], messagesSaved: 2 })
  })

  test('preview counts as shortened what would have been sent with less in it', async () => {
    const world = running(new Receiver('mail'), { ...failing, routes: [{ to: ['dana'], via: ['mail'], digest: '1m' }] })
    await fails(world, 'billing')
    await fails(world, 'support')
    await world.at(120_000)
    expect((await silencePreview({ ...options, match: "alert.agent == 'billing'", since: '7d' }, {}, quiet)).value).toMatchObject({ messagesSaved: 0, messagesShortened: 1 })
  })

  test('add warns where it matches everything or hides what is critical, and shows the last day', async () => {
    const world = running(new Receiver('mail'), { ...failing, rules: { ...failing.rules, failing: { on: 'llm.call', when: "event.status == 'error'", severity: 'critical', quiet: '3h', groupBy: ['agent'] } } })
    await fails(world, 'billing')
    await fails(world, 'support')
    expect((await add()).value).toMatchObject({ warnings: ['it hides what is critical: 1 critical alert of that time'] })
    expect((await add({ match: "alert.kind != 'cost'" })).value).toMatchObject({ warnings: ['it matches every alert there was (2)', 'it hides what is critical: 2 critical alerts of that time'] })
    expect((await add({ match: ' (true)' })).lines.join('\n')).toContain('Look at it again: it matches every alert, also critical ones')
  })

  test('add refuses what cannot be meant, and keeps nothing of it', async () => {
    const world = running(new Receiver('mail'))
    const refused = async (more: Partial<NewSilence>): Promise<string> => add(more).then(() => 'added', (failure: unknown) => (failure instanceof Error ? failure.message : ''))
    expect(await refused({ match: "alert.agnt == 'a'" })).toBe('--match: alert has no "agnt"; did you mean "alert.agent"?')
    expect(await refused({ match: "alert.agent ==" })).toContain('--match: expected a CEL condition')
    expect(await refused({ until: '2099-01-01T00:00:00Z' })).toContain('expected --for')
    expect(await refused({ for: 'soon' })).toContain('--for: expected a duration')
    expect(await refused({ for: undefined, until: '2020-01-01T00:00:00Z' })).toContain('expected an end after its beginning')
    expect(await refused({ for: '1h', from: '2020-01-01T00:00:00Z' })).toContain('expected an end in the future')
    expect(await refused({ for: undefined, until: '2099-01-01 00:00' })).toContain('expected a time with its zone')
    expect(await refused({ comment: ' ' })).toContain('--comment: expected 1 to 500 characters')
    expect(await refused({ timezone: 'Mars/Olympus' })).toContain('expected a time zone')
    await world.store.transaction(async (tx) => {
      for (let i = 0; i < 1_000; i += 1) await tx.addSilence({ project: 'other', match: 'true', fromMs: 0, untilMs: 4e12, author: 'lee', comment: 'x' })
    })
    await expect(silenceEnd('move', options, {}, quiet)).rejects.toThrow('remove it there')
    await expect(silenceEnd('x', options, {}, quiet)).rejects.toThrow('expected the number of a silence')
    expect((await silenceList(options, {}, quiet)).value).toMatchObject({ silences: [] })
    await world.store.transaction(async (tx) => {
      for (let i = 0; i < 1_000; i += 1) await tx.addSilence({ project: 'default', match: 'false', fromMs: 0, untilMs: 4e12, author: 'lee', comment: 'x' })
    })
    expect(await refused({})).toContain('there are 1000 silences already')
  })
})

describe('silences of a configuration', () => {
  const write = (silences: string): string => {
    const text = `channels: { inbox: { type: inbox } }\npeople: { dana: { role: admin } }\n${silences}`
    writeFileSync(options.config, text)
    return text
  }

  test('are warned of where they silence everything, are over, or never end', () => {
    const text = write(`silences:
  - { name: all, match: "true", until: 2099-01-01T00:00:00Z, author: lee, comment: x }
  - { name: past, match: "alert.kind == 'tool'", until: 2020-01-01T00:00:00Z, author: lee, comment: x }
maintenance:
  - { name: always, hours: "08:00-08:00" }
  - { name: nights, hours: "22:00-06:00" }
`)
    const about = warningsOf(configurationFrom(options.config, [], {}), text, 'tocsin.yaml').filter(({ path }) => /^(?:silences|maintenance)/.test(path))
    expect(about.map(({ sentence }) => sentence)).toEqual([
      'tocsin.yaml:4 silences.0.match: matches every alert, also critical ones: nobody is told of anything until it is over',
      'tocsin.yaml:5 silences.1.until: is over: it silences nothing any more',
      'tocsin.yaml:7 maintenance.0.hours: covers the whole week: nobody is ever told of anything',
    ])
  })

  test('are refused where a condition names what there is not, an end is before its beginning, a zone is unknown, or a name comes twice', () => {
    write(`silences:
  - { name: a, match: "alert.agnt == 'x'", until: 2099-01-01T00:00:00Z, author: lee, comment: x }
  - { name: a, match: "true", from: 2099-01-02T00:00:00Z, until: 2099-01-01T00:00:00Z, author: lee, comment: x }
maintenance:
  - { name: b, match: "event.agent == 'x'", hours: "22:00-06:00" }
  - { name: c, hours: "22:00-06:00", timezone: Mars/Olympus }
  - { name: d, hours: "22-06" }
`)
    const read = (): string => {
      try {
        configurationFrom(options.config, [], {})
        return ''
      } catch (failure) {
        return failure instanceof Error ? failure.message : ''
      }
    }
    const message = read()
    for (const line of [
      'silences.0.match: alert has no "agnt"; did you mean "alert.agent"?', 'silences.1.name: expected a name of its own, found "a" a second time', 'silences.1.until: expected an end after its beginning',
      'maintenance.0.match: unknown name "event"', 'maintenance.1.timezone: expected a time zone', 'maintenance.2.hours: expected hours such as 22:00-07:00',
    ]) expect(message).toContain(line)
  })
})
