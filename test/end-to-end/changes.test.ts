import { afterEach, describe, expect, test } from 'vitest'
import { lines, openWorld, type World } from './world.ts'

let world: World | undefined

afterEach(async () => {
  await world?.close()
  world = undefined
})

describe('between the event and the sending', () => {
  const file = (people: string): string => `
project: support
channels:${lines}
people:
${people}
rules: { tool-failed: false, session-ended: false }
routes: [{ name: all, match: "true", to: ["role:admin"], via: [mail], digest: 1m }]`

  /** One process takes the event in, and a later one, with the file as it is then, sends. */
  async function afterwards(before: string, after: string): Promise<{ readonly results: readonly unknown[]; readonly reasons: readonly string[]; readonly texts: readonly (string | undefined)[] }> {
    world = await openWorld(file(before))
    await world.happen(
      { type: 'tool.call', sessionId: 's-1', agent: 'refund-bot', tool: { name: 'lookUp' }, error: { class: 'other', message: 'CRM is down' } },
      { type: 'session.end', sessionId: 's-1', agent: 'refund-bot', endState: 'fail' },
    )
    expect(world.mail.mails).toEqual([])
    await world.restart(file(after))
    await world.moveOn(60_000)
    // Whom this process does not know another one might: that is waited for, ten minutes.
    await world.moveOn(660_000)
    const reasons = (await world.decisionsOf('session-failed')).map(({ reason }) => reason)
    return { results: (await world.store.read.deliveries()).map(({ result }) => result), reasons, texts: world.mail.mails.map(({ parsed }) => parsed.text) }
  }
  const ana = '  ana: { role: admin, email: ana@example.com }'

  test('nothing changed: the next process sends what the first left', async () => {
    const { results, texts } = await afterwards(ana, ana)
    expect(results).toEqual(['sent'])
    expect(texts).toEqual([expect.stringContaining('CRM is down')])
  })

  test.each([
    ['a role that may see less is not sent what was meant for more', '  ana: { role: viewer, email: ana@example.com }', 'role-changed', 'refused.role_changed'],
    ['somebody who left is not told', '  bea: { role: admin, email: bea@example.com }', 'role-changed', 'refused.unknown_person'],
    ['an old address is not used', '  ana: { role: admin, email: elsewhere@example.com }', 'bad-address', 'refused.no_address'],
  ])('%s', async (_what, after, result, reason) => {
    const { results, reasons, texts } = await afterwards(ana, after)
    expect([results, texts]).toEqual([[result], []])
    expect(reasons).toContain(reason)
  })
})

describe('a channel that is wrong', () => {
  test('is paused, the admins are told by another, nothing is lost, and its password is not shown', async () => {
    world = await openWorld(`
project: support
channels:${lines.replace('"${SMTP_URL}"', '"${SMTP_URL_WRONG}"')}
people:
  ana: { role: admin, email: ana@example.com, phone: "+14155550101" }
  lee: { role: developer, email: lee@example.com }
rules: { tool-failed: false, session-ended: false }
routes:
  - { name: system, match: "alert.kind == 'system'", to: [ana], via: [mail, sms] }
  - { name: rest, match: "true", to: [lee], via: [mail] }
delivery: { pauseMs: 60000 }`, undefined, ({ SMTP_URL = '' }) => ({ SMTP_URL_WRONG: SMTP_URL.replace('correct-horse-battery', 'tea-kettle-on-fire') }))
    await world.happen({ type: 'custom', announcement: { title: 'Approval waits', severity: 'high' } })
    expect(world.mail.mails).toEqual([])
    expect(world.sms.messages.map(({ body }) => body)).toEqual([expect.stringMatching(/^Tocsin HIGH: channel mail is paused/)])
    expect(await world.store.read.waiting()).toEqual([{ channel: 'mail', priority: 1, count: 1 }])
    const kept = `${world.databaseBytes()}${JSON.stringify(world.sms.messages)}${world.notices.join('\n')}`
    expect(kept).not.toContain('tea-kettle')
  })
})
