import { seededChance } from '../../packages/core/src/model/chance.ts'
import { sleep, systemClock } from '../../packages/core/src/model/clock.ts'
import type { Node } from './nodes.ts'

/** What was accepted: answered with 2xx, so that it may not be lost any more. */
export interface Sent {
  /** Ids of events that somebody accepted. */
  readonly events: Set<string>
  /** Marks of the announcements among them. */
  readonly marks: Set<string>
  /** Calls among them. */
  readonly calls: Set<string>
  requests: number
  /** Requests for which no answer came, or one that says to come again. */
  tries: number
  /** Answers that there should be none of. */
  readonly wrong: string[]
}

/** Each call costs a tenth of a cent. */
export const callNanoUsd = 1_000_000
const callsInBatch = 8
const triesMax = 400
/** For each second that the database is away, more of them. */
const triesOfSecond = 40
/** Share of batches that are sent a second time, and of those at the same time. */
const againShare = 0.3

/**
 * Agents that send batches to any node, and again where no answer comes: two announcements, each of which is to be told once, and calls that cost.
 * Some batches are sent twice although they were answered, to another node, at once or later.
 */
export async function sendUntil(nodes: readonly Node[], key: string, until: () => boolean, options: { readonly senders: number; readonly seed: number; readonly pauseMs: number; readonly awaySeconds: number }): Promise<Sent> {
  const sent: Sent = { events: new Set(), marks: new Set(), calls: new Set(), requests: 0, tries: 0, wrong: [] }
  let next = 0
  await Promise.all(
    Array.from({ length: options.senders }, async (_, sender) => {
      const chance = seededChance(options.seed * 1_000 + sender)
      const later: (() => Promise<void>)[] = []
      while (!until()) {
        const batch = batchOf(++next, sender)
        const post = (): Promise<void> => postUntilTaken(nodes, key, batch, sent, { chance: () => chance.next(), triesMax: triesMax + options.awaySeconds * triesOfSecond })
        const again = chance.next() < againShare
        if (again && chance.next() < 0.5) later.push(post)
        await Promise.all(again && chance.next() < 0.5 ? [post(), post()] : [post()])
        if (later.length > 5) await later.shift()?.()
        await sleep(systemClock, options.pauseMs * 2 * chance.next())
      }
      for (const post of later) await post()
    }),
  )
  return sent
}

interface Batch {
  readonly events: readonly { readonly id: string; readonly [field: string]: unknown }[]
  readonly marks: readonly string[]
  readonly calls: readonly string[]
}

function batchOf(number: number, sender: number): Batch {
  const atMs = systemClock.nowMs()
  const marks = [`mark-${number}1`, `mark-${number}2`]
  const calls = Array.from({ length: callsInBatch }, (_, index) => `call-${number}-${index}`)
  return {
    marks,
    calls,
    events: [
      ...marks.map((mark) => ({ type: 'custom', source: 'native', id: mark, atMs, announcement: { title: `Chaos ${mark}`, severity: 'high' } })),
      ...calls.map((call) => ({
        type: 'llm.call', source: 'native', id: call, atMs, agent: `agent-${sender}`, status: 'ok', durationMs: 5,
        llm: { provider: 'openai', model: 'gpt-5', operation: 'chat', inputTokens: 10, outputTokens: 5, costNanoUsd: callNanoUsd, costSource: 'reported' },
      })),
    ],
  }
}

async function postUntilTaken(nodes: readonly Node[], key: string, batch: Batch, sent: Sent, { chance, triesMax: most }: { readonly chance: () => number; readonly triesMax: number }): Promise<void> {
  for (let tried = 0; tried < most; tried += 1) {
    const up = nodes.filter(({ url }) => url !== '')
    const node = up[Math.floor(chance() * up.length)]
    if (node === undefined) {
      await sleep(systemClock, 50)
      continue
    }
    sent.requests += 1
    try {
      const response = await fetch(`${node.url}/api/v1/events`, { method: 'POST', headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' }, body: JSON.stringify({ events: batch.events }), signal: AbortSignal.timeout(20_000) })
      const text = await response.text()
      if (response.status === 200) {
        // Reason for the cast: the contract of the address, and what is missing shows as wrong.
        const { accepted, duplicates, refused } = JSON.parse(text) as { accepted: number; duplicates: number; refused: readonly unknown[] }
        if (accepted + duplicates !== batch.events.length || refused.length > 0) sent.wrong.push(`${node.number}: ${text.slice(0, 300)}`)
        for (const { id } of batch.events) sent.events.add(id)
        for (const mark of batch.marks) sent.marks.add(mark)
        for (const call of batch.calls) sent.calls.add(call)
        return
      }
      if (response.status !== 429 && response.status !== 503) sent.wrong.push(`${node.number}: ${response.status} ${text.slice(0, 300)}`)
    } catch {
      // The node died with the request in hand: whether it was kept nobody knows, so it is sent again.
    }
    sent.tries += 1
    await sleep(systemClock, 20 + 80 * chance())
  }
  sent.wrong.push(`a batch was not taken in ${most} tries`)
}
