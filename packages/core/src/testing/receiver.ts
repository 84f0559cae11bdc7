import { z } from 'zod'
import type { ChannelType, Message, SendTools } from '../model/channel.ts'
import { systemClock } from '../model/clock.ts'
import type { Outcome } from '../model/outcome.ts'

/** What a test answers for a channel; a channel written without types may answer anything. */
export type Answer = (message: Message, count: number, tools: SendTools) => unknown

/** A kind of channel that keeps what it got and answers as it is told. */
export class Receiver {
  readonly messages: Message[] = []
  readonly type: ChannelType
  answer: Answer = sent
  /** Sends that wait for their answer. */
  readonly #held: ((outcome: unknown) => void)[] = []

  constructor(type: string, more: Partial<Pick<ChannelType, 'address' | 'shape' | 'can' | 'limits' | 'needsFirst'>> = {}) {
    this.type = {
      type,
      settings: z.looseObject({}),
      address: 'email',
      shape: 'full',
      limits: { bodyCharsMax: 4_000, concurrency: 5 },
      can: { deduplicates: false, resolves: true },
      ...more,
      create: () => ({
        send: async (message, tools) => {
          this.messages.push(message)
          return (await this.answer(message, this.messages.length, tools)) as Outcome // what is none is part of some tests
        },
      }),
    }
  }

  get subjects(): readonly string[] {
    return this.messages.map(({ subject }) => subject)
  }

  /** From now on sends wait until `release`. */
  hold(): void {
    this.answer = () => new Promise((resolve) => this.#held.push(resolve))
  }

  /** Answers what waits, and what comes later is sent. */
  release(outcome: unknown = sent()): void {
    this.answer = sent
    for (const resolve of this.#held.splice(0)) resolve(outcome)
  }
}

function sent(): Outcome {
  return { kind: 'sent' }
}

/** The first thing that `look` finds; at most `withinMs`. */
export async function until<T>(look: () => T | undefined | false | Promise<T | undefined | false>, withinMs = 15_000): Promise<T> {
  const endMs = systemClock.monotonicMs() + withinMs
  for (;;) {
    const found = await look()
    if (found !== undefined && found !== false) return found
    if (systemClock.monotonicMs() > endMs) throw new Error(`not seen within ${withinMs} ms`)
    await new Promise<void>((resolve) => systemClock.after(5, resolve))
  }
}
