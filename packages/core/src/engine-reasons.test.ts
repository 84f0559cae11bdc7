import { afterEach, expect, test } from 'vitest'
import { translator } from './locales/catalogue.ts'
import { paramsOf } from './locales/phrase.ts'
import type { ConfigInput } from './model/config.ts'
import { decisionReasons, type Decision, type DecisionReason } from './model/decision.ts'
import type { EventInput } from './model/event.ts'
import { stoppedCode } from './model/outcome.ts'
import { addSilence } from './routing/silences/begin.ts'
import { callFailed, closeWorlds, engineWorld, said, sessionFailed, type EngineWorld } from './testing/engine-world.ts'
import { Receiver } from './testing/receiver.ts'

afterEach(closeWorlds)

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dana = { role: 'admin', email: 'dana@example.com' } as const
const byMail: ConfigInput['routes'] = [{ name: 'by-mail', to: ['dana'], via: ['mail'] }]
const thenOther: ConfigInput['routes'] = [{ to: ['dana'], via: { first: ['mail', 'other'], after: '1m' } }]
const failing = (severity: 'info' | 'high' | 'critical'): ConfigInput['rules'] => ({ 'model-failed': false, failing: { on: 'llm.call', when: "event.status == 'error'", severity, quiet: '1m', groupBy: ['agent'] } })

interface Life {
  readonly world: EngineWorld
  readonly mail: Receiver
  readonly other: Receiver
  /** Another configuration over the same file and channels. */
  readonly again: (config: ConfigInput) => EngineWorld
  readonly accept: (...events: readonly ((atMs: number) => EventInput)[]) => Promise<void>
}

/** One small world for each way to decide something: its configuration, and what happens in it. */
const lives: readonly (readonly [ConfigInput, (life: Life) => Promise<void>])[] = [
  [{ routes: byMail }, async ({ world, accept }) => {
    await accept((atMs) => sessionFailed('s', atMs))
    for (const { id } of await world.deliveries()) await world.engine.resend(id, 'lee')
  }],
  [{}, async ({ accept }) => accept((atMs) => said('direct', atMs, { direct: { channel: 'mail', address: 'a@example.com' } }), (atMs) => said('gone', atMs, { direct: { channel: 'nowhere', address: 'a@example.com' } }), (atMs) => said('whom', atMs, { to: ['nobody'] }))],
  [{ routes: [{ to: ['dana'], via: ['mail'], digest: '1m' }] }, async ({ world, accept }) => {
    await accept((atMs) => said('one', atMs), (atMs) => said('two', atMs))
    await world.at(2 * minuteMs)
  }],
  [{ routes: [{ to: ['dana'], via: ['mail'], groupBy: ['agent'] }] }, async ({ accept }) => accept((atMs) => sessionFailed('s', atMs))],
  [{ routes: thenOther }, async ({ world, mail, accept }) => {
    mail.hold()
    await accept((atMs) => sessionFailed('s', atMs))
    await world.at(minuteMs + 500)
    mail.release({ kind: 'retry', detail: 'busy' })
    await world.at(minuteMs + 1_000)
    await world.at(minuteMs + 2_000)
  }],
  [{ people: { dana: { ...dana, role: 'developer' }, eve: { role: 'viewer', email: 'eve@example.com' }, sam: { role: 'billing' } }, budgets: { all: { amountUsd: 1, thresholds: [0.5, 0.9, 1] } } }, async ({ accept }) =>
    accept((atMs) => ({ source: 'observe', type: 'llm.call', id: 'paid', atMs, llm: { provider: 'p', model: 'm', operation: 'chat', costNanoUsd: 2_000_000_000 } }), (atMs) => sessionFailed('s', atMs))],
  [{ people: { dana: { ...dana, quietHours: '00:00-23:59' } } }, async ({ world, accept }) => {
    world.clock.aheadMs = hourMs * 24 * 365 * 5 - (world.clock.nowMs() % (24 * hourMs)) + 12 * hourMs
    await accept((atMs) => said('later', atMs), (atMs) => said('now', atMs, { severity: 'critical' }))
  }],
  [{ rules: failing('high') }, async ({ world, accept }) => {
    await accept((atMs) => callFailed('one', atMs))
    await accept((atMs) => callFailed('two', atMs))
    await world.at(2 * minuteMs)
  }],
  [{ routes: thenOther }, async ({ world, mail, accept }) => {
    mail.answer = (_message, count) => (count === 1 ? { kind: 'in-doubt', detail: 'no answer' } : { kind: 'sent' })
    await accept((atMs) => said('urgent', atMs, { severity: 'critical' }), (atMs) => said('less', atMs))
    await world.at(1_000)
    mail.answer = () => ({ kind: 'in-doubt', detail: 'no answer' })
    await accept((atMs) => said('doubtful', atMs))
    await world.at(2_000)
  }],
  [{ routes: byMail }, async ({ accept }) => accept(...Array.from({ length: 20 }, (_, index) => (atMs: number) => said(`${index}`, atMs)))],
  [{ routes: byMail }, async ({ accept }) => accept(...Array.from({ length: 20 }, (_, index) => (atMs: number) => said(`${index}`, atMs, { severity: 'critical' })))],
  [{ routes: byMail, limits: { perHour: 1 } }, async ({ accept }) => accept(...['a', 'b', 'c'].map((id) => (atMs: number) => said(id, atMs)))],
  [{ routes: byMail, storm: { count: 1 } }, async ({ accept }) => accept(...['a', 'b', 'c'].map((id) => (atMs: number) => said(id, atMs)))],
  [{ routes: byMail, delivery: { pauseMs: hourMs } }, async ({ mail, accept }) => {
    mail.answer = (_message, count) => (count === 1 ? { kind: 'bad-address', code: '550', detail: 'unknown' } : count === 2 ? { kind: 'bad-content', detail: 'too long' } : { kind: 'bad-config', detail: 'wrong password' })
    for (const title of ['a', 'b', 'c', 'd']) await accept((atMs) => said(title, atMs, { direct: { channel: 'mail', address: `${title}@example.com` } }))
    await accept((atMs) => said('a again', atMs, { direct: { channel: 'mail', address: 'a@example.com' } }))
  }],
  [{ delivery: { attemptsMax: 1 } }, async ({ mail, accept }) => {
    mail.answer = () => ({ kind: 'retry', detail: 'busy' })
    await accept((atMs) => sessionFailed('s', atMs))
  }],
  [{ routes: [{ name: 'costs', match: "alert.kind == 'cost'", to: ['dana'], via: ['mail'] }] }, async ({ accept }) => accept((atMs) => sessionFailed('s', atMs))],
  [{ routes: byMail, pause: true }, async ({ world, accept }) => {
    await world.tick()
    await accept((atMs) => sessionFailed('s', atMs))
  }],
  [{ routes: byMail, dryRun: true }, async ({ accept }) => accept((atMs) => sessionFailed('s', atMs))],
  [{ people: {} }, async ({ accept }) => accept((atMs) => sessionFailed('s', atMs))],
  [{ people: { dana: { role: 'admin' } }, routes: byMail }, async ({ accept }) => accept((atMs) => sessionFailed('s', atMs))],
  [{ routes: [...byMail, ...byMail] }, async ({ accept }) => accept((atMs) => sessionFailed('s', atMs))],
  [{ routes: byMail, rules: failing('info'), delivery: { batchMs: 10 * minuteMs } }, async ({ world, again, accept }) => {
    await accept((atMs) => callFailed('one', atMs))
    await again({ routes: byMail, rules: failing('high') }).engine.accept([callFailed('two', world.clock.nowMs())])
    await world.at(2 * minuteMs)
    await world.engine.accept([callFailed('three', world.clock.nowMs())])
    await world.at(4 * minuteMs)
  }],
  [{ routes: byMail, detection: { wait: '10s' } }, async ({ accept }) => {
    for (let i = 0; i < 6; i += 1) await accept((atMs) => callFailed(`call ${i}`, atMs), (atMs) => sessionFailed(`s${i}`, atMs))
  }],
  [{ rules: failing('high'), delivery: { retryMs: hourMs, retryMaxMs: hourMs } }, async ({ world, mail, accept }) => {
    mail.answer = () => ({ kind: 'retry', detail: 'busy' })
    await accept((atMs) => callFailed('one', atMs))
    await world.at(2 * minuteMs)
  }],
  [{ rules: failing('high') }, async ({ world, mail, accept }) => {
    mail.hold()
    await accept((atMs) => callFailed('one', atMs))
    await world.at(2 * minuteMs)
    mail.release({ kind: 'retry', detail: 'busy' })
    await world.at(2 * minuteMs + 1_000)
    await world.at(2 * minuteMs + 2_000)
  }],
  [{ rules: failing('high') }, async ({ world, mail, accept }) => {
    mail.answer = () => ({ kind: 'retry', detail: 'busy' })
    await accept((atMs) => callFailed('one', atMs))
    await world.engine.acting.act({ alerts: [1] }, { action: 'acknowledge', by: 'dana', via: 'command' })
    await world.at(30_000)
  }],
  [{}, async ({ world, again, mail, accept }) => {
    mail.answer = () => ({ kind: 'retry', detail: 'busy' })
    await accept((atMs) => sessionFailed('s', atMs), (atMs) => said('for all', atMs))
    const changed = again({ people: { dana: { ...dana, role: 'billing' } } })
    await changed.at(1_000)
    await world.at(100 * hourMs)
  }],
  [{}, async ({ world, again, mail, accept }) => {
    mail.answer = () => ({ kind: 'retry', detail: 'busy' })
    await accept((atMs) => said('for all', atMs))
    await again({ people: { dana: { ...dana, email: 'new@example.com' } } }).at(1_000)
    await world.at(100 * hourMs)
  }],
  [{}, async ({ world, mail, accept }) => {
    mail.answer = () => ({ kind: 'retry', afterMs: 20 * hourMs, detail: 'busy' })
    await accept((atMs) => said('for all', atMs))
    await world.at(100 * hourMs)
  }],
  [{ people: { dana: { ...dana, preferences: [{ mute: true }] }, lee: { ...dana, projects: ['shop'] } }, routes: [{ to: ['dana', 'lee', 'role:viewer'], via: ['mail'] }, { to: ['dana'], via: ['other'], required: true }] }, async ({ accept }) => accept((atMs) => sessionFailed('s', atMs))],
  ...(['snooze', 'expected'] as const).map((action): (typeof lives)[number] => [{ rules: failing('high') }, async ({ world, mail, accept }) => {
    mail.answer = () => ({ kind: 'retry', detail: 'busy' })
    await accept((atMs) => callFailed('one', atMs))
    await world.engine.acting.act({ alerts: [1] }, { action, by: 'dana', via: 'command' })
  }]),
  [{ routes: [{ to: ['dana'], via: ['mail'], digest: '1m' }] }, async ({ world, accept }) => {
    await accept((atMs) => sessionFailed('one', atMs), (atMs) => sessionFailed('two', atMs))
    await world.at(2 * minuteMs)
  }],
  [{ rules: failing('high') }, async ({ world, accept }) => {
    for (const minute of [0, 2, 4, 6, 8]) {
      await world.at(minute * minuteMs)
      await accept((atMs) => callFailed(`${minute}`, atMs))
    }
  }],
  [{}, async ({ mail, accept }) => {
    mail.answer = () => ({ kind: 'bad-address', code: stoppedCode, detail: 'unsubscribed' })
    await accept((atMs) => sessionFailed('s', atMs))
  }],
  [{ people: { dana, eve: { role: 'developer', email: 'eve@example.com' } }, rules: { 'model-failed': false, failing: { on: 'llm.call', when: "event.status == 'error'", severity: 'high', quiet: '24h' } }, routes: [{ to: ['dana'], via: ['mail'], repeatInterval: '20m', escalate: [{ after: '5m', to: ['role:viewer'] }, { after: '5m', to: ['eve'] }] }] }, async ({ world, accept }) => {
    await accept((atMs) => callFailed('one', atMs))
    await world.at(6 * minuteMs)
    await world.at(21 * minuteMs)
  }],
  [{ routes: [{ name: 'on-call', to: ['dana'], via: ['mail'], escalate: [{ after: '5m', to: ['dana'] }] }] }, async ({ again, accept }) => {
    await accept((atMs) => sessionFailed('s', atMs))
    const renamed = again({ routes: byMail })
    for (const minute of [5, 6, 7, 8, 9, 10, 11]) await renamed.at(minute * minuteMs + 1_000)
  }],
  [{ rules: { 'model-failed': false, failing: { on: 'llm.call', when: "event.status == 'error'", severity: 'high', quiet: '24h', groupBy: ['agent'] } }, maintenance: [{ name: 'weekend', days: ['sat'], hours: '00:00-00:00' }] }, async ({ world, accept }) => {
    const saturdayMs = Date.parse('2099-11-21T12:00:00Z')
    world.clock.aheadMs = saturdayMs - world.clock.nowMs()
    await accept((atMs) => callFailed('one', atMs))
    await world.store.transaction((tx) => addSilence(tx, { project: 'default', match: 'true', fromMs: saturdayMs, untilMs: saturdayMs + 20 * hourMs, author: 'lee', comment: 'new version' }))
    await accept((atMs) => ({ ...callFailed('two', atMs), agent: 'other' }))
    await world.at(world.clock.aheadMs + 21 * hourMs)
  }],
]

/** What the fullest sentence names and nobody can know here. */
const unknown: Partial<Record<DecisionReason, readonly string[]>> = {
  // Without routes in the configuration there is none that comes close.
  'refused.no_route': ['route', 'condition'],
  // An address belongs to nobody in the configuration.
  'sent.direct': ['person'],
  // Somebody wrote a message to nobody.
  'refused.unknown_person': ['person'],
}

test('every reason is given with all that its fullest sentence names, in a world where everything is decided', async () => {
  const decisions: Decision[] = []
  for (const [config, live] of lives) {
    const [mail, other] = [new Receiver('mail', { shape: 'mail', limits: { bodyCharsMax: 4_000, concurrency: 5, rate: { count: 60, perMs: hourMs } } }), new Receiver('other')]
    const world = engineWorld(config, [mail, other])
    const again = (changed: ConfigInput): EngineWorld => engineWorld(changed, [mail, other], { file: world.file })
    const accept: Life['accept'] = async (...events) => {
      await world.engine.accept(events.map((event) => event(world.clock.nowMs())))
      await world.tick()
    }
    await live({ world, mail, other, again, accept })
    decisions.push(...(await world.decisions()))
    await closeWorlds()
  }
  const holes = new Set<string>()
  for (const { reason, params, person, channel } of decisions) {
    const given = new Set([...Object.entries(params).flatMap(([name, value]) => (value === '' ? [] : [name])), ...(person === '*' ? [] : ['person']), ...(channel === '*' ? [] : ['channel']), 'severityInline', 'kind'])
    const [fullest = ''] = [translator('en', 'UTC').words.decisions[reason]].flat()
    for (const name of paramsOf(fullest, 'en')) if (!given.has(name) && unknown[reason]?.includes(name) !== true) holes.add(`${reason} ${name}`)
  }
  expect([...holes]).toEqual([])
  const seen = new Set(decisions.map(({ reason }) => reason))
  expect(decisionReasons.filter((reason) => !seen.has(reason))).toEqual([])
}, 30_000)
