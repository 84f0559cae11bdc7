import { spendSlotMs, slotBook, slotKinds } from '../../model/spend.ts'
import { isUnpriced, type Event } from '../../model/event.ts'
import type { SpendDelta } from '../../model/spend.ts'
import { groupKey } from '../group-key.ts'

/** Sums of one day that are told apart in one process; what is more counts as `other`: a store must not grow with every name that somebody thinks of. */
const scopesMax = 50
/** Days of which the scopes are known; older ones come late and are few. */
const daysMax = 4
const nameCharsMax = 100
const dayMs = 86_400_000

/** Who spent it, by what; empty where that is not known. */
export interface SlotScope {
  readonly agent: string
  readonly model: string
}

const otherScope: SlotScope = { agent: 'other', model: 'other' }

/** As it stands in the key of a sum. */
function slotScopeText({ agent, model }: SlotScope): string {
  return groupKey([agent.slice(0, nameCharsMax), model.slice(0, nameCharsMax)])
}

/** What `slotScopeText` wrote. */
export function slotScopeOf(text: string): SlotScope {
  const parts: string[] = ['']
  for (const [sign] of text.matchAll(/\\[\\|]|[^]/gu)) {
    if (sign === '|') parts.push('')
    else parts[parts.length - 1] += sign.length === 2 && sign.startsWith('\\') ? sign.slice(1) : sign
  }
  const [agent = '', model = ''] = parts
  return { agent, model }
}

/** Which scopes of which days this process has seen: it decides no sum, only which of them share one. */
export class SlotScopes {
  readonly #days = new Map<number, Set<string>>()

  /** The scope, or that of all others where the day has as many as it may have. */
  admit(day: number, scope: string): string {
    let known = this.#days.get(day)
    if (known === undefined) {
      if (this.#days.size >= daysMax) this.#days.delete(Math.min(...this.#days.keys()))
      this.#days.set(day, (known = new Set()))
    }
    if (known.has(scope)) return scope
    if (known.size >= scopesMax) return slotScopeText(otherScope)
    known.add(scope)
    return scope
  }
}

interface Slot {
  readonly project: string
  readonly startMs: number
  readonly scope: string
  nanoUsd: number
  calls: number
  unpriced: number
}

/** By project, first instant, agent and model: the names as they are, because to write a key for each event takes longer than all the rest. */
type BySlot = Map<string, Map<number, Map<string, Map<string, Slot>>>>

/** What a batch adds to the sums of ten minutes, by agent and model: what charts of spend are drawn from. Bounded by the batch. */
export class SlotBook {
  readonly #by: BySlot = new Map()
  readonly #slots: Slot[] = []
  readonly #scopes: SlotScopes

  constructor(scopes: SlotScopes) {
    this.#scopes = scopes
  }

  add(event: Event): void {
    const { llm } = event
    // One that is under way is counted when it is back.
    if (llm === undefined || event.type === 'llm.pending') return
    const slot = this.#slotOf(event, llm.model ?? '')
    slot.nanoUsd += llm.costNanoUsd ?? 0
    if (event.type !== 'llm.usage') slot.calls += 1
    if (isUnpriced(event)) slot.unpriced += 1
  }

  #slotOf({ project, atMs, agent = '' }: Event, model: string): Slot {
    const startMs = Math.floor(atMs / spendSlotMs) * spendSlotMs
    const ofAgent = inner(inner(inner(this.#by, project), startMs), agent)
    let slot = ofAgent.get(model)
    if (slot === undefined) {
      slot = { project, startMs, scope: this.#scopes.admit(Math.floor(startMs / dayMs), slotScopeText({ agent, model })), nanoUsd: 0, calls: 0, unpriced: 0 }
      ofAgent.set(model, slot)
      this.#slots.push(slot)
    }
    return slot
  }

  /** In the order of their keys, so that several writers meet in the same order. */
  deltas(): readonly SpendDelta[] {
    return this.#slots
      .toSorted((one, other) => one.startMs - other.startMs || compare(one.project, other.project) || compare(one.scope, other.scope))
      .flatMap(({ project, startMs, scope, nanoUsd, calls, unpriced }) => {
        const of = { project, budget: slotBook(startMs), scope, periodStartMs: startMs }
        return [{ ...of, epoch: slotKinds.spent, nanoUsd, unpriced: calls }, ...(unpriced > 0 ? [{ ...of, epoch: slotKinds.unpriced, nanoUsd: unpriced, unpriced: 0 }] : [])]
      })
  }
}

function inner<Key, Within, Value>(of: Map<Key, Map<Within, Value>>, key: Key): Map<Within, Value> {
  let found = of.get(key)
  if (found === undefined) of.set(key, (found = new Map<Within, Value>()))
  return found
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0
}
