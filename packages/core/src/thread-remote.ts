import { hostname } from 'node:os'
import { isTold, RemoteSender } from './remote-sender.ts'
import { loadRemote } from './load-remote.ts'
import { systemChance } from './model/chance.ts'
import { systemClock } from './model/clock.ts'
import { errorText, TocsinError } from './model/error.ts'
import { markUnder } from './model/redact/mark.ts'
import { unpackEvents } from './packed-events.ts'
import { processName } from './rules/process-signs.ts'
import { createRows, type Rows } from './remote-event.ts'
import { spoolKey } from './remote-key.ts'
import { createRemoteSigns, type RemoteSigns } from './remote-signs.ts'
import { createPost } from './remote-post.ts'
import { tellOperator } from './stderr.ts'
import { SpoolFolder } from './stores/spool-folder.ts'
import type { Spool, SpoolRow } from './stores/spool.ts'
import { control, type FromEngine, type ToRemote } from './thread-protocol.ts'

/** Most characters of one request, and the most of a spool that is under way at once. */
const requestCharsMax = 1_000_000
const partUnderWay = 4

interface Running {
  readonly rows: Rows
  readonly spool: Spool
  readonly sender: RemoteSender
  readonly signs: RemoteSigns
}

/**
 * The server's side of the protocol: what is handed over is put into a file, which is the commit, and from there goes to the server. Where no
 * file can be written, only the server's answer is the commit.
 */
export function startThreadRemote(shared: Int32Array, post: (message: FromEngine) => void, end: () => void): { heard(message: ToRemote): void } {
  let running: Running | undefined
  let dropped = 0
  /** The main thread is blocked in its exit: what is to be told goes straight to the operator. */
  let mainIsBlocked = false
  /** What keeps events from being committed, for the exit: then no message is read any more. */
  let trouble = ''
  let lastBatch = 0
  /** Batches that came and are not committed, with the place of their last event where they are in memory; bounded by what the main thread keeps. */
  const uncommitted = new Map<number, { readonly last: number | undefined; readonly refused: readonly string[] }>()

  const notice = (text: string): void => {
    if (mainIsBlocked) tellOperator(text)
    else post({ kind: 'notice', text })
  }

  function start({ data, remote }: Extract<ToRemote, { kind: 'start' }>): void {
    try {
      const settings = loadRemote(remote)
      const key = spoolKey(data, systemChance)
      const rows = createRows({ clock: systemClock, chance: systemChance, key, apiKey: settings.apiKey, personalData: settings.personalData, process: remote.process })
      const keyMark = markUnder(key)('api-key', settings.apiKey)
      const spools = new SpoolFolder({ folder: data, clock: systemClock, bytesMax: remote.spoolBytesMax, keyMark, notice })
      const spool = spools.own
      const sender = new RemoteSender({
        own: spool,
        leftover: () => spools.leftover(),
        post: createPost(settings, systemClock),
        clock: systemClock,
        chance: systemChance,
        notice,
        host: settings.url.host,
        charsMax: Math.min(requestCharsMax, remote.spoolBytesMax / partUnderWay),
        lossRow: (loss) => rows.lossRow(loss),
        keyMark,
        onSettled: confirm,
        onBroken: (why) => post({ kind: 'broken', why }),
      })
      running = { rows, spool, sender, signs: createRemoteSigns(settings, processName(hostname(), remote.process), systemClock) }
      post({ kind: 'ready', channels: [] })
      sender.wake()
    } catch (failure) {
      trouble = errorText(failure)
      if (failure instanceof TocsinError && failure.retry === 'retry') post({ kind: 'broken', why: `sending to the server did not start: ${trouble}` })
      else post({ kind: 'fatal', code: failure instanceof TocsinError ? failure.code : 'engine-failed', message: `sending to the server did not start: ${trouble}` })
    }
  }

  function commit({ batch, events }: Extract<ToRemote, { kind: 'events' }>): void {
    lastBatch = Math.max(lastBatch, batch)
    // Given again while it is in memory and not yet with the server.
    if (uncommitted.get(batch)?.last !== undefined) return
    uncommitted.set(batch, { last: undefined, refused: [] })
    if (running === undefined) return
    const { rows, spool, sender, signs } = running
    try {
      const refused: string[] = []
      const kept: SpoolRow[] = []
      for (const event of unpackEvents(events)) {
        if (event.type === 'session.start') signs.begin()
        const row = rows.rowOf(event)
        if ('refused' in row) refused.push(row.why)
        else kept.push(row)
      }
      const { last, dropped: count } = spool.append(kept)
      trouble = ''
      tellDropped(count)
      uncommitted.set(batch, { last: spool.isDurable ? 0 : last, refused })
      confirm()
      sender.wake()
    } catch (failure) {
      trouble = errorText(failure)
      post({ kind: 'failed', batch, why: trouble })
      if (failure instanceof TocsinError && failure.code === 'store-corrupt') post({ kind: 'broken', why: trouble })
    }
  }

  /** Batches whose events are all safe. */
  function confirm(): void {
    if (running === undefined) return
    for (const [batch, { last, refused }] of uncommitted) {
      if (last === undefined || (last > 0 && !running.spool.isDoneUpTo(last))) continue
      uncommitted.delete(batch)
      post({ kind: 'committed', batch, refused })
    }
    Atomics.store(shared, control.committed, Math.min(lastBatch + 1, ...uncommitted.keys()) - 1)
  }

  function tellDropped(count: number): void {
    const before = dropped
    dropped += count
    if (isTold(before, dropped)) notice(`${dropped} events were dropped so far, because the file in which they wait for the server is full (option spoolBytesMax)`)
  }

  async function stop(which: 'all' | 'critical', forMs: number): Promise<void> {
    if (running === undefined) return
    const { sender, spool, signs } = running
    signs.stop()
    // Should the time run out in between, the main thread knows at least how many there were.
    Atomics.store(shared, control.waiting, spool.isDurable ? spool.waiting : 0)
    await sender.finish(which, systemClock.monotonicMs() + forMs)
    Atomics.store(shared, control.waiting, spool.isDurable ? spool.waiting : 0)
    spool.close()
  }

  function finish(which: 'all' | 'critical', forMs: number): void {
    stop(which, forMs)
      .then(() => {
        if (mainIsBlocked && trouble !== '') tellOperator(trouble)
      })
      .catch((failure: unknown) => notice(`sending to the server did not stop in order: ${errorText(failure)}`))
      .finally(() => {
        Atomics.store(shared, control.done, 1)
        Atomics.notify(shared, control.done)
        post({ kind: 'closed' })
        end()
      })
  }

  return {
    heard(message) {
      switch (message.kind) {
        case 'start':
          return start(message)
        case 'events':
          return commit(message)
        case 'close':
          return finish('all', message.forMs)
        case 'exit':
          mainIsBlocked = true
          // What passed since then is gone; where the wall clock was moved meanwhile, nothing is.
          return finish('critical', message.forMs - Math.min(message.forMs, Math.max(0, systemClock.nowMs() - message.atMs || 0)))
      }
    },
  }
}
