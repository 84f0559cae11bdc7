import { expect, test } from 'vitest'
import type { StoreUnderTest } from '../store-suite.ts'
import { sampleMs } from './samples.ts'

export function waitSuite(here: StoreUnderTest): void {
  test('a rate is kept by its key, and absent where it was never set', async () => {
    await here.write((tx) => tx.putRates(new Map([['sms', sampleMs + 0.25], ['mail', 7]])))
    await here.write((tx) => tx.putRates(new Map([['mail', 8]])))
    expect(await here.write((tx) => tx.rates(['sms', 'mail', 'hook']))).toEqual(new Map([['sms', sampleMs + 0.25], ['mail', 8]]))
  })

  test('timers are due in the order of their times, up to the limit', async () => {
    const timers = [{ project: 'bots', kind: 'quiet', key: 'b', dueMs: 20 }, { project: 'bots', kind: 'quiet', key: 'a', dueMs: 10 }, { project: 'bots', kind: 'fallback', key: 'a', dueMs: 30 }]
    await here.write((tx) => tx.putTimers(timers))
    expect(await here.write((tx) => tx.dueTimers('bots', 29, 10))).toEqual([timers[1], timers[0]])
    expect(await here.write((tx) => tx.dueTimers('bots', 30, 2))).toEqual([timers[1], timers[0]])
    expect(await here.store.read.nextDueMs('bots', [], [])).toBe(10)
  })

  test('a timer of one kind and key is one: putting it again moves it', async () => {
    await here.write((tx) => tx.putTimers([{ project: 'bots', kind: 'quiet', key: 'a', dueMs: 10 }]))
    await here.write((tx) => tx.putTimers([{ project: 'bots', kind: 'quiet', key: 'a', dueMs: 50 }]))
    expect(await here.write((tx) => tx.dueTimers('bots', 49, 10))).toEqual([])
    expect(await here.write((tx) => tx.dueTimers('bots', 50, 10))).toEqual([{ project: 'bots', kind: 'quiet', key: 'a', dueMs: 50 }])
    await here.write((tx) => tx.removeTimers([{ project: 'bots', kind: 'quiet', key: 'a' }, { project: 'bots', kind: 'quiet', key: 'none' }]))
    expect(await here.write((tx) => tx.dueTimers('bots', 50, 10))).toEqual([])
  })

  test('a channel is paused until it is resumed; pausing again replaces what is known', async () => {
    const pause = { project: 'bots', channel: 'sms', why: 'bad-config', cause: 'the token was refused', sinceMs: 5, untilMs: 10, lengthMs: 5, failedProbes: 0 } as const
    await here.write((tx) => tx.pauseChannel(pause))
    await here.write((tx) => tx.pauseChannel({ ...pause, untilMs: 99 }))
    expect(await here.write((tx) => tx.pauses('bots'))).toEqual([{ ...pause, untilMs: 99 }])
    await here.write((tx) => tx.resumeChannel('bots', 'sms'))
    expect(await here.write((tx) => tx.pauses('bots'))).toEqual([])
  })

  test('a pause keeps why and how long it is, and what was let through in it, over a restart', async () => {
    const pause = { project: 'bots', channel: 'sms', why: 'failing', cause: 'no answer', sinceMs: 5, untilMs: 10, lengthMs: 600_000, failedProbes: 2, probe: 41 } as const
    await here.write((tx) => tx.pauseChannel(pause))
    const again = await here.reopen()
    expect(await again.transaction((tx) => tx.pauses('bots'))).toEqual([pause])
    expect(await again.transaction((tx) => tx.pauses('others'))).toEqual([])
  })

  test('the health of a channel is kept until it is cleared, over a restart, and for each project', async () => {
    const ill = { project: 'bots', channel: 'sms', failingSinceMs: sampleMs, lastMs: sampleMs + 5, failures: 3, firstDelivery: 41, areSeveral: false }
    await here.write((tx) => tx.putChannelHealth({ ...ill, failures: 2 }))
    await here.write((tx) => tx.putChannelHealth(ill))
    await here.write((tx) => tx.putChannelHealth({ ...ill, channel: 'mail', areSeveral: true }))
    const again = await here.reopen()
    expect(await again.transaction((tx) => tx.channelHealth('bots'))).toEqual([{ ...ill, channel: 'mail', areSeveral: true }, ill])
    expect(await again.transaction((tx) => tx.channelHealth('others'))).toEqual([])
    await again.transaction((tx) => tx.clearChannelHealth('bots', 'mail'))
    expect(await again.transaction((tx) => tx.channelHealth('bots'))).toEqual([ill])
  })

  test('an address is bad on its channel only', async () => {
    const bad = { project: 'bots', channel: 'mail', address: 'gone@example.com', code: '550', sinceMs: 5, untilMs: 100 }
    await here.write((tx) => tx.addBadAddress(bad))
    await here.write((tx) => tx.addBadAddress(bad))
    const asked = [{ project: 'bots', channel: 'other', address: bad.address }, { project: 'bots', channel: 'mail', address: bad.address }, { project: 'bots', channel: 'mail', address: 'ok@example.com' }]
    expect(await here.write((tx) => tx.badAddresses(asked, 10))).toEqual([undefined, bad, undefined])
  })

  test('a bad address is asked again when its time is over, and forgotten when it works', async () => {
    const address = { project: 'bots', channel: 'mail', address: 'full@example.com' }
    const known = async (nowMs: number) => (await here.write((tx) => tx.badAddresses([address], nowMs)))[0]
    await here.write((tx) => tx.clearBadAddresses([address]))
    await here.write((tx) => tx.addBadAddress({ ...address, code: '452', sinceMs: 5, untilMs: 100 }))
    expect(await known(99)).toMatchObject({ code: '452' })
    expect(await known(100)).toBeUndefined()
    await here.write((tx) => tx.addBadAddress({ ...address, code: '452', sinceMs: 101, untilMs: 200 }))
    expect(await known(199)).toMatchObject({ sinceMs: 101 })
    await here.write((tx) => tx.clearBadAddresses([{ ...address, project: 'other' }, { ...address, channel: 'sms' }]))
    expect(await known(199)).toBeDefined()
    await here.write((tx) => tx.clearBadAddresses([address]))
    expect(await known(199)).toBeUndefined()
  })
}
