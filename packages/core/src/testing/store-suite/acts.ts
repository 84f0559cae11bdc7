import { expect, test } from 'vitest'
import type { TakenAction } from '../../model/attention.ts'
import type { Attempt, DeliveryResult } from '../../model/delivery.ts'
import type { StoreUnderTest } from '../store-suite.ts'
import { only, sampleAlert, sampleItem, sampleMs, sampleNotification } from './samples.ts'

export function actSuite(here: StoreUnderTest): void {
  const open = async (key: string): Promise<number> => only(await here.write((tx) => tx.insertAlerts([sampleAlert({ key })])))
  const attempt: Attempt = { number: 1, atMs: sampleMs, tookMs: 5, outcome: 'sent', providerId: 'SM1', detail: '' }
  const sent = async (alert: number, more: Partial<Attempt> = {}, news: 'firing' | 'acknowledged' = 'firing'): Promise<number> =>
    here.write(async (tx) => {
      const { delivery: id } = only(await tx.enqueue([sampleNotification(alert, { news })]))
      const fence = only(await tx.lease([id], sampleMs + 60_000, sampleMs))
      await tx.settle([{ id, fence, kind: 'done', result: 'sent', atMs: sampleMs + 5, attempt: { ...attempt, ...more } }])
      return id
    })
  const said = { atMs: sampleMs + 9, tookMs: 0, outcome: 'bad-address', code: '30005', detail: 'unknown', providerId: 'SM1' } as const
  const learn = (delivery: number, more: Partial<Omit<Attempt, 'number'>> = {}, result?: DeliveryResult) => here.write((tx) => tx.learn(delivery, { ...said, ...more }, result))
  const recordOf = async (id: number) => (await here.store.read.deliveries()).find((one) => one.id === id)

  test('what people did about an alert is kept in its order, with how long it holds', async () => {
    const [a, b] = [await open('a'), await open('b')]
    const first: TakenAction = { alert: a, action: 'snooze', by: 'dana', via: 'link of dlv_1', atMs: sampleMs, untilMs: sampleMs + 3_600_000 }
    const second: TakenAction = { alert: a, action: 'acknowledge', by: 'lee', via: 'command', atMs: sampleMs }
    for (const action of [first, { ...second, alert: b }, second]) await here.write((tx) => tx.recordAction(action))
    await here.reopen()
    expect(await here.write((tx) => tx.actionsOf(a))).toEqual([first, second])
    expect(await here.write((tx) => tx.actionsOf(99))).toEqual([])
  })

  test('a link is used once; in a transaction that fails it is not used', async () => {
    const isUsed = () => here.write((tx) => tx.isLinkUsed('7'))
    const use = () => here.write((tx) => tx.useLink('7', sampleMs + 1))
    expect(await isUsed()).toBe(false)
    await expect(here.write(async (tx) => {
      await tx.useLink('7', sampleMs + 1)
      throw new Error('lost')
    })).rejects.toThrow('lost')
    expect([await isUsed(), await use(), await use()]).toEqual([false, true, false])
    await here.reopen()
    expect([await isUsed(), await here.write((tx) => tx.isLinkUsed('8'))]).toEqual([true, false])
  })

  test('who stopped one kind of channel at an address did not stop another, nor in another project; stopped again it counts from the first', async () => {
    const one = { project: 'bots', channelType: 'text', address: '+13125550123' }
    await here.write((tx) => tx.optOut({ ...one, sinceMs: sampleMs }))
    await here.write((tx) => tx.optOut({ ...one, sinceMs: sampleMs + 1 }))
    const of = [one, { ...one, address: '+13125550124' }, { ...one, channelType: 'chat' }, { ...one, project: 'other' }]
    expect(await here.write((tx) => tx.optOuts(of))).toEqual([sampleMs, undefined, undefined, undefined])
    await here.write((tx) => tx.optIn({ ...one, project: 'other' }))
    expect(await here.write((tx) => tx.optOuts([one]))).toEqual([sampleMs])
    await here.write((tx) => tx.optIn(one))
    expect(await here.write((tx) => tx.optOuts([one]))).toEqual([undefined])
  })

  test('whoever took an alert stands with it until nobody has it', async () => {
    const id = await open('a')
    const update = { id, addCount: 0, updatedAtMs: sampleMs }
    await here.write((tx) => tx.updateAlerts([{ ...update, state: 'acknowledged', taken: { by: 'dana', atMs: sampleMs + 1 } }]))
    expect(await here.store.read.alert(id)).toMatchObject({ state: 'acknowledged', taken: { by: 'dana', atMs: sampleMs + 1 } })
    await here.write((tx) => tx.updateAlerts([{ ...update, state: 'firing', taken: null }]))
    expect((await here.store.read.alert(id))?.taken).toBeUndefined()
  })

  test('all that a delivery carries is known, also what is not loaded with it', async () => {
    const ids = await here.write((tx) => tx.insertAlerts(Array.from({ length: 130 }, (_, index) => sampleAlert({ key: `key ${index}`, ends: 'at-once' }))))
    const [batch] = await here.write((tx) => tx.enqueueInBatch(ids.map((id) => sampleItem(id, { batchMax: 1_000 }))))
    const single = await sent(ids[3] ?? 0)
    expect(await here.write((tx) => tx.alertsIn(batch?.delivery ?? 0, 0))).toEqual(ids)
    expect(await here.write((tx) => tx.alertsIn(batch?.delivery ?? 0, ids[0] ?? 0))).toEqual(ids.slice(1))
    expect(await here.write((tx) => tx.alertsIn(single, 0))).toEqual([ids[3]])
    expect(await here.write((tx) => tx.alertsIn(single, ids[3] ?? 0))).toEqual([])
    expect(await here.write((tx) => tx.alertsIn(99_999, 0))).toEqual([])
  })

  test('that somebody has it changes what was told, and is not what was told', async () => {
    const id = await open('a')
    await sent(id)
    await sent(id, {}, 'acknowledged')
    expect((await here.write((tx) => tx.toldAbout(id))).map(({ news }) => news)).toEqual(['firing'])
    expect(await here.write((tx) => tx.onTheWay(id, 'dana', sampleMs))).toHaveLength(1)
  })

  test('what a provider says later of what it took is one attempt more, and said again takes its place', async () => {
    const id = await sent(await open('a'))
    expect(await learn(id, { outcome: 'sent', code: 'delivered' })).toBe(true)
    expect(await learn(id, { outcome: 'sent', code: 'delivered', atMs: sampleMs + 20 })).toBe(true)
    expect(await recordOf(id)).toMatchObject({ result: 'sent', attempts: [{ number: 1 }, { number: 2, atMs: sampleMs + 20, outcome: 'sent', code: 'delivered' }] })
  })

  test('what did not arrive was not sent: nobody was told by it', async () => {
    const alert = await open('a')
    const id = await sent(alert)
    expect(await learn(id, {}, 'bad-address')).toBe(true)
    await here.reopen()
    expect(await recordOf(id)).toMatchObject({ state: 'done', result: 'bad-address', doneAtMs: sampleMs + 9, attempts: [{ outcome: 'sent' }, { outcome: 'bad-address', code: '30005', detail: 'unknown' }] })
    expect(await here.write((tx) => tx.toldAbout(alert))).toEqual([])
    expect(await learn(id, {}, 'failed')).toBe(false)
  })

  test('what it says of another message, of one that waits or of none changes nothing', async () => {
    const alert = await open('a')
    const [id, nameless] = [await sent(alert), await sent(alert, { providerId: undefined })]
    const waiting = only(await here.write((tx) => tx.enqueue([sampleNotification(alert)]))).delivery
    expect([await learn(id, { providerId: 'SM2' }, 'failed'), await learn(waiting, {}, 'failed'), await learn(99_999, {}, 'failed'), await learn(nameless, {}, 'failed')]).toEqual([false, false, false, true])
    expect([(await recordOf(id))?.result, (await recordOf(waiting))?.result]).toEqual(['sent', undefined])
  })
}
