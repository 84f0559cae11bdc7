import { expect, test } from 'vitest'
import type { EraseQuery, PersonalRecord, Subject } from '../../model/personal.ts'
import type { Message } from '../../model/channel.ts'
import type { StoreUnderTest } from '../store-suite.ts'
import { dana, lee, only, sampleAlert, sampleEvent, sampleItem, sampleMs, sampleNotification, sampleSession } from './samples.ts'

const person: Subject = { kind: 'person', person: 'dana', addresses: ['dana@example.com', '+15550100'] }
const user: Subject = { kind: 'user', user: 'u7' }

/** What is kept about somebody is found, all of it and nothing of others, and goes. */
export function personalSuite(here: StoreUnderTest): void {
  const kept = async (of: Subject, project = 'bots', limit = 2): Promise<readonly PersonalRecord[]> => {
    const items: PersonalRecord[] = []
    let after: string | undefined
    do {
      const page = await here.store.read.personal({ project, of, limit, ...(after !== undefined && { after }) })
      items.push(...page.items)
      after = page.next
    } while (after !== undefined)
    return items
  }
  const erase = async (of: Subject, more: Partial<EraseQuery> = {}): Promise<number> => {
    let [rows, after]: [number, string | undefined] = [0, undefined]
    do {
      const done = await here.write((tx) => tx.erase({ project: 'bots', of, as: 'erased-1', limit: 2, nowMs: sampleMs + 5, ...(after !== undefined && { after }), ...more }))
      rows += done.rows
      after = done.goOn
    } while (after !== undefined)
    return rows
  }
  const kinds = (records: readonly PersonalRecord[]): Readonly<Record<string, number>> => Object.fromEntries(Object.entries(Object.groupBy(records, ({ kind }) => kind)).map(([kind, of]) => [kind, of.length]))

  const letter = (id: string, to: string): Message => ({ id, to, subject: 's', text: 't', severity: 'high' }) as Message // what the inbox keeps of it

  /** Three deliveries and a batch for Dana, one sent; one for Lee; letters, decisions, what they did. */
  async function told(): Promise<{ readonly alert: number; readonly lees: number; readonly sent: number }> {
    const made = await here.write(async (tx) => {
      const alert = only(await tx.insertAlerts([sampleAlert()]))
      const [sent, ...rest] = await tx.enqueue([sampleNotification(alert), sampleNotification(alert, { channel: 'sms', recipient: { ...dana, address: '+15550100' } }), sampleNotification(alert, { route: 'other' }), sampleNotification(alert, { recipient: lee })])
      if (sent === undefined) throw new Error('expected deliveries')
      const [fence = 0] = await tx.lease([sent.delivery], sampleMs + 1_000, sampleMs)
      await tx.settle([{ id: sent.delivery, fence, kind: 'done', result: 'sent', atMs: sampleMs + 1, attempt: { number: 1, atMs: sampleMs, tookMs: 1, outcome: 'sent', detail: '' } }])
      await tx.enqueueInBatch([sampleItem(alert)])
      await tx.recordDecisions(['dana', 'lee'].map((name) => ({ alert, person: name, channel: 'mail', reason: 'sent.now', params: {}, atMs: sampleMs, count: 1 }) as const))
      await tx.insertAlerts([sampleAlert({ rule: 'address-bad', key: 'd', message: 'system.address-bad', params: { person: 'dana', address: 'dana@example.com' } })])
      await tx.recordDecisions([{ alert, person: 'max', channel: 'mail', reason: 'sent.now', params: { person: 'dana' }, atMs: sampleMs, count: 1 }])
      await tx.recordAction({ alert, action: 'acknowledge', by: 'dana', via: 'link', atMs: sampleMs })
      await tx.optOut({ project: 'bots', channelType: 'sms', address: '+15550100', sinceMs: sampleMs })
      await tx.addBadAddress({ project: 'bots', channel: 'mail', address: 'dana@example.com', code: '550', sinceMs: sampleMs, untilMs: sampleMs * 2 })
      return { alert, lees: rest.at(-1)?.delivery ?? 0, sent: sent.delivery }
    })
    for (const [id, to] of [['one', 'dana@example.com'], ['two', 'dana@example.com'], ['three', 'lee@example.com']] as const) await here.store.putInbox(letter(id, to), 'box', sampleMs)
    return made
  }

  test('all that is kept about a person is found, in pages, and nothing of others', async () => {
    await told()
    const found = await kept(person)
    expect(kinds(found)).toEqual({ delivery: 4, message: 2, decision: 1, action: 1, 'opt-out': 1, 'bad-address': 1 })
    expect(JSON.stringify(found)).not.toContain('lee')
    expect(await kept(person, 'other')).toEqual([])
    expect(await here.store.read.projects()).toEqual(['bots'])
  })

  test('of a person who is erased nothing is left by which they are known, what waited is not sent, and others keep what is theirs', async () => {
    const { alert, lees, sent } = await told()
    expect(await erase(person)).toBeGreaterThan(8)
    expect(await kept(person)).toEqual([])
    const records = await here.store.read.deliveries()
    expect(JSON.stringify(records)).not.toMatch(/dana|15550100/)
    const results = new Map(records.map(({ id, result, person: whose, state }) => [id, `${state} ${result ?? ''} ${whose}`]))
    expect([results.get(sent), results.get(lees)]).toEqual(['done sent erased-1', 'waiting  lee'])
    expect([...results.values()].filter((text) => text === 'done erased erased-1')).toHaveLength(3)
    expect((await here.store.read.decisionsOf(alert)).map((decision) => decision.person).toSorted()).toEqual(['erased-1', 'lee', 'max'])
    expect(JSON.stringify([await here.store.read.alerts(), await here.store.read.decisionsOf(alert)])).not.toContain('dana')
    expect((await here.store.read.inbox()).map(({ to }) => to)).toEqual(['lee@example.com'])
    expect(await erase(person)).toBe(0)
  })

  test('what was claimed as its reader was erased is settled by nobody any more', async () => {
    const made = await here.write(async (tx) => {
      const alert = only(await tx.insertAlerts([sampleAlert()]))
      const { delivery: id } = only(await tx.enqueue([sampleNotification(alert)]))
      return { id, fence: only(await tx.lease([id], sampleMs + 1_000, sampleMs)) }
    })
    await erase(person)
    expect(await here.write((tx) => tx.settle([{ ...made, kind: 'later', dueMs: sampleMs }]))).toEqual([false])
    expect(await here.write((tx) => tx.due({ project: 'bots', channel: 'mail', priority: 1, nowMs: sampleMs * 2, limit: 5 }))).toEqual([])
  })

  test('what several read in one place is sent for the others, and names whom it names no more', async () => {
    const [first, second] = await here.write(async (tx) => {
      const alert = only(await tx.insertAlerts([sampleAlert()]))
      const reads = (who: typeof dana, also: string) => sampleNotification(alert, { channel: 'room', recipient: { ...who, address: '' }, fallback: ['mail'], alsoFor: [also, 'max'].map((name) => ({ person: name, route: 'everything', fallback: ['sms'] })) })
      return (await tx.enqueue([reads(dana, 'lee'), reads(lee, 'dana')])).map(({ delivery }) => delivery)
    })
    await erase(person)
    const due = await here.write((tx) => tx.due({ project: 'bots', channel: 'room', priority: 1, nowMs: sampleMs, limit: 5 }))
    expect(due.map(({ id, fallback, alsoFor, notification: { recipient } }) => ({ id, person: recipient.person, address: recipient.address, fallback, also: alsoFor?.map((one) => one.person) }))).toEqual([
      { id: first, person: 'erased-1', address: '', fallback: [], also: ['lee', 'max'] },
      { id: second, person: 'lee', address: '', fallback: ['mail'], also: ['max'] },
    ])
  })

  test('somebody of the same name in another project is somebody else', async () => {
    const other = await here.write(async (tx) => {
      const alert = only(await tx.insertAlerts([sampleAlert({ project: 'other' })]))
      return only(await tx.enqueue([sampleNotification(alert, { project: 'other' })])).delivery
    })
    await told()
    await erase(person)
    expect((await here.store.read.deliveries()).find(({ id }) => id === other)).toMatchObject({ person: 'dana', address: 'dana@example.com', state: 'waiting' })
  })

  test('of a user of an agent what happened stays and who it was goes, with what was said', async () => {
    const events = ['a', 'b', 'c'].map((id, index) => sampleEvent({ id, sessionId: 's1', ...(index > 0 && { user: 'u7' }), name: 'asks', excerpt: 'my name is Lee' }))
    const others = sampleEvent({ id: 'd', sessionId: 's2', user: 'u8', excerpt: 'somebody else' })
    const alert = await here.write(async (tx) => {
      await tx.insertEvents([...events, others])
      await tx.applySessions([sampleSession({ user: 'u7', name: 'Lee asks' }), sampleSession({ sessionId: 's2', user: 'u8' })])
      return only(await tx.insertAlerts([sampleAlert({ sessionId: 's1', params: { excerpt: 'my name is Lee' } })]))
    })
    expect(kinds(await kept(user))).toEqual({ session: 1, event: 3 })
    expect(await erase(user)).toBeGreaterThan(3)
    expect(await kept(user)).toEqual([])
    expect(JSON.stringify([await here.store.read.events(), await here.store.read.alerts(), await here.store.read.session('bots', 's1')])).not.toMatch(/u7|Lee/)
    expect((await here.store.read.events()).find(({ id }) => id === 'd')).toMatchObject({ user: 'u8', excerpt: 'somebody else' })
    expect(await here.store.read.alert(alert)).toMatchObject({ rule: 'model-failed', state: 'firing' })
    // It is known when it is sent again.
    expect(await here.write((tx) => tx.insertEvents(events))).toEqual([false, false, false])
    expect(await here.write(async (tx) => (await tx.sessions([{ project: 'bots', sessionId: 's1' }]))[0])).not.toHaveProperty('user')
  })
}
